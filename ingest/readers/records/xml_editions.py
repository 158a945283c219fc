"""Read XML of parliaments: debates in Akoma Ntoso."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from ingest.readers.records.xml_tree import find_all, find_first, tag_of, words_of
from ingest.readers.words import name_speaker
from ingest.script import Line, Script

SPEECHES = frozenset({"speech", "question", "answer", "speechGroup"})
BLOCKS = SPEECHES | frozenset("p li item heading subheading narrative scene summary list ul ol other block".split())
HEADINGS = frozenset("heading subheading num narrative scene summary note recordedTime".split())
REMARKS = frozenset({"from", "noteRef", "authorialNote"})  # inside a speech, and no words of it
LONGEST_LABEL = 80  # characters of what stands in front of a speech; more is a sentence about it


def read_akoma_ntoso(root: Element) -> Script | None:
    """Read a debate in Akoma Ntoso: speeches name people of the references; what nobody says is set apart."""
    if tag_of(root) != "akomaNtoso" or find_first(root, *SPEECHES) is None:
        return None
    # The first edition of the format calls ids 'id', the later ones 'eId'.
    people = {
        one.get("eId") or one.get("id") or "": one.get("showAs", "").strip()
        for one in find_all(root, "TLCPerson", "TLCRole")
    }
    lines: list[Line] = []
    for part in (child for document in root for child in document):
        if tag_of(part) == "debateBody":
            lines += _notes(root)
        if tag_of(part) != "meta":
            lines += _debate_lines(part, None, people)
    title = words_of(find_first(root, "docTitle"))
    return Script("xml", tuple(lines), {"title": title} if title else {})


def _notes(root: Element) -> Iterator[Line]:
    """Yield the notes to the debate, which its head holds."""
    for note in find_all(root, "note"):
        if text := words_of(note):
            yield Line(text, heading=True)


def _debate_lines(part: Element, speaker: str | None, people: Mapping[str, str]) -> Iterator[Line]:
    """Yield the paragraphs of a part in order, those of a speech with its speaker."""
    name = tag_of(part)
    if not name or name in REMARKS:
        return
    if name in SPEECHES:
        speaker = _debater(part, people)
    if any(tag_of(inner) in BLOCKS for inner in part.iter() if inner is not part):
        for child in part:
            yield from _debate_lines(child, speaker, people)
    elif text := words_of(part, REMARKS):
        is_aside = speaker is None or name in HEADINGS
        yield Line(text, heading=True) if is_aside else Line(text, speaker=speaker)


def _debater(speech: Element, people: Mapping[str, str]) -> str | None:
    """Name who speaks as the record does in front of the words, else as the references do."""
    stated = people.get(speech.get("by", "").strip().removeprefix("#"), "")
    written = words_of(next((child for child in speech if tag_of(child) == "from"), None)).strip(" :–—-")
    return name_speaker((written if len(written) <= LONGEST_LABEL else "") or stated or written or None)
