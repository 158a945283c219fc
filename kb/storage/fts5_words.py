"""Cut texts into words by SQLite's own tokenizer, for an engine that has none like it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

# Any letters and digits between anything else, without accents, stemmed by Porter's rules; none is left out.
TOKENIZER = "porter unicode61 remove_diacritics 2"
FIELDS = ("text", "question", "header")
TEXTS = f"CREATE VIRTUAL TABLE texts USING fts5(text, question, header, tokenize='{TOKENIZER}')"
WORDS = "CREATE VIRTUAL TABLE words USING fts5vocab(texts, 'instance')"
INSERT = "INSERT INTO texts(rowid, text, question, header) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class FoundWord:
    """A word of a passage at its place."""

    stem: str
    field: str  # one of FIELDS
    place: int  # in its field, from 0


def find_words(passages: Sequence[tuple[str, str, str]]) -> list[list[FoundWord]]:
    """Return the words of each passage, given by its fields; in order within a field."""
    found: list[list[FoundWord]] = [[] for _ in passages]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(TEXTS)
        connection.execute(WORDS)
        connection.executemany(INSERT, ((number, *fields) for number, fields in enumerate(passages)))
        for passage, field, place, stem in connection.execute('SELECT doc, col, "offset", term FROM words'):
            found[passage].append(FoundWord(stem, field, place))
    return [sorted(words, key=lambda word: word.place) for words in found]
