"""Read Markdown transcripts: front matter, headings, and paragraphs without their markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape

import yaml

from ingest.readers.text_encoding import decode_text
from ingest.script import Line, Script

FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.{0,65536}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.S)
HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
RULE = re.compile(r"\s{0,3}(?:[-*_=]\s*){3,}$")
FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
DEFINITION = re.compile(r"\s{0,3}\[[^\]\n]{1,200}\]:\s+<?(?:[a-z][a-z+.-]{1,10}:|[/#.])\S*", re.I)
QUOTE = re.compile(r"\s{0,3}(?:>\s?)+(?:\[![\w-]+\][+-]?\s*)?")
BULLET = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+(?=\*\*|__|\[?\d{1,2}:\d\d)")
TABLE_RULE = re.compile(r"\s*\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?$")
COMMENT = re.compile(r"<!--.{0,10000}?-->|%%.{0,10000}?%%", re.S)
BLOCK_ID = re.compile(r"\s+\^[\w-]{1,40}\s*$")

TEXT = r"(?:[^\[\]\\\n]|\\.|\[[^\[\]\n]{0,200}\]){0,500}"
MARKUP = re.compile(
    rf"""\\(?P<escaped>[!-/:-@\[-`{{-~])
    |!\[{TEXT}\]\([^()\n]{{0,500}}\)
    |\[(?P<link>{TEXT})\]\((?:[^()\n]|\([^()\n]{{0,200}}\)){{0,1000}}\)
    |\[\[(?:[^\[\]|\n]{{1,200}}\|)?(?P<wiki>[^\[\]|\n]{{1,200}})\]\]
    |\[(?P<reference>[^\[\]\n]{{1,200}})\]\[[^\[\]\n]{{0,200}}\]
    |<(?P<address>(?:https?|mailto):[^<>\s]{{1,500}})>
    |</?(?:a|b|i|u|em|strong|span|br|p|div|sup|sub|small|mark|font|cite|time|center|details|summary|blockquote|img)\b[^<>\n]{{0,500}}>
    |(?P<mark>\*{{1,3}}|(?<![^\W_])_{{1,3}}(?=\S)|(?<=\S)_{{1,3}}(?![^\W_])|==|~~|`+)""",
    re.X | re.I,
)


def read(data: bytes, name: str) -> Script:
    """The paragraphs and headings of a Markdown file."""
    text, _ = decode_text(data)
    card, body, warnings = split_front_matter(text)
    return Script("markdown", tuple(_read_lines(COMMENT.sub("", body))), card, warnings)


def split_front_matter(text: str) -> tuple[Mapping[str, object], str, tuple[str, ...]]:
    """The facts at the head of a text, the rest of it, and a warning where the facts cannot be read."""
    head = FRONT_MATTER.match(text)
    if not head:
        return {}, text, ()
    try:
        facts = yaml.safe_load(head[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text[head.end() :], ("the front matter is not valid YAML and was left out",)
    if not isinstance(facts, dict):
        return {}, (text if facts else text[head.end() :]), ()
    return {str(key).strip().lower(): value for key, value in facts.items()}, text[head.end() :], ()


def strip_markup(text: str) -> str:
    """A run of Markdown as it reads: escapes undone, links as their text, emphasis dropped."""
    if not any(sign in text for sign in "\\[<*_=~`&"):
        return text
    return unescape(_drop_markup(text))


def _read_lines(body: str) -> Iterator[Line]:
    for row in body.split("\n"):
        if FENCE.match(row) or RULE.match(row) or TABLE_RULE.match(row):
            yield Line("")
        elif heading := HEADING.match(row):
            yield Line(strip_markup(heading[1]).strip(), heading=True)
            yield Line("")
        elif not DEFINITION.match(row):
            yield Line(_read_row(row))


def _read_row(row: str) -> str:
    quote = QUOTE.match(row)
    rest = row[quote.end() :] if quote else row
    bullet = BULLET.match(rest)
    text = strip_markup(BLOCK_ID.sub("", rest[bullet.end() :] if bullet else rest)).strip()
    if text.startswith("|") and text.endswith("|"):
        return "\t".join(cell.strip() for cell in text.strip("|").split("|"))
    return text


def _drop_markup(text: str) -> str:
    """One pass over the markup; a mark of emphasis goes only where it has a partner."""
    pieces: list[str] = []
    open_marks: dict[str, int] = {}
    place = 0
    for found in MARKUP.finditer(text):
        pieces.append(text[place : found.start()])
        place = found.end()
        if mark := found["mark"]:
            _match_mark(mark, pieces, open_marks)
        elif (inner := found["link"] or found["reference"]) is not None:
            pieces.append(_drop_markup(inner))
        else:
            pieces.append(
                found["escaped"] or found["wiki"] or found["address"] or (" " if found[0].startswith("<br") else "")
            )
    pieces.append(text[place:])
    return "".join(pieces)


def _match_mark(mark: str, pieces: list[str], open_marks: dict[str, int]) -> None:
    if mark in open_marks:
        pieces[open_marks.pop(mark)] = ""
        pieces.append("")
        return
    open_marks[mark] = len(pieces)
    pieces.append(mark)
