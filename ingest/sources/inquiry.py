"""Cut a day of a public inquiry, in reStructuredText, into one transcript a witness."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.sources.piece import Piece, make_slug
from ingest.speakers.person_name import read_name

# *MR MATT HANCOCK (affirmed).*
SWORN = re.compile(
    r"\*(?P<name>[^\W\d_][^*()\n]{2,80}?),?\s*\((?:[^()*\n]{0,40}\b)?(?:re-?)?(?:sworn|affirmed|called|recalled|continued)\b"
    r"[^()*\n]{0,40}\)\.?\*\s*$"
)
SWORN_WITHIN = 6  # lines below a witness's heading
LONGEST_HEADING = 120  # characters; a longer one is a paragraph that the source took for a heading
UNDERLINE = re.compile(r"(?P<sign>[=^~-])(?P=sign){2,}\s*$")
DIRECTIVE = re.compile(r"\.\. [\w-]+::")
LABEL = re.compile(r"\*\*(?P<label>[^*\n]{1,80})\*\*:")
COUNSEL = re.compile(r"(?i)(?:lead|counsel)(?: counsel)?(?: to)?(?: the)?(?: inquiry| \d[abc]?)(?: for module \w+)?$")
QUESTIONS = re.compile(r"(?i)(?:further )?(?:questions?|examination|re-?examination) (?:from|by|of)\b")
WITNESS = re.compile(r"(?i)the witness$")
ROLE = re.compile(r":[a-z-]+:`(?P<text>[^`<>]{0,200}?)(?:\s{0,4}\([^()`]{0,200}\))?`")
LINK = re.compile(r"`(?P<text>[^`<>]{1,300}?)\s{0,4}<[^`<>]{0,1000}>`_{1,2}")
ESCAPED = re.compile(r"\\([_*`|\\])")
INQUIRY_COUNSEL = "Counsel Inquiry"  # the commonest of the labels that the source has for them
BEFORE_TITLE = frozenset(("the", "right", "rt", "hon", "honourable"))
ADDRESS = "https://covid19.public-inquiry.uk/hearings/"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a day under one heading."""

    heading: str
    lines: tuple[str, ...]
    witnesses: tuple[str, ...] = ()


def cut_by_witness(name: str, data: bytes) -> list[Piece]:
    """Cut a day's hearing, named by its date, into the evidence of each witness; statements of counsel are left out."""
    day = name.removesuffix(".rst")
    witnesses: dict[tuple[str, ...], list[Section]] = {}
    waiting: list[Section] = []  # of witnesses who are sworn before the first of them is heard
    for section in _split_sections(data.decode(errors="replace").splitlines()):
        if names := _find_witnesses(section):
            waiting.append(replace(section, witnesses=names))
        if names and any(LABEL.match(line) for line in section.lines):
            together = tuple(dict.fromkeys(name for one in waiting for name in one.witnesses))
            witnesses.setdefault(together, []).extend(waiting)
            waiting = []
    return [_make_piece(day, names, sections) for names, sections in witnesses.items()]


def _split_sections(lines: Sequence[str]) -> Iterator[Section]:
    """Yield the parts of a day; a heading is underlined with hyphens, and one within a part with circumflexes."""
    heading, body = "", list[str]()
    for line, below in zip(lines, [*lines[1:], ""], strict=False):
        underline = UNDERLINE.match(below) if line.strip() else None
        if underline and underline["sign"] == "-" and not QUESTIONS.match(line):
            yield Section(heading, tuple(body))
            heading, body = line.strip(), []
        elif underline:
            body.append(f"## {line.strip()}")
        elif not UNDERLINE.match(line) and not DIRECTIVE.match(line):
            body.append(line)
    yield Section(heading, tuple(body))


def _find_witnesses(section: Section) -> tuple[str, ...]:
    """Find whose evidence a part is: those who are sworn under its heading; nobody in a statement of counsel."""
    if not section.heading or len(section.heading) > LONGEST_HEADING:
        return ()
    filled = [line.strip() for line in section.lines if line.strip()][:SWORN_WITHIN]
    sworn = [found["name"] for line in filled if (found := SWORN.match(line)) and read_name(found["name"]).title]
    titled = re.split(r"\s+and\s+", section.heading)
    headings = titled if len(titled) == len(sworn) else [""] * len(sworn)
    return tuple(_name_person(full, short) for full, short in zip(sworn, headings, strict=True))


def _name_person(sworn: str, heading: str) -> str:
    """Name a witness without titles: as the heading does, or as sworn where that has no first name."""
    return next((name for text in (heading, sworn) if " " in (name := _drop_titles(text))), _spell_title(sworn))


def _spell_title(sworn: str) -> str:
    """Write a title and a surname that are in capitals, without what is said before every title."""
    return " ".join(word.title() for word in sworn.split() if word.casefold().strip(".") not in BEFORE_TITLE)


def _drop_titles(text: str) -> str:
    """Return the words of a name that are no title, not in capitals."""
    known = [word for word in read_name(text).words if word not in BEFORE_TITLE]
    words = [word for word in text.split() if read_name(word).words and set(read_name(word).words) <= set(known)]
    return " ".join(word.title() if word.isupper() else _restore_small(word) for word in words)


def _restore_small(word: str) -> str:
    """Write a name such as 'McBRIDE' as names are written."""
    return word[:2] + word[2:].title() if word[2:].isupper() and not word.isupper() else word


def _make_piece(day: str, names: tuple[str, ...], sections: Sequence[Section]) -> Piece:
    """Write the evidence of a witness as Markdown; the labels of counsel to the inquiry become one."""
    title = f"Evidence of {' and '.join(names)}"
    headings = {section.heading: names[0] for section in sections} if len(names) == 1 else {}
    lines = [_clean(line, headings) for section in sections for line in section.lines]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join([f"# {title}, {day}", "", *lines])).rstrip() + "\n"
    facts = {"guest": "; ".join(names), "title": title, "date": day, "url": ADDRESS}
    return Piece(f"{day}-{make_slug(' '.join(names))}.md", text.encode(), facts)


def _clean(line: str, witness: Mapping[str, str]) -> str:
    """Take the marks of the format out of a line, and write its label as a reader knows the speaker.

    `witness` is the name of the one witness by the heading, which is their label.
    """
    if found := LABEL.match(line):
        label = found["label"].strip()
        if COUNSEL.match(re.sub(r"[^\w ]", "", label)):
            label = INQUIRY_COUNSEL
        elif witness and (label in witness or WITNESS.match(label)):
            label = next(iter(witness.values()))
        line = f"**{label}**:{line[found.end() :]}"
    plain = LINK.sub(lambda link: link["text"], ROLE.sub(lambda role: role["text"], line))
    return ESCAPED.sub(r"\1", plain.replace("``", ""))
