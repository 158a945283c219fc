"""The tables of the catalog, for SQLite and PostgreSQL; columns have the names of the fields."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    TypeDecorator,
    UnicodeText,
)

SCHEMA_VERSION = "6"  # a new one needs a migration in kb/storage/migrations.py
# Weights in keyword search: the leader's words count fully, the host's question and the header count half.
WORD_WEIGHTS = {"text": 1.0, "question": 0.5, "header": 0.5}


LONGEST_NAME = 500  # characters, of at most 4 bytes
# Bytewise comparison in both engines.
Text = UnicodeText().with_variant(UnicodeText(collation="C"), "postgresql")


class Name(TypeDecorator[str]):
    """Text of any length with an index: a long one is cut, with its hash, since PostgreSQL indexes 2,700 bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Cut a long text; one that was cut remains as it is."""
        if value is None or len(value) <= LONGEST_NAME:
            return value
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        return value[: LONGEST_NAME - len(digest)] + digest


NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows only if the type is INTEGER
metadata = MetaData()


def _columns(kind: Any, names: str, *, optional: bool = False) -> list[Column[Any]]:
    return [Column(name, kind, nullable=optional) for name in names.split()]


def _key(name: str, kind: Any = Text, parent: str | None = None) -> Column[Any]:
    keys = [ForeignKey(parent, ondelete="CASCADE")] if parent else []
    return Column(name, kind, *keys, primary_key=True, autoincrement=False)


def _anchor() -> list[Column[Any]]:
    """Columns of words that a person chose; no such row refers to an interview: it outlives that."""
    return [
        *_columns(Text, "interview_id source_hash source title"),
        *_columns(Boolean, "sample"),
        *_columns(NUMBER, "turn start_offset end_offset"),
        *_columns(Text, "quote"),
        *_columns(Text, "speaker", optional=True),
        *_columns(Text, "added"),
    ]


def _numbered() -> Column[Any]:
    return Column("number", NUMBER, Identity(), primary_key=True)


facts = Table("facts", metadata, _key("key"), *_columns(Text, "value"), sqlite_with_rowid=False)
interviews = Table(
    "interviews",
    metadata,
    _key("id"),
    Column("path", Text, nullable=False, unique=True),
    *_columns(Text, "ingest_key title source source_hash language"),
    *_columns(Text, "host show url media_url licence", optional=True),
    *_columns(Date, "date", optional=True),
    *_columns(NUMBER, "year", optional=True),
    *_columns(Boolean, "year_is_approximate sample"),
    *_columns(NUMBER, "words turns passages"),  # counted when the interview is written: no query counts rows
)
leaders = Table(
    "leaders",
    metadata,
    _key("interview_id", parent="interviews.id"),
    _key("position", NUMBER),
    *_columns(Text, "name"),
    *_columns(Text, "role company sector qualifies evidence", optional=True),
    sqlite_with_rowid=False,
)
turns = Table(
    "turns",
    metadata,
    _key("interview_id", parent="interviews.id"),
    _key("index", NUMBER),
    *_columns(Text, "speaker", optional=True),
    *_columns(Text, "role text kind confidence"),
    *_columns(Double, "start", optional=True),
    *_columns(NUMBER, "page", optional=True),
    *_columns(JSON, "marks"),
    sqlite_with_rowid=False,
)
passages = Table(
    "passages",
    metadata,
    _numbered(),
    Column("id", Text, nullable=False, unique=True),
    Column("interview_id", Text, ForeignKey("interviews.id", ondelete="CASCADE"), nullable=False, index=True),
    *_columns(JSON, "parts"),
    *_columns(Text, "speaker text question header"),
    *_columns(Double, "start", optional=True),
    *_columns(Boolean, "start_is_exact"),
    *_columns(NUMBER, "page", optional=True),
)
feedback = Table(
    "feedback",
    metadata,
    _numbered(),
    *_columns(Text, "at question"),
    *_columns(Boolean, "is_helpful"),
    *_columns(JSON, "hits quotations"),
)
asked = Table(
    "asked", metadata, _numbered(), Column("session", Name, nullable=False, index=True), *_columns(Text, "question")
)
# The token file of each interview, and how its rows are grouped.
token_files = Table(
    "token_files",
    metadata,
    _key("interview_id", parent="interviews.id"),
    *_columns(Text, "name"),
    *_columns(LargeBinary, "sentences passages pieces frequency"),
    sqlite_with_rowid=False,
)
# Location of the vectors of each text, by its hash, so that a stored text is not embedded again.
stored_texts = Table(
    "stored_texts",
    metadata,
    _key("interview_id", parent="token_files.interview_id"),
    _key("place", NUMBER),
    *_columns(Text, "passage_id"),
    *_columns(LargeBinary, "hash pieces"),
    Index("stored_texts_by_hash", "hash"),
    sqlite_with_rowid=False,
)
pending = Table("pending", metadata, _key("interview_id"), sqlite_with_rowid=False)
collections = Table("collections", metadata, _key("id"), *_columns(Text, "name created"))
pins = Table(
    "pins",
    metadata,
    _key("id"),
    Column("collection_id", Text, ForeignKey("collections.id", ondelete="CASCADE"), nullable=False, index=True),
    *_columns(NUMBER, "position"),
    *_anchor(),
    *_columns(Text, "note"),
    *_columns(JSON, "tags"),
)
# What people said that words show.
tags = Table(
    "tags",
    metadata,
    _key("id"),
    *_columns(Text, "person framework label"),
    *_columns(Boolean, "holds"),
    *_anchor(),
)

TABLES = metadata.sorted_tables  # no table refers to a later one


def is_later(built: str) -> bool:
    """Whether a schema is that of a later version of this program."""
    return built.isdecimal() and int(built) > int(SCHEMA_VERSION)
