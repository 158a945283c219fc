"""Check what was typed before a command, and read it."""

from __future__ import annotations

import argparse
from typing import NoReturn

from kb.errors import BadQuestion
from kb.model import Query
from kb.text.display import mark_line

LIMIT = 10  # passages, where a command does not ask how many


class Parser(argparse.ArgumentParser):
    """Reads the words after a command; a word that is refused does not act on the terminal."""

    def error(self, message: str) -> NoReturn:
        """Print usage and what is wrong, and exit."""
        super().error(mark_line(message))


def check_arguments(options: argparse.Namespace) -> None:
    """Raise BadQuestion for words that hold bytes that are no text; a path may, since a file may be called so."""
    for name, value in vars(options).items():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and not _is_text(word):
                raise BadQuestion(f"What is given as {name} holds bytes that are no text; type it again, in UTF-8")


def read_query(options: argparse.Namespace, text: str = "", limit: int = LIMIT) -> Query:
    """Read the filters of a command into a query."""
    return Query(
        text,
        limit=limit,
        leaders=tuple(options.leader),
        companies=tuple(options.company),
        sectors=tuple(options.sector),
        years=tuple(options.year),
        sources=tuple(options.source),
    )


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True
