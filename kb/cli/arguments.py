"""Check what was typed before a command."""

from __future__ import annotations

import argparse

from kb.errors import BadQuestion


def check_arguments(options: argparse.Namespace) -> None:
    """Raise BadQuestion for words that hold bytes that are no text; a path may, since a file may be called so."""
    for name, value in vars(options).items():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and not _is_text(word):
                raise BadQuestion(f"What is given as {name} holds bytes that are no text; type it again, in UTF-8")


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
