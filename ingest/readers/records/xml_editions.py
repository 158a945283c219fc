"""Read XML of archives: parliamentary debates in Akoma Ntoso, oral histories in OHMS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element

from ingest.readers.captions import vtt
from ingest.readers.records.xml_tree import find_all, find_first, tag_of, words_of
from ingest.readers.words import name_speaker
from ingest.script import Line, Script

SPEECHES = frozenset({"speech", "question", "answer", "speechGroup"})
BLOCKS = SPEECHES | frozenset("p li item heading subheading narrative scene summary list ul ol other block".split())
HEADINGS = frozenset("heading subheading num narrative scene summary note recordedTime".split())
REMARKS = frozenset({"from", "noteRef", "authorialNote"})  # inside a speech, and no words of it
LONGEST_LABEL = 80  # characters of what stands in front of a speech; more is a sentence about it

OHMS_MARK = re.compile(r"(\d{0,6})\(\d{1,6}\)")
OHMS_INTERVAL = re.compile(r"\s*(\d{1,3}):")
OHMS_NOTES = re.compile(r"\[\[footnotes\]\].*?(?:\[\[/footnotes\]\]|\Z)", re.S)
OHMS_NOTE_MARK = re.compile(r"\[\[footnote\]\][^\[\]]{0,20}\[\[/footnote\]\]")
NO_TRANSCRIPT = re.compile(r"\W*no transcripts?\W*(?:available\W*)?$", re.I)


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


def read_ohms(root: Element) -> Script | None:
    """Read OHMS: a transcript in one element, with labels in its text, and minutes by the number of its lines."""
    transcript = find_first(root, "transcript")
    if tag_of(root).lower() not in ("root", "record") or transcript is None or find_first(root, "sync") is None:
        return None
    card = _ohms_card(root)
    captions = "".join((find_first(root, "vtt_transcript") or root).itertext()).strip() if _has_captions(root) else ""
    if captions:
        script = vtt.read(captions.encode(), "")
        return replace(script, card={**script.card, **card})
    text = OHMS_NOTES.sub("", "".join(transcript.itertext()))
    if NO_TRANSCRIPT.match(text):
        return Script("text", (), card)
    starts = dict(_ohms_starts("".join(find_first(root, "sync").itertext())))  # type: ignore[union-attr]  # seen above
    rows = enumerate(OHMS_NOTE_MARK.sub("", text).split("\n"), 1)
    return Script("text", tuple(Line(" ".join(row.split()), start=starts.get(number)) for number, row in rows), card)


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


def _has_captions(root: Element) -> bool:
    captions = find_first(root, "vtt_transcript")
    return captions is not None and "-->" in "".join(captions.itertext())


def _ohms_starts(sync: str) -> Iterator[tuple[int, float]]:
    """Yield lines' numbers and seconds: in '5:|12(3)|40(1)|' line 12 comes after five minutes, line 40 after ten."""
    interval = OHMS_INTERVAL.match(sync)
    marks = [mark for mark in sync.partition(":")[2].split("|") if mark.strip()]
    for number, mark in enumerate(marks, 1):
        found = OHMS_MARK.match(mark.strip())
        if interval and found and found[1]:
            yield int(found[1]), 60.0 * int(interval[1]) * number


def _ohms_card(root: Element) -> dict[str, object]:
    record = find_first(root, "record") or root
    card: dict[str, object] = {}
    for child in record:
        if tag_of(child) in ("title", "interviewee", "interviewer") and (value := words_of(child)):
            card[tag_of(child)] = [*card[tag_of(child)], value] if tag_of(child) in card else [value]  # type: ignore[misc]
    if title := card.get("title"):
        card["title"] = title[0]  # type: ignore[index]  # lists are all we put there
    return card
