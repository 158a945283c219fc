"""The catalog: one SQLite file that owns transcripts, passages and the full-text index."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kb.arrays import Segment
from kb.database import raise_generation
from kb.errors import IndexMismatch, StoreUnavailable, UnknownInterview
from kb.ledger import LEDGER_SCHEMA, Ledger, Shelved, list_segment
from kb.model import Excerpt, Facet, Facets, Feedback, Interview, Leader, Mark, Passage, Span, Transcript, Turn
from kb.stopwords import STOPWORDS

SCHEMA_VERSION = "3"
SCHEMA = """
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
CREATE VIRTUAL TABLE IF NOT EXISTS passage_words USING fts5(
    text, question, header, content='passages', content_rowid='number', tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TRIGGER IF NOT EXISTS passage_added AFTER INSERT ON passages BEGIN
    INSERT INTO passage_words(rowid, text, question, header) VALUES (new.number, new.text, new.question, new.header);
END;
CREATE TRIGGER IF NOT EXISTS passage_removed AFTER DELETE ON passages BEGIN
    INSERT INTO passage_words(passage_words, rowid, text, question, header)
    VALUES ('delete', old.number, old.text, old.question, old.header);
END;
"""
# What the leader says counts in full; what the host asked and whose interview it is help to find it.
KEYWORD_WEIGHTS = (1.0, 0.5, 0.5)
CASE_SAMPLE = 200  # passages looked at to learn whether a word is written with a capital
EVERYDAY_SHARE = 0.1  # of a word's uses without a capital, from which on it counts as an everyday word
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an interview came from, and what decides whether it must be read again."""

    path: str  # of the file, absolute
    ingest_key: str  # hash of the file's bytes, of its row in the metadata table and of the reading rules


@dataclass(frozen=True, slots=True)
class Source:
    """The file that an interview was read from."""

    interview_id: str
    path: str  # absolute
    sha256: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Sizes of the catalog."""

    interviews: int
    samples: int
    leaders: int
    turns: int
    passages: int
    words: int


class Catalog(Ledger):
    """A handle on the SQLite file; each thread has a connection of its own."""

    @classmethod
    def open(cls, path: Path, fingerprint: str) -> Catalog:
        """Open the file, made if need be; a catalog of other vectors or another schema is an error."""
        catalog = cls(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            catalog._connection()
            catalog._check("schema", SCHEMA_VERSION)
            catalog._connection().executescript(SCHEMA + LEDGER_SCHEMA)
            with catalog._transaction() as connection:
                for key, value in (("schema", SCHEMA_VERSION), ("fingerprint", fingerprint), ("generation", "0")):
                    connection.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (key, value))
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(
                f"KB_HOME {path.parent} cannot be used: {error}; set KB_HOME to a folder that you can write"
            ) from error
        catalog._check("fingerprint", fingerprint)
        return catalog

    def generation(self) -> int:
        """A number that every committed change raises."""
        return int(self._fact("generation"))

    def fingerprint(self) -> str:
        """What tells the model of the vectors from any other."""
        return self._fact("fingerprint")

    def calibration(self, rules: str, slack: float = 0.0) -> list[float] | None:
        """The thresholds of coverage, if they were learnt by these rules and of what the catalog holds now.

        With `slack`, also if no more than that share of the interviews has changed since.
        """
        rows = self._all("SELECT value FROM facts WHERE key = 'calibration'")
        stored = json.loads(rows[0]["value"]) if rows else {}
        if stored.get("rules") != rules:
            return None
        changes = self.generation() - stored["generation"]
        if not 0 <= changes <= slack * self.counts().interviews:
            return None
        thresholds: list[float] = stored["thresholds"]
        return thresholds

    def keep_calibration(self, rules: str, generation: int, thresholds: Sequence[float]) -> None:
        """Store the thresholds of coverage."""
        value = json.dumps({"rules": rules, "generation": generation, "thresholds": thresholds})
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO facts VALUES ('calibration', ?)", (value,))

    def put(
        self,
        transcript: Transcript,
        origin: Origin,
        passages: Sequence[Passage],
        headers: Sequence[str],
        segment: Segment | None,
        shelved: Sequence[Shelved] = (),
    ) -> None:
        """Write an interview and all that belongs to it in one transaction, in place of what had its id."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM interviews WHERE id = ?", (transcript.interview.id,))
            _insert_interview(connection, transcript, origin)
            _insert_turns(connection, transcript)
            _insert_passages(connection, passages, headers)
            list_segment(connection, transcript.interview.id, segment, shelved)
            raise_generation(connection)

    def remove(self, interview_id: str) -> None:
        """Delete an interview with all that belongs to it."""
        with self._transaction() as connection:
            if not connection.execute("DELETE FROM interviews WHERE id = ?", (interview_id,)).rowcount:
                raise UnknownInterview(f"There is no interview {interview_id!r}")
            connection.execute("DELETE FROM pending WHERE interview_id = ?", (interview_id,))
            raise_generation(connection)

    def origins(self) -> dict[str, tuple[str, str]]:
        """Of each ingested file, by its path: the interview's id and its ingest key."""
        rows = self._all("SELECT path, id, ingest_key FROM interviews")
        return {row["path"]: (row["id"], row["ingest_key"]) for row in rows}

    def sources(self) -> list[Source]:
        """The file of each interview, by path."""
        rows = self._all("SELECT id, path, source_hash FROM interviews ORDER BY path")
        return [Source(row["id"], row["path"], row["source_hash"]) for row in rows]

    def interviews(self) -> list[Interview]:
        """Every interview, by title."""
        leaders = self._leaders()
        rows = self._all("SELECT * FROM interviews ORDER BY title COLLATE NOCASE, id")
        return [_to_interview(row, leaders.get(row["id"], ())) for row in rows]

    def transcript(self, interview_id: str) -> Transcript:
        """One interview with all its turns."""
        turns = self._all("SELECT * FROM turns WHERE interview_id = ? ORDER BY number", (interview_id,))
        return Transcript(self.interview(interview_id), tuple(map(_to_turn, turns)))

    def interview(self, interview_id: str) -> Interview:
        """One interview's card."""
        rows = self._all("SELECT * FROM interviews WHERE id = ?", (interview_id,))
        if not rows:
            raise UnknownInterview(f"There is no interview {interview_id!r}")
        return _to_interview(rows[0], self._leaders(interview_id).get(interview_id, ()))

    def turn(self, interview_id: str, index: int) -> Turn:
        """One turn of an interview, by its index."""
        rows = self._all("SELECT * FROM turns WHERE interview_id = ? AND number = ?", (interview_id, index))
        if not rows:
            raise UnknownInterview(f"There is no turn {index} in an interview {interview_id!r}")
        return _to_turn(rows[0])

    def passages_of(self, interview_id: str) -> list[Passage]:
        """The passages of an interview, in order."""
        rows = self._all("SELECT * FROM passages WHERE interview_id = ? ORDER BY number", (interview_id,))
        return list(map(_to_passage, rows))

    def passages(self, passage_ids: Sequence[str]) -> dict[str, Passage]:
        """The passages of these ids that the catalog knows, by id."""
        marks = ",".join("?" * len(passage_ids))
        rows = self._all(f"SELECT * FROM passages WHERE id IN ({marks})", tuple(passage_ids))  # noqa: S608 - marks only
        return {row["id"]: _to_passage(row) for row in rows}

    def keyword(self, text: str, limit: int, interview_ids: Collection[str] | None = None) -> list[tuple[str, float]]:
        """Passage ids that share words with the text, with their BM25 score, best first."""
        expression = match_expression(text)
        if not expression:
            return []
        within = "" if interview_ids is None else f"AND p.interview_id IN ({','.join('?' * len(interview_ids))})"
        rows = self._all(
            f"SELECT p.id, -bm25(passage_words, {','.join(map(str, KEYWORD_WEIGHTS))}) AS score"  # noqa: S608
            " FROM passage_words JOIN passages p ON p.number = passage_words.rowid"
            f" WHERE passage_words MATCH ? {within} ORDER BY score DESC, p.number LIMIT ?",
            (expression, *(interview_ids or ()), limit),
        )
        return [(row["id"], row["score"]) for row in rows]

    def knows(self, word: str) -> bool:
        """Whether any passage, question or heading holds a word, in any of its forms."""
        quoted = f'"{word.replace(chr(34), "")}"'
        return bool(self._all("SELECT rowid FROM passage_words WHERE passage_words MATCH ? LIMIT 1", (quoted,)))

    def is_everyday(self, word: str) -> bool:
        """Whether the interviews also use a name as an everyday word: often enough without a capital."""
        rows = self._all(
            "SELECT p.text FROM passage_words JOIN passages p ON p.number = passage_words.rowid"
            " WHERE passage_words MATCH ? LIMIT ?",
            (f'text:"{word.replace(chr(34), "")}"', CASE_SAMPLE),
        )
        found = [hit for row in rows for hit in re.findall(rf"(?i)\b{re.escape(word)}\b", row["text"])]
        lower = sum(1 for hit in found if hit[0].islower())
        return lower >= 2 and lower > EVERYDAY_SHARE * len(found)

    def facets(self) -> Facets:
        """What the interviews can be filtered by, with counts."""
        interviews = self.interviews()
        leaders = [(interview, leader) for interview in interviews for leader in interview.leaders]
        return Facets(
            leaders=_count((leader.name, interview.id) for interview, leader in leaders),
            companies=_count((company, interview.id) for interview, leader in leaders for company in leader.companies),
            sectors=_count((leader.sector, interview.id) for interview, leader in leaders),
            years=_count((str(interview.year or ""), interview.id) for interview in interviews),
            sources=_count((interview.collection, interview.id) for interview in interviews),
        )

    def counts(self) -> Counts:
        """How much the catalog holds."""
        (row,) = self._all(
            "SELECT (SELECT count(*) FROM interviews) AS interviews,"
            " (SELECT count(*) FROM interviews WHERE sample) AS samples,"
            " (SELECT count(DISTINCT name) FROM leaders) AS leaders,"
            " (SELECT count(*) FROM turns) AS turns, (SELECT count(*) FROM passages) AS passages,"
            " (SELECT coalesce(sum(words), 0) FROM interviews) AS words"
        )
        return Counts(**dict(row))

    def keep_feedback(self, feedback: Feedback) -> None:
        """Store a reader's thumb; no ingest touches it."""
        hits, quotations = (
            json.dumps([(one.source, one.text) for one in excerpts], ensure_ascii=False)
            for excerpts in (feedback.hits, feedback.quotations)
        )
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO feedback VALUES (NULL, ?, ?, ?, ?, ?)",
                (feedback.at, feedback.question, feedback.is_helpful, hits, quotations),
            )

    def feedback(self) -> list[Feedback]:
        """Every thumb, in the order of giving."""
        return [_to_feedback(row) for row in self._all("SELECT * FROM feedback ORDER BY number")]

    def keep_question(self, session: str, question: str) -> None:
        """Add a question to a conversation."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO asked SELECT ?1, coalesce(max(number), 0) + 1, ?2 FROM asked WHERE session = ?1",
                (session, question),
            )

    def questions(self, session: str) -> tuple[str, ...]:
        """The questions of a conversation, oldest first."""
        rows = self._all("SELECT question FROM asked WHERE session = ? ORDER BY number", (session,))
        return tuple(row["question"] for row in rows)

    def _check(self, key: str, wanted: str) -> None:
        """A file without facts is new."""
        has_facts = self._all("SELECT 1 FROM sqlite_master WHERE name = 'facts'")
        found = self._all("SELECT value FROM facts WHERE key = ?", (key,)) if has_facts else []
        built = found[0]["value"] if found else wanted
        if built != wanted:
            raise IndexMismatch(
                f"The knowledge base in {self._path.parent} was built with {key} {built}, and this is {wanted};"
                " set KB_EMBED_MODEL as it was, or set KB_HOME to a new folder and ingest again"
            )

    def _fact(self, key: str) -> str:
        (row,) = self._all("SELECT value FROM facts WHERE key = ?", (key,))
        return str(row["value"])

    def _leaders(self, interview_id: str | None = None) -> dict[str, tuple[Leader, ...]]:
        rows = self._all(
            "SELECT * FROM leaders WHERE ?1 IS NULL OR interview_id = ?1 ORDER BY interview_id, position",
            (interview_id,),
        )
        found: dict[str, tuple[Leader, ...]] = {}
        for row in rows:
            leader = Leader(*(row[key] for key in ("name", "role", "company", "sector", "qualifies", "evidence")))
            found[row["interview_id"]] = (*found.get(row["interview_id"], ()), leader)
        return found


def match_expression(text: str) -> str:
    """An FTS5 expression: any of the text's words that carry meaning, each quoted; '' if there is none."""
    words = [word.replace("’", "'") for word in WORD.findall(text.lower())]
    telling = [word for word in dict.fromkeys(words) if word not in STOPWORDS]
    return " OR ".join(f'"{word}"' for word in telling or dict.fromkeys(words))


