"""Say in one line what is wrong with a file that people write by hand: its YAML, and the texts in it."""

from __future__ import annotations

import yaml
from yaml.reader import ReaderError

from kb.text.display import BIDI, CONTROL

LONGEST_TEXT = 2_000  # characters of one text; a description is a sentence, a phrasing what somebody says


def explain_yaml(error: yaml.YAMLError, text: str) -> str:
    """Explain why a text is not YAML, with the line: ', line 3 is not YAML: ...'."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return f", line {line} is not YAML: a control character stands in it"
    mark = getattr(error, "problem_mark", None)
    where = f", line {mark.line + 1}" if mark else ""
    return f"{where} is not YAML: {' '.join(str(getattr(error, 'problem', error)).split())}"


def find_text_fault(text: str, longest: int = LONGEST_TEXT) -> str | None:
    """Find why a text cannot be shown as it is written; None where it can."""
    if len(text) > longest:
        return f"has {len(text):,} characters; {longest:,} are the most"
    if CONTROL.search(text) or BIDI.search(text):
        return "holds a character that cannot be shown; type it anew"
    return None
