"""Show words of a file where they could act on what shows them: control characters, and marks that turn text around."""

from __future__ import annotations

import json
import re
from typing import Any

# Embeddings, overrides and isolates, which reach beyond their text; marks that do not, such as U+200E, may stay.
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # not tab and newline; and what is no character
BREAK = re.compile("[\t\n\u2028\u2029]")
RAW_IN_JSON = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NO_PICTURE = "\ufffd"
CLAUSE = re.compile(r"\s*\(([^()]*)\)")
# How the writer of a table knows a fact, which is no part of it.
REMARK = re.compile(
    r"(?i)\b(?:in|of|at|during)\s+(?:the|this)\s+(?:transcript|intro|introduction|episode|interview|recording)\b"
    r"|\bin\s+episode\s+\d|^(?:as\s+)?(?:(?:stated|said|named)\s+later|said\s+of)\b|^at\s+(?:the|that)\s+time$"
)
MOST_NAMED = 80  # characters of a word that a message repeats


def strip_bidi(text: str) -> str:
    """Remove the marks that turn around what follows. For names and titles; a quotation keeps every character."""
    return BIDI.sub("", text)


def mark_controls(text: str) -> str:
    """Replace control characters by pictures of them, and remove the marks that turn text around. For a terminal."""
    return CONTROL.sub(_draw_control, strip_bidi(text).replace("\r\n", "\n"))


def mark_line(text: str) -> str:
    """Do as `mark_controls`, with tabs and newlines too, so that a name cannot begin a line of its own."""
    return BREAK.sub(_draw_control, mark_controls(text))


def mark_word(word: str) -> str:
    """Do as `mark_line`, cut to what a message has room for. For a word that anybody may have typed."""
    return mark_line(word if len(word) <= MOST_NAMED else f"{word[:MOST_NAMED]}…")


def strip_remarks(text: str) -> str:
    """Leave out what a table remarks in parentheses on how a role or a company is known, and keep facts in them."""
    return CLAUSE.sub(_keep_facts, text).strip() if "(" in text else text


def to_json(value: Any) -> str:
    """Format a value as one line of JSON, exactly; what could act on a terminal is escaped."""
    return RAW_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(value, ensure_ascii=False))


def _keep_facts(clause: re.Match[str]) -> str:
    told = [part.strip() for part in re.split("[,;]", clause[1])]
    facts = [part for part in told if not REMARK.search(part)]
    if len(facts) == len(told):
        return clause[0]
    return f" ({', '.join(facts)})" if facts else ""


def _draw_control(found: re.Match[str]) -> str:
    code = ord(found.group())
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else NO_PICTURE