def _insert_interview(connection: sqlite3.Connection, transcript: Transcript, origin: Origin) -> None:
    interview = transcript.interview
    words = sum(len(turn.text.split()) for turn in transcript.turns)
    connection.execute(
        "INSERT INTO interviews VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            interview.id, origin.path, origin.ingest_key, interview.title, interview.host, interview.show,
            interview.date.isoformat() if interview.date else None, interview.year, interview.year_is_approximate,
            interview.url, interview.media_url, interview.licence, interview.source, interview.source_hash,
            interview.language, interview.sample, words,
        ),
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO leaders VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (interview.id, position, one.name, one.role, one.company, one.sector, one.qualifies, one.evidence)
            for position, one in enumerate(interview.leaders)
        ],
    )


def _insert_turns(connection: sqlite3.Connection, transcript: Transcript) -> None:
    connection.executemany(
        "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                transcript.interview.id, turn.index, turn.speaker, turn.role, turn.text, turn.start, turn.page,
                json.dumps([(mark.offset, mark.start, mark.page) for mark in turn.marks]), turn.kind, turn.confidence,
            )
            for turn in transcript.turns
        ],
    )  # fmt: skip


def _insert_passages(connection: sqlite3.Connection, passages: Sequence[Passage], headers: Sequence[str]) -> None:
    connection.executemany(
        "INSERT INTO passages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                passage.id, passage.interview_id,
                json.dumps([(part.turn, part.start, part.end) for part in passage.parts]),
                passage.speaker, passage.text, passage.question, header,
                passage.start, passage.start_is_exact, passage.page,
            )
            for passage, header in zip(passages, headers, strict=True)
        ],
    )  # fmt: skip


