"""Read XML transcripts: Podlove, YouTube, TTML, and others that keep speech in elements with times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element, ParseError, fromstring

from ingest.readers.fields import END, PERSON, SPEAKER, START, START_MS, TEXT, fold_field
from ingest.readers.records.json_records import find_lines
from ingest.readers.text_encoding import decode_text
from ingest.script import Script
from kb.errors import UnreadableFile

INLINE = frozenset({"span", "br", "s", "i", "b", "u", "em", "strong", "font"})
PLAIN_ATTRIBUTES = frozenset({"type", "lang", "space"})  # say nothing about time or speaker
FIELDS = frozenset((*TEXT, *SPEAKER, *PERSON, *START, *START_MS, *END, "id"))
TICKS = re.compile(r"(\d{1,18})t$")
# Entities, and with them every known attack by XML, need a declaration. Without one the parser in C is safe, and it is
# three times as fast as the hardened ones in Python.
DOCUMENT_TYPE = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.I)
DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")
DEEPEST = 60  # levels of elements
MOST_ELEMENTS = 2_000_000  # words of more than 100 hours
DOUBLE_ESCAPED = re.compile(r"&(?:amp;)?(?:#39|quot|amp|gt|lt);")


def read(data: bytes, _name: str) -> Script:
    """Read the spoken elements of an XML file. Raises UnreadableFile when it is broken or holds no transcript."""
    text, _ = decode_text(data)
    if text.count("<") > 2 * MOST_ELEMENTS:
        raise UnreadableFile("the XML holds more elements than any transcript")
    if DOCUMENT_TYPE.search(text):
        raise UnreadableFile("the XML declares entities or a document type; save it without them")
    try:
        # The declaration is removed, because the text is decoded already.
        root = fromstring(DECLARATION.sub("", text, count=1).strip())  # noqa: S314  # see DOCUMENT_TYPE
    except ParseError as error:
        raise UnreadableFile(f"the XML is broken: {error}") from error
    lines = find_lines({_local(root.tag): _to_record(root, _tick_rate(root), 0)})
    if not lines:
        raise UnreadableFile("this XML holds no transcript; export the talk itself, with its words")
    language = next((value for key, value in root.attrib.items() if _local(key) == "lang"), None)
    return Script("xml", lines, {"language": language} if language else {})


def _to_record(element: Element, rate: float, depth: int) -> dict[str, object] | str:
    """Convert an element to a record: attributes and single children as fields, others as lists."""
    if depth > DEEPEST:
        raise UnreadableFile("the XML is nested deeper than any transcript")
    record: dict[str, object] = {_attribute(key): _value(value, rate) for key, value in element.attrib.items()}
    if _is_leaf(element):
        text = _text_of(element)
        return text if record.keys() <= PLAIN_ATTRIBUTES else {**record, "text": text}
    children: dict[str, list[dict[str, object] | str]] = {}
    for child in element:
        if isinstance(child.tag, str):
            children.setdefault(_tag(child.tag), []).append(_to_record(child, rate, depth + 1))
    for name, records in children.items():
        is_field = len(records) == 1 and isinstance(records[0], str) and fold_field(name) in FIELDS
        plain = [{"text": child} if isinstance(child, str) else child for child in records]
        record[name] = records[0] if is_field else plain
    return record


def _is_leaf(element: Element) -> bool:
    """Whether an element is a run of text, with only emphasis, breaks and notes in it."""
    if len(element) == 0 or (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        return True
    return all(_local(child.tag) in INLINE for child in element if isinstance(child.tag, str))


def _text_of(element: Element) -> str:
    if len(element) == 0:
        text = element.text or ""
    else:
        for child in element.iter():
            if isinstance(child.tag, str) and _local(child.tag) == "br":
                child.text = "\n"
        text = "".join(element.itertext())
    return unescape(text) if "&" in text and DOUBLE_ESCAPED.search(text) else text


@lru_cache(maxsize=1024)
def _tag(tag: str) -> str:
    """Return a tag without its namespace; TTML lists its people as agents."""
    name = _local(tag)
    return "speakers" if name == "agent" else name


@lru_cache(maxsize=1024)
def _attribute(key: str) -> str:
    name = _local(key)
    return "speaker" if name == "agent" else name


def _value(value: str, rate: float) -> object:
    """Read an attribute's value; TTML may count ticks."""
    ticks = TICKS.match(value)
    return int(ticks[1]) / rate if ticks else value


def _tick_rate(root: Element) -> float:
    stated: Mapping[str, str] = {_local(key): value for key, value in root.attrib.items()}
    rate = stated.get("tickRate", "")
    return float(rate) if rate.isdigit() and 0 < len(rate) < 12 and int(rate) else 1.0


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]
