"""The tables of the catalog, for SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UnicodeText,
)

SCHEMA_VERSION = "4"
# Texts compare by their bytes in both engines. SQLite numbers rows only where their type is INTEGER.
TEXT = UnicodeText().with_variant(UnicodeText(collation="C"), "postgresql")
NUMBER = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()


def _belongs_to(parent: str) -> ForeignKey:
    return ForeignKey(parent, ondelete="CASCADE")


facts = Table(
    "facts",
    metadata,
    Column("key", TEXT, primary_key=True),
    Column("value", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
interviews = Table(
    "interviews",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("path", TEXT, nullable=False, unique=True),
    Column("ingest_key", TEXT, nullable=False),
    Column("title", TEXT, nullable=False),
    Column("host", TEXT),
    Column("show", TEXT),
    Column("date", TEXT),
    Column("year", NUMBER),
    Column("year_is_approximate", NUMBER, nullable=False),
    Column("url", TEXT),
    Column("media_url", TEXT),
    Column("licence", TEXT),
    Column("source", TEXT, nullable=False),
    Column("source_hash", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("sample", NUMBER, nullable=False),
    # Counted once, when the interview is written: no question counts rows.
    Column("words", NUMBER, nullable=False),
    Column("turns", NUMBER, nullable=False),
    Column("passages", NUMBER, nullable=False),
)
leaders = Table(
    "leaders",
    metadata,
    Column("interview_id", TEXT, _belongs_to("interviews.id"), primary_key=True),
    Column("position", NUMBER, primary_key=True, autoincrement=False),
    Column("name", TEXT, nullable=False),
    Column("role", TEXT),
    Column("company", TEXT),
    Column("sector", TEXT),
    Column("qualifies", TEXT),
    Column("evidence", TEXT),
    sqlite_with_rowid=False,
)
turns = Table(
    "turns",
    metadata,
    Column("interview_id", TEXT, _belongs_to("interviews.id"), primary_key=True),
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("speaker", TEXT),
    Column("role", TEXT, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("start", Double),
    Column("page", NUMBER),
    Column("marks", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("confidence", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
passages = Table(
    "passages",
    metadata,
    Column("number", NUMBER, Identity(), primary_key=True),
    Column("id", TEXT, nullable=False, unique=True),
    Column("interview_id", TEXT, _belongs_to("interviews.id"), nullable=False, index=True),
    Column("parts", TEXT, nullable=False),
    Column("speaker", TEXT, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("question", TEXT, nullable=False),
    Column("header", TEXT, nullable=False),
    Column("start", Double),
    Column("start_is_exact", NUMBER, nullable=False),
    Column("page", NUMBER),
)
feedback = Table(
    "feedback",
    metadata,
    Column("number", NUMBER, Identity(), primary_key=True),
    Column("at", TEXT, nullable=False),
    Column("question", TEXT, nullable=False),
    Column("is_helpful", NUMBER, nullable=False),
    Column("hits", TEXT, nullable=False),
    Column("quotations", TEXT, nullable=False),
)
asked = Table(
    "asked",
    metadata,
    Column("number", NUMBER, Identity(), primary_key=True),
    Column("session", TEXT, nullable=False, index=True),
    Column("question", TEXT, nullable=False),
)
# Which file holds an interview's token vectors, and how its rows are grouped.
token_files = Table(
    "token_files",
    metadata,
    Column("interview_id", TEXT, _belongs_to("interviews.id"), primary_key=True),
    Column("file", TEXT, nullable=False),
    Column("sentences", LargeBinary, nullable=False),
    Column("passages", LargeBinary, nullable=False),
    Column("pieces", LargeBinary, nullable=False),
    Column("frequency", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
# By its hash, where the vectors of a text lie: what is stored once is not embedded again.
stored_texts = Table(
    "stored_texts",
    metadata,
    Column("interview_id", TEXT, _belongs_to("token_files.interview_id"), primary_key=True),
    Column("place", NUMBER, primary_key=True, autoincrement=False),
    Column("passage_id", TEXT, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("pieces", LargeBinary, nullable=False),
    Index("stored_texts_by_hash", "hash"),
    sqlite_with_rowid=False,
)
pending = Table("pending", metadata, Column("interview_id", TEXT, primary_key=True), sqlite_with_rowid=False)

TABLES = metadata.sorted_tables  # none refers to a later one
# Of a passage: what the leader says counts in full; what the host asked and whose interview it is help to find it.
WORD_WEIGHTS = {"text": 1.0, "question": 0.5, "header": 0.5}
