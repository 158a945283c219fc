"""A collection as a REFI-QDA project (.qdpx), which programs for qualitative analysis import.

The standard is QDA-XML 1.0 of https://www.qdasoftware.org. Each interview is a text; each quotation a selection of it,
by code points, coded with the collection and its tags. Ids come from ours: a second export matches the first.
"""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from kb.exports.entry import INVENTED, Entry, Sheaf
from kb.exports.xml_text import clean_xml
from kb.model import Transcript
from kb.text.display import strip_bidi

NAMESPACE = "urn:QDA-XML:project:1.0"
MADE_AT = (1980, 1, 1, 0, 0, 0)  # of all files in the archive, so that it is the same every time
LOST = "Quotations that no longer stand in their interviews"
LONGEST_NAME = 60  # characters of a selection's name


@dataclass(frozen=True, slots=True)
class _Source:
    """A text of the project with what is selected of it."""

    id: str
    name: str
    text: str
    selected: tuple[tuple[Entry, int, int], ...]  # from a character to before another


def write_qdpx(sheaf: Sheaf) -> bytes:
    """Write a collection as a REFI-QDA project."""
    sources = _list_sources(sheaf)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        _write_file(archive, "project.qde", _write_project(sheaf, sources))
        for source in sources:
            _write_file(archive, f"sources/{_make_guid('source', source.id)}.txt", source.text.encode())
    return written.getvalue()


def _list_sources(sheaf: Sheaf) -> list[_Source]:
    sources = [_make_source(one, sheaf.entries) for one in sheaf.transcripts.values()]
    lost = [entry for entry in sheaf.entries if entry.span is None]
    if not lost:
        return sources
    text, selected = "", []
    for entry in lost:
        quote = _end_lines(entry.quote)
        selected.append((entry, len(text), len(text) + len(quote)))
        text += f"{quote}\n— {_end_lines(entry.who)}\n\n"
    return [*sources, _Source(f"lost:{sheaf.collection.id}", LOST, text, tuple(selected))]


def _make_source(transcript: Transcript, entries: Iterable[Entry]) -> _Source:
    """Make the text of an interview, and find the places of its quotations there."""
    card = transcript.interview
    text, starts = "", {}
    for turn in transcript.turns:
        text += f"{turn.speaker or 'Not named'}: "
        starts[turn.index] = len(text)
        text += f"{turn.text}\n\n"
    own = [(entry, entry.span) for entry in entries if entry.span and entry.interview.id == card.id]
    selected = tuple((entry, starts[span.turn] + span.start, starts[span.turn] + span.end) for entry, span in own)
    name = f"{card.title} [{INVENTED}]" if card.sample else card.title
    return _Source(card.id, name, _end_lines(text), selected)


def _write_project(sheaf: Sheaf, sources: Iterable[_Source]) -> bytes:
    made = {"creatingUserGUID": _make_guid("user"), "creationDateTime": sheaf.collection.created}
    project = etree.Element(f"{{{NAMESPACE}}}Project", nsmap={None: NAMESPACE})
    for name, value in {"name": _name(sheaf.collection.name), "origin": "Fusion", **made}.items():
        project.set(name, value)
    _add(_add(project, "Users"), "User", guid=_make_guid("user"), name="Fusion")
    codes = _add(_add(project, "CodeBook"), "Codes")
    for code in dict.fromkeys([sheaf.collection.name, *(tag for entry in sheaf.entries for tag in entry.tags)]):
        _add(codes, "Code", guid=_make_guid("code", code), name=_name(code), isCodable="true", color="#1f77b4")
    if held := list(sources):
        added = _add(project, "Sources")
        for source in held:
            _add_source(added, source, sheaf.collection.name)
    _add_notes(project, sheaf.entries)
    return bytes(etree.tostring(project, xml_declaration=True, encoding="utf-8"))


def _add_source(parent: Any, source: _Source, collection: str) -> None:
    guid = _make_guid("source", source.id)
    added = _add(parent, "TextSource", guid=guid, name=_name(source.name), plainTextPath=f"internal://{guid}.txt")
    added.set("creatingUser", _make_guid("user"))
    for entry, start, end in source.selected:
        selection = _add(
            added,
            "PlainTextSelection",
            guid=_make_guid("selection", entry.pin_id),
            name=_name(entry.quote)[:LONGEST_NAME],
            startPosition=str(start),
            endPosition=str(end),
            **_by(entry),
        )
        if told := _tell(entry):
            _add(selection, "Description").text = told
        for code in dict.fromkeys([collection, *entry.tags]):
            coding = _add(selection, "Coding", guid=_make_guid("coding", entry.pin_id, code), **_by(entry))
            _add(coding, "CodeRef", targetGUID=_make_guid("code", code))
        if entry.note:
            _add(selection, "NoteRef", targetGUID=_make_guid("note", entry.pin_id))


def _add_notes(project: Any, entries: Iterable[Entry]) -> None:
    noted = [entry for entry in entries if entry.note]
    if not noted:
        return
    notes = _add(project, "Notes")
    for entry in noted:
        name = _name(entry.quote)[:LONGEST_NAME]
        note = _add(notes, "Note", guid=_make_guid("note", entry.pin_id), name=name, **_by(entry))
        _add(note, "PlainTextContent").text = clean_xml(entry.note)


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)


def _by(entry: Entry) -> dict[str, str]:
    return {"creatingUser": _make_guid("user"), "creationDateTime": entry.added}


def _tell(entry: Entry) -> str:
    """Tell the note, and what became of the words: importers read it as the memo of a coding."""
    return clean_xml("\n".join(filter(None, (entry.note, entry.warning))))


def _name(text: str) -> str:
    return clean_xml(" ".join(strip_bidi(text).split()))


def _end_lines(text: str) -> str:
    """End lines as the standard wants; no offset changes."""
    return text.replace("\r", "\n")


def _make_guid(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"fusion-kb:{':'.join(parts)}"))


def _write_file(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, MADE_AT)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)