def _to_interview(row: sqlite3.Row, leaders: tuple[Leader, ...]) -> Interview:
    return Interview(
        id=row["id"],
        title=row["title"],
        leaders=leaders,
        host=row["host"],
        show=row["show"],
        date=date.fromisoformat(row["date"]) if row["date"] else None,
        year=row["year"],
        year_is_approximate=bool(row["year_is_approximate"]),
        url=row["url"],
        media_url=row["media_url"],
        licence=row["licence"],
        source=row["source"],
        source_hash=row["source_hash"],
        language=row["language"],
        sample=bool(row["sample"]),
    )


def _to_turn(row: sqlite3.Row) -> Turn:
    return Turn(
        index=row["number"],
        speaker=row["speaker"],
        role=row["role"],
        text=row["text"],
        start=row["start"],
        page=row["page"],
        marks=tuple(Mark(*values) for values in json.loads(row["marks"])),
        kind=row["kind"],
        confidence=row["confidence"],
    )


def _to_passage(row: sqlite3.Row) -> Passage:
    return Passage(
        id=row["id"],
        interview_id=row["interview_id"],
        parts=tuple(Span(*values) for values in json.loads(row["parts"])),
        speaker=row["speaker"],
        text=row["text"],
        question=row["question"],
        start=row["start"],
        start_is_exact=bool(row["start_is_exact"]),
        page=row["page"],
    )


def _to_feedback(row: sqlite3.Row) -> Feedback:
    return Feedback(
        at=row["at"],
        question=row["question"],
        is_helpful=bool(row["is_helpful"]),
        hits=tuple(Excerpt(*values) for values in json.loads(row["hits"])),
        quotations=tuple(Excerpt(*values) for values in json.loads(row["quotations"])),
    )


def _count(pairs: Iterable[tuple[str | None, str]]) -> tuple[Facet, ...]:
    """Interviews a value, each counted once, the most frequent value first."""
    found: dict[str, set[str]] = {}
    for value, interview_id in pairs:
        if value:
            found.setdefault(value, set()).add(interview_id)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0].casefold()))
    return tuple(Facet(value, len(interview_ids)) for value, interview_ids in ordered)
