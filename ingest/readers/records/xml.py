"""Read XML transcripts: Podlove, YouTube, TTML, and others that keep speech in elements with times.

Formats that keep times or people by reference have readers of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element

from ingest.readers.documents import text as plain_text
from ingest.readers.fields import END, PERSON, SPEAKER, START, START_MS, TEXT, fold_field
from ingest.readers.records.json_records import find_lines
from ingest.readers.records.xml_editions import read_akoma_ntoso
from ingest.readers.records.xml_ohms import read_ohms
from ingest.readers.records.xml_tei import read_tei
from ingest.readers.records.xml_tiers import read_elan, read_exmaralda, read_transcriber
from ingest.readers.records.xml_tree import join_tokens, local, parse_tree, tag_of
from ingest.readers.text_encoding import decode_text
from ingest.script import Line, Script
from kb.errors import UnreadableFile

EDITIONS: tuple[Callable[[Element], Script | None], ...] = (read_tei, read_akoma_ntoso, read_ohms)
TIERS: tuple[Callable[[Element], tuple[Line, ...]], ...] = (read_elan, read_exmaralda, read_transcriber)
INLINE = frozenset({"span", "br", "s", "i", "b", "u", "em", "strong", "font"})
PLAIN_ATTRIBUTES = frozenset({"type", "lang", "space"})  # say nothing about time or speaker
FIELDS = frozenset((*TEXT, *SPEAKER, *PERSON, *START, *START_MS, *END, "id"))
TICKS = re.compile(r"(\d{1,18})t$")
OFFSET = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|m|s|ms)$")  # TTML
UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
MOMENTS = ("begin", "end", "dur")
HEAD = 4_000  # characters in which a file may state its type of document
FEW_WORDS = 3  # spans with times; fewer may be the parts of one word
DOUBLE_ESCAPED = re.compile(r"&(?:amp;)?(?:#39|quot|amp|gt|lt);")
NO_TRANSCRIPT = "this XML holds no transcript; export the talk itself, with its words"


def read(data: bytes, _name: str) -> Script:
    """Read the spoken elements of an XML file. Raises UnreadableFile when it is broken or holds no transcript."""
    text, _ = decode_text(data)
    root = parse_tree(text)
    script = next((script for reader in EDITIONS if (script := reader(root))), None)
    script = script or _read_lines(root, is_typed="<!DOCTYPE" in text[:HEAD])
    if not script.lines:
        raise UnreadableFile(NO_TRANSCRIPT)
    language = next((value for key, value in root.attrib.items() if local(key) == "lang"), None)
    return replace(script, card={"language": language, **script.card}) if language else script


def _read_lines(root: Element, *, is_typed: bool) -> Script:
    """Read a document of another format; settings, drawings and the like mostly state a type of document."""
    lines = next((lines for reader in TIERS if (lines := reader(root))), None)
    if lines is None:
        is_timed_text = local(root.tag) == "tt"
        record = {local(root.tag): _to_record(root, _tick_rate(root))}
        lines = find_lines(record, in_seconds=is_timed_text and _states_seconds(root))
    if any(line.speaker or line.start is not None for line in lines):
        return Script("xml", lines)
    if is_typed or not lines:
        return Script("xml", ())
    return plain_text.read("\n".join(line.text for line in lines).encode(), "")


def _states_seconds(root: Element) -> bool:
    """Whether timed text writes its times as no count of milliseconds is written: '3.000', '00:00:03', '3s'."""
    values = (element.get(key, "") for element in root.iter() for key in ("begin", "end"))
    return any(mark in value for value in values for mark in ".:smh")


def _to_record(element: Element, rate: float) -> dict[str, object] | str:
    """Convert an element to a record: attributes and single children as fields, others as lists."""
    record: dict[str, object] = {
        _attribute(key): _value(local(key), value, rate) for key, value in element.attrib.items()
    }
    if _is_leaf(element):
        text = _text_of(element)
        return text if record.keys() <= PLAIN_ATTRIBUTES else {**record, "text": text}
    children: dict[str, list[dict[str, object] | str]] = {}
    for child in element:
        if isinstance(child.tag, str):
            children.setdefault(_tag(child.tag), []).append(_to_record(child, rate))
    for name, records in children.items():
        is_field = len(records) == 1 and isinstance(records[0], str) and fold_field(name) in FIELDS
        plain = [{"text": child} if isinstance(child, str) else child for child in records]
        record[name] = records[0] if is_field else plain
    return record


def _is_leaf(element: Element) -> bool:
    """Whether an element is a run of text, with only emphasis, breaks and notes in it."""
    if len(element) == 0 or (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        return True
    return all(local(child.tag) in INLINE for child in element if isinstance(child.tag, str))


def _text_of(element: Element) -> str:
    if len(element) == 0:
        text = element.text or ""
    else:
        for child in element.iter():
            if isinstance(child.tag, str) and local(child.tag) == "br":
                child.text = "\n"
        text = join_tokens(element.itertext()) if _is_word_by_word(element) else "".join(element.itertext())
    return unescape(text) if "&" in text and DOUBLE_ESCAPED.search(text) else text


def _is_word_by_word(element: Element) -> bool:
    """Whether each span is a word with a time of its own, and no blanks stand between them."""
    spans = [child for child in element.iter() if child is not element and len(child) == 0 and tag_of(child) == "span"]
    if any(local(key) == "unit" and value == "word" for span in spans[:1] for key, value in span.attrib.items()):
        return True
    text = "".join(element.itertext()).strip()
    return len(spans) >= FEW_WORDS and all("begin" in span.attrib for span in spans) and " " not in text


@lru_cache(maxsize=1024)
def _tag(tag: str) -> str:
    """Return a tag without its namespace; TTML lists its people as agents."""
    name = local(tag)
    return "speakers" if name == "agent" else name


@lru_cache(maxsize=1024)
def _attribute(key: str) -> str:
    name = local(key)
    return "speaker" if name == "agent" else name


def _value(name: str, value: str, rate: float) -> object:
    """Read an attribute's value; TTML may count ticks, or name the unit, and may refer to a person by '#id'."""
    if name == "agent":
        return value.removeprefix("#")
    if ticks := TICKS.match(value):
        return int(ticks[1]) / rate
    offset = OFFSET.match(value) if name in MOMENTS else None
    return float(offset[1]) * UNITS[offset[2]] if offset else value


def _tick_rate(root: Element) -> float:
    stated: Mapping[str, str] = {local(key): value for key, value in root.attrib.items()}
    rate = stated.get("tickRate", "")
    return float(rate) if rate.isdigit() and 0 < len(rate) < 12 and int(rate) else 1.0
