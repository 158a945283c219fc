"""Read Markdown transcripts: front matter, headings, and paragraphs without their markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape

import yaml

from ingest.readers.clock import CLOCK
from ingest.readers.documents.blocks import DAMAGE, Leads, asks, do_italics_ask
from ingest.readers.text_encoding import decode_text, refuse_endless
from ingest.script import Line, Script

FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(.{0,65536}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.S)
HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(\S.*)$")
HEADING_END = re.compile(r"(?<=[ \t])#+[ \t]*$")
UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
FENCE = re.compile(r" {0,3}(?:```|~~~)")
DEFINITION = re.compile(r" {0,3}\[[^\]\n]{1,200}\]:\s+<?(?:[a-z][a-z+.-]{1,10}:|[/#.])\S*", re.I)
QUOTE = re.compile(r" {0,3}(?:>[ \t]?)+(?:\[![\w-]+\][+-]?[ \t]*)?")
BULLET = re.compile(rf"\s*(?:[-*+]|\d{{1,3}}[.)])\s+(?=\*\*|__|\[|\(?{CLOCK})")
TABLE_RULE = re.compile(r"[ \t]{0,9}\|?(?:[ \t]{0,9}:?-{2,}:?[ \t]{0,9}\|)+(?:[ \t]{0,9}:?-{2,}:?[ \t]*)?$")
COMMENTS = (("<!--", "-->"), ("%%", "%%"))
BLOCK_ID = re.compile(r"\s\^[\w-]{1,40}\s*$")
BOLD_ROW = re.compile(r"\s*(?:\*\*|__)(?P<words>(?:(?!\*\*|__).){2,300})(?:\*\*|__)\s*$")
BOLD_LEAD = re.compile(
    r"\s*(?:\*\*|__)(?P<lead>(?:(?!\*\*|__)[^*\n]){1,60}?)(?<![:：\s])(?:\*\*|__)[ \t]+(?=[^\s:：([–—|,.\d`*_-])"
)
BOLD_QUESTION = re.compile(r"\s*(?:\*\*|__)(?P<lead>(?:(?!\*\*|__)[^\n]){2,400}?[?？؟][\"”»]?)\s?(?:\*\*|__)\s+(?=\S)")
ITALIC_ROW = re.compile(r"\s*([*_])(?P<words>[^\s*_](?:(?!\1)[^\n]){1,400})\1\s*$")
BOLD_LABEL = re.compile(r"\s*(?:\*\*|__)(?P<lead>[^*\n:：]{1,60}?)\s*(?:[:：]\s*(?:\*\*|__)|(?:\*\*|__)\s*[:：])")
QUOTED_SHARE = 0.3  # of the lines; if more are quoted, the quotation is the transcript

BARE_CLOCK = re.compile(rf"{CLOCK}$")
TEXT = r"(?:[^\[\]\\\n]|\\.|\[[^\[\]\n]{0,200}\]){0,500}"
SIGN = re.compile(r"[\\!\[<*_=~`]")  # all markup begins with one of these
MARKED = re.compile(r"[\\\[<*_=~`&]")  # a text without any of these is plain
MARKUP = re.compile(
    rf"""\\(?P<escaped>[!-/:-@\[-`{{-~])
    |!\[{TEXT}\]\([^()\n]{{0,500}}\)
    |!\[\[[^\[\]\n]{{1,200}}\]\]
    |\[(?P<link>{TEXT})\]\((?:[^()\n]|\([^()\n]{{0,200}}\)){{0,1000}}\)
    |\[\[(?:[^\[\]|\n]{{1,200}}\|)?(?P<wiki>[^\[\]|\n]{{1,200}})\]\]
    |\[(?P<reference>[^\[\]\n]{{1,200}})\]\[[^\[\]\n]{{0,200}}\]
    |<(?P<address>(?:https?|mailto):[^<>\s]{{1,500}})>
    |</?(?P<tag>a|b|i|u|em|strong|span|br|p|div|sup|sub|small|mark|font|cite|time|center|details|summary|blockquote|img)\b[^<>\n]{{0,500}}>
    |(?P<mark>(?<=\S)\*{{1,3}}|\*{{1,3}}(?=\S)|(?<![^\W_])_{{1,3}}(?=\S)|(?<=\S)_{{1,3}}(?![^\W_])|==|~~|`+)""",
    re.X | re.I,
)


def read(data: bytes, _name: str) -> Script:
    """Read the paragraphs and headings of a Markdown file. Raises UnreadableFile when it is binary."""
    text, _ = decode_text(data)
    refuse_endless(text.count("\n"))
    card, body, warnings = split_front_matter(text)
    return Script("markdown", tuple(_read_lines(_drop_comments(body).split("\n"))), card, warnings)


def split_front_matter(text: str) -> tuple[Mapping[str, object], str, tuple[str, ...]]:
    """Split a text into the facts at its head, the rest, and a warning if the facts cannot be read."""
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
    """Convert a run of Markdown to plain text: undo escapes, replace links by their text, drop emphasis."""
    if not MARKED.search(text):
        return text
    return unescape(_drop_markup(text)).replace("\xa0", " ")


def read_cells(row: str) -> str:
    """Return the cells of a row of a table, separated by tabs."""
    return "\t".join(strip_markup(cell).strip() for cell in row.strip().strip("|").split("|"))


def _drop_comments(text: str) -> str:
    """Remove comments from a text; a comment that is never closed stays."""
    for opens, closes in COMMENTS:
        pieces: list[str] = []
        place = 0
        while (start := text.find(opens, place)) >= 0 and (end := text.find(closes, start + len(opens))) >= 0:
            pieces.append(text[place:start])
            place = end + len(closes)
        text = "".join((*pieces, text[place:]))
    return text


def _read_lines(rows: Sequence[str]) -> Iterator[Line]:
    leads = Leads(found["lead"] for row in rows if (found := BOLD_QUESTION.match(row) or BOLD_LEAD.match(row)))
    italics_ask = do_italics_ask([found["words"] for row in rows if (found := ITALIC_ROW.match(row))])
    quoted = sum(1 for row in rows if row.startswith(">"))
    unquotes = quoted > QUOTED_SHARE * sum(1 for row in rows if row.strip())
    for number, row in enumerate(rows):
        if not row.strip() or FENCE.match(row) or RULE.match(row) or TABLE_RULE.match(row) or _underlines(rows, number):
            yield Line("")
        elif number + 1 < len(rows) and "|" in row and TABLE_RULE.match(rows[number + 1]):
            yield Line(read_cells(row), heading=True)
        elif heading := _heading(rows, number) or (italics_ask and _italic_question(row)):
            yield Line(strip_markup(heading).strip(), heading=True)
            yield Line("")
        elif not DEFINITION.match(row):
            yield from _read_row(row, leads, unquotes=unquotes)


def _heading(rows: Sequence[str], number: int) -> str:
    """Return the words of a heading: after hashes, above a line of signs, or a row all in bold; '' for no heading."""
    row = rows[number]
    if hashed := HEADING.match(row):
        return HEADING_END.sub("", hashed[1])
    if number + 1 < len(rows) and _underlines(rows, number + 1):
        return row
    bold = BOLD_ROW.match(row)
    is_alone = (not number or not rows[number - 1].strip()) and bold is not None
    return bold["words"] if bold and is_alone and bold["words"].strip()[-1:] not in (":", "：") else ""


def _italic_question(row: str) -> str:
    """Return the words of a row that is a question in italics; '' for any other row."""
    found = ITALIC_ROW.match(row)
    return found["words"] if found and asks(found["words"]) else ""


def _underlines(rows: Sequence[str], number: int) -> bool:
    """Whether a row of signs makes the row above it a heading."""
    if not number or not UNDERLINE.match(rows[number]):
        return False
    above, before = rows[number - 1].strip(), rows[number - 2].strip() if number > 1 else ""
    return bool(above) and not before and not above.startswith((">", "-", "*", "#", "|")) and len(above) < 120


def _read_row(row: str, leads: Leads, *, unquotes: bool) -> Iterator[Line]:
    quote = QUOTE.match(row)
    rest = row[quote.end() :] if quote else row
    bullet = BULLET.match(rest)
    rest = rest[bullet.end() :] if bullet else rest
    rest = BLOCK_ID.sub("", rest) if "^" in rest else rest
    if label := BOLD_LABEL.match(rest):
        leads.note(label["lead"], ":")
    question = BOLD_QUESTION.match(rest)
    if question and leads.ask(question["lead"]):
        yield Line(strip_markup(question["lead"]).strip(), heading=True)
        yield Line("")
        rest = rest[question.end() :]
    lead = BOLD_LEAD.match(rest)
    if lead and leads.name_speaker(lead["lead"], rest[lead.end() :]):
        yield Line(strip_markup(lead["lead"]).strip(f"{DAMAGE}>"), heading=True)
        rest = rest[lead.end() :]
    text = strip_markup(rest).strip()
    text = read_cells(text) if text.startswith("|") and text.endswith("|") else text
    yield Line(f"> {text}" if quote and text and not unquotes else text)


def _drop_markup(text: str) -> str:
    """Remove the markup in one pass; a mark of emphasis is removed only if it has a partner."""
    pieces: list[str] = []
    open_marks: dict[str, int] = {}
    place = 0
    for found in _find_markup(text):
        pieces.append(text[place : found.start()])
        place = found.end()
        if found["mark"]:
            _match_mark(found["mark"], pieces, open_marks)
        else:
            pieces.append(_words_of(found))
    pieces.append(text[place:])
    return "".join(pieces)


def _find_markup(text: str) -> Iterator[re.Match[str]]:
    """Yield the pieces of markup; searching only for their first signs is ten times as fast as trying every place."""
    place = 0
    while sign := SIGN.search(text, place):
        found = MARKUP.match(text, sign.start())
        place = found.end() if found else sign.end()
        if found:
            yield found


def _match_mark(mark: str, pieces: list[str], open_marks: dict[str, int]) -> None:
    if mark in open_marks:
        pieces[open_marks.pop(mark)] = ""
        return
    open_marks[mark] = len(pieces)
    pieces.append(mark)


def _words_of(found: re.Match[str]) -> str:
    """Return the words that remain of a piece of markup."""
    inner = found["link"] or found["reference"]
    if inner is None:
        return found["escaped"] or found["wiki"] or found["address"] or (" " if found["tag"] == "br" else "")
    words = _drop_markup(inner)
    # A link that is only a time leads to that moment of the recording.
    is_bare = BARE_CLOCK.match(words) and found.string[max(0, found.start() - 1) : found.start()] not in ("(", "[")
    return f"[{words}]" if is_bare else words
