"""The words of passages in PostgreSQL: those of SQLite's FTS5, so that both engines find and weigh the same."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, select, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from kb.storage import schema
from kb.storage.database import ROWS_AT_ONCE, clean, insert_rows
from kb.storage.fts5_words import FIELDS, FoundWord, find_words

LABELS = dict(zip(FIELDS, "ABC", strict=True))  # of the fields, heaviest first
LONGEST = 500  # characters of a stem; a lexeme of PostgreSQL has at most 2,046 bytes
PASSAGES = schema.passages.to_metadata(MetaData())
PASSAGES.append_column(Column("words", TSVECTOR))
PASSAGES.append_column(Column("length", Integer))
REPLACE = text("""
UPDATE passages SET words = CAST(given.words AS TSVECTOR), length = given.length
FROM unnest(CAST(:numbers AS BIGINT[]), CAST(:words AS TEXT[]), CAST(:lengths AS INTEGER[]))
    AS given (number, words, length)
WHERE passages.number = given.number
""")
DIFFER = text("""
SELECT 1 FROM unnest(CAST(:numbers AS BIGINT[]), CAST(:words AS TEXT[]), CAST(:lengths AS INTEGER[]))
    AS given (number, words, length) JOIN passages ON passages.number = given.number
WHERE (passages.words, passages.length) IS DISTINCT FROM (CAST(given.words AS TSVECTOR), given.length) LIMIT 1
""")


def insert_worded(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert passages with their words."""
    for first in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[first : first + ROWS_AT_ONCE]
        indexed = [{"words": words, "length": length} for words, length in _index(some)]
        insert_rows(connection, PASSAGES, [{**row, **index} for row, index in zip(some, indexed, strict=True)])


def replace_words(connection: Connection, interview_id: str) -> None:
    """Write the words of an interview's passages again."""
    for values in _read_words(connection, interview_id):
        connection.execute(REPLACE, values)


def has_its_words(connection: Connection, interview_id: str) -> bool:
    """Whether the words of an interview's passages are those of their texts."""
    return not any(connection.execute(DIFFER, values).all() for values in _read_words(connection, interview_id))


def to_query(word: str, field: str = "") -> str:
    """Format a word as a query of its stems in a row, in any field or only in one; '' if it has no letter or digit."""
    ((*found,),) = find_words([(clean(word), "", "")])
    label = f":{LABELS[field]}" if field else ""
    return " <-> ".join(f"{_quote(one.stem)}{label}" for one in found)


def _read_words(connection: Connection, interview_id: str) -> list[dict[str, Any]]:
    """Return numbers, words and lengths of the passages of an interview, as their texts have them."""
    columns = schema.passages.c
    wanted = select(columns.number, *(columns[field] for field in FIELDS)).where(columns.interview_id == interview_id)
    rows = [dict(row) for row in connection.execute(wanted).mappings()]
    return [_to_values(rows[first : first + ROWS_AT_ONCE]) for first in range(0, len(rows), ROWS_AT_ONCE)]


def _to_values(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    words, lengths = zip(*_index(rows), strict=True)
    return {"numbers": [row["number"] for row in rows], "words": list(words), "lengths": list(lengths)}


def _index(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Return the words of each passage as PostgreSQL reads them, and their number."""
    texts = [(clean(row["text"]), clean(row["question"]), clean(row["header"])) for row in rows]
    return [(_to_vector(words), len(words)) for words in find_words(texts)]


def _to_vector(words: Sequence[FoundWord]) -> str:
    """Format words with their places and fields. A gap parts the fields, so that no phrase goes over their border."""
    counts = Counter(word.field for word in words)
    starts = {"text": 1, "question": counts["text"] + 2, "header": counts["text"] + counts["question"] + 3}
    places: dict[str, list[str]] = {}
    for word in words:
        places.setdefault(word.stem, []).append(f"{starts[word.field] + word.place}{LABELS[word.field]}")
    return " ".join(f"{_quote(stem)}:{','.join(some)}" for stem, some in places.items())


def _quote(stem: str) -> str:
    """Quote a stem, which has only letters and digits; one that is too long is cut, with its hash."""
    if len(stem) <= LONGEST:
        return f"'{stem}'"
    return f"'{stem[:LONGEST]}{hashlib.sha256(stem.encode()).hexdigest()}'"
