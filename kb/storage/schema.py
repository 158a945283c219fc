"""The tables of the catalog, in the words of SQLite; other engines say the types in theirs."""

from __future__ import annotations

SCHEMA_VERSION = "3"
TABLES = """
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS interviews (
    id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, ingest_key TEXT NOT NULL,
    title TEXT NOT NULL, host TEXT, show TEXT, date TEXT, year INTEGER, year_is_approximate INTEGER NOT NULL,
    url TEXT, media_url TEXT, licence TEXT, source TEXT NOT NULL, source_hash TEXT NOT NULL,
    language TEXT NOT NULL, sample INTEGER NOT NULL, words INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS leaders (
    interview_id TEXT NOT NULL REFERENCES interviews(id) ON DELETE CASCADE, position INTEGER NOT NULL,
    name TEXT NOT NULL, role TEXT, company TEXT, sector TEXT, qualifies TEXT, evidence TEXT,
    PRIMARY KEY (interview_id, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS turns (
    interview_id TEXT NOT NULL REFERENCES interviews(id) ON DELETE CASCADE, number INTEGER NOT NULL,
    speaker TEXT, role TEXT NOT NULL, text TEXT NOT NULL, start REAL, page INTEGER,
    marks TEXT NOT NULL, kind TEXT NOT NULL, confidence TEXT NOT NULL,
    PRIMARY KEY (interview_id, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    interview_id TEXT NOT NULL REFERENCES interviews(id) ON DELETE CASCADE,
    parts TEXT NOT NULL, speaker TEXT NOT NULL, text TEXT NOT NULL, question TEXT NOT NULL, header TEXT NOT NULL,
    start REAL, start_is_exact INTEGER NOT NULL, page INTEGER
);
CREATE TABLE IF NOT EXISTS feedback (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, question TEXT NOT NULL, is_helpful INTEGER NOT NULL,
    hits TEXT NOT NULL, quotations TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS asked (
    session TEXT NOT NULL, number INTEGER NOT NULL, question TEXT NOT NULL, PRIMARY KEY (session, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS passages_of_interview ON passages(interview_id);
CREATE TABLE IF NOT EXISTS segments (
    interview_id TEXT PRIMARY KEY REFERENCES interviews(id) ON DELETE CASCADE,
    file TEXT NOT NULL, first INTEGER NOT NULL, rows INTEGER NOT NULL, checksum INTEGER NOT NULL,
    sentences BLOB NOT NULL, passages BLOB NOT NULL, pieces BLOB NOT NULL, frequency BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contents (
    interview_id TEXT NOT NULL REFERENCES segments(interview_id) ON DELETE CASCADE, place INTEGER NOT NULL,
    passage_id TEXT NOT NULL, hash BLOB NOT NULL, pieces BLOB NOT NULL,
    PRIMARY KEY (interview_id, place)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS contents_by_hash ON contents(hash);
CREATE TABLE IF NOT EXISTS pending (interview_id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
# Of each table, in an order in which none refers to a later one.
COLUMNS = {
    "facts": ("key", "value"),
    "interviews": (
        "id", "path", "ingest_key", "title", "host", "show", "date", "year", "year_is_approximate", "url", "media_url",
        "licence", "source", "source_hash", "language", "sample", "words",
    ),
    "leaders": ("interview_id", "position", "name", "role", "company", "sector", "qualifies", "evidence"),
    "turns": (
        "interview_id", "number", "speaker", "role", "text", "start", "page", "marks", "kind", "confidence",
    ),
    "passages": (
        "number", "id", "interview_id", "parts", "speaker", "text", "question", "header", "start", "start_is_exact",
        "page",
    ),
    "feedback": ("number", "at", "question", "is_helpful", "hits", "quotations"),
    "asked": ("session", "number", "question"),
    "segments": (
        "interview_id", "file", "first", "rows", "checksum", "sentences", "passages", "pieces", "frequency",
    ),
    "contents": ("interview_id", "place", "passage_id", "hash", "pieces"),
    "pending": ("interview_id",),
}  # fmt: skip
NUMBERED = ("passages", "feedback")  # their first column is given by the database
# Of a passage: what the leader says counts in full; what the host asked and whose interview it is help to find it.
WORD_WEIGHTS = {"text": 1.0, "question": 0.5, "header": 0.5}
