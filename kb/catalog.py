"""The catalog: the tables that own transcripts, passages and their words, in SQLite or PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path

from kb.arrays import Segment
from kb.database import Database, Row, Transaction, mark, raise_generation
from kb.errors import IndexMismatch, UnknownInterview
from kb.ledger import Ledger, Shelved, list_segment
from kb.model import Excerpt, Facet, Facets, Feedback, Interview, Leader, Mark, Passage, Span, Transcript, Turn
from kb.postgres import PostgresServer
from kb.schema import COLUMNS, SCHEMA_VERSION
from kb.sqlite import SqliteFile
from kb.text.stopwords import STOPWORDS

SAID_SAMPLE = 5_000  # turns looked at to learn whether anybody says a word
CASE_SAMPLE = 200  # passages looked at to learn whether a word is written with a capital
EVERYDAY_SHARE = 0.1  # of a word's uses without a capital, from which on it counts as an everyday word
SCORED = 50_000  # rows that the full-text index scores for a question: it takes about a millisecond for a thousand
SELECT_PASSAGES = f"SELECT {', '.join(COLUMNS['passages'])} FROM passages"
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


def open_database(home: Path, url: str | None) -> Database:
    """The PostgreSQL database at an address, or without one the SQLite file in the home folder."""
    return SqliteFile(home / "catalog.sqlite") if url is None else PostgresServer.at(url)


class Catalog(Ledger):
    """What is known of interviews; all threads may share it."""

    @classmethod
    def open(cls, database: Database, fingerprint: str) -> Catalog:
        """Open it, made if need be; a catalog of other vectors or another schema is an error."""
        catalog = cls(database)
        if database.has_tables():
            catalog._check("schema", SCHEMA_VERSION)
        database.create()
        with database.transaction() as transaction:
            for fact in (("schema", SCHEMA_VERSION), ("fingerprint", fingerprint), ("generation", "0")):
                transaction.execute("INSERT INTO facts VALUES (?, ?) ON CONFLICT DO NOTHING", fact)
        catalog._check("fingerprint", fingerprint)
        return catalog

    def close(self) -> None:
        """Close this thread's connection."""
        self.database.close()

    def generation(self) -> int:
        """A number that every committed change raises."""
        return int(self._fact("generation"))

    def fingerprint(self) -> str:
        """What tells the model of the vectors from any other."""
        return self._fact("fingerprint")

    def tie(self, home_id: str) -> str:
        """What the home folder is known by: this, unless it is known already."""
        with self.database.transaction() as transaction:
            transaction.execute("INSERT INTO facts VALUES ('home', ?) ON CONFLICT DO NOTHING", (home_id,))
        return self._fact("home")

    def calibration(self, rules: str, slack: float = 0.0) -> list[float] | None:
        """The thresholds of coverage, if they were learnt by these rules and of what the catalog holds now.

        With `slack`, also if no more than that share of the interviews has changed since.
        """
        rows = self.database.read("SELECT value FROM facts WHERE key = 'calibration'")
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
        with self.database.transaction() as transaction:
            transaction.execute(
                "INSERT INTO facts VALUES ('calibration', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (value,),
            )

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
        with self.database.transaction() as transaction:
            transaction.execute("DELETE FROM interviews WHERE id = ?", (transcript.interview.id,))
            _insert_interview(transaction, transcript, origin)
            _insert_turns(transaction, transcript)
            _insert_passages(transaction, passages, headers)
            list_segment(transaction, transcript.interview.id, segment, shelved)
            raise_generation(transaction)

    def remove(self, interview_id: str) -> None:
        """Delete an interview with all that belongs to it."""
        with self.database.transaction() as transaction:
            if not transaction.execute("DELETE FROM interviews WHERE id = ?", (interview_id,)):
                raise UnknownInterview(f"There is no interview {interview_id!r}")
            transaction.execute("DELETE FROM pending WHERE interview_id = ?", (interview_id,))
            raise_generation(transaction)

    def origins(self) -> dict[str, tuple[str, str]]:
        """Of each ingested file, by its path: the interview's id and its ingest key."""
        rows = self.database.read("SELECT path, id, ingest_key FROM interviews")
        return {row["path"]: (row["id"], row["ingest_key"]) for row in rows}

    def sources(self) -> list[Source]:
        """The file of each interview, by path."""
        rows = self.database.read("SELECT id, path, source_hash FROM interviews ORDER BY path")
        return [Source(row["id"], row["path"], row["source_hash"]) for row in rows]

    def interviews(self) -> list[Interview]:
        """Every interview, by title."""
        leaders = self._leaders()
        rows = self.database.read("SELECT * FROM interviews ORDER BY lower(title), id")
        return [_to_interview(row, leaders.get(row["id"], ())) for row in rows]

    def transcript(self, interview_id: str) -> Transcript:
        """One interview with all its turns."""
        turns = self.database.read("SELECT * FROM turns WHERE interview_id = ? ORDER BY number", (interview_id,))
        return Transcript(self.interview(interview_id), tuple(map(_to_turn, turns)))

    def interview(self, interview_id: str) -> Interview:
        """One interview's card."""
        rows = self.database.read("SELECT * FROM interviews WHERE id = ?", (interview_id,))
        if not rows:
            raise UnknownInterview(f"There is no interview {interview_id!r}")
        return _to_interview(rows[0], self._leaders(interview_id).get(interview_id, ()))

    def turn(self, interview_id: str, index: int) -> Turn:
        """One turn of an interview, by its index."""
        rows = self.database.read("SELECT * FROM turns WHERE interview_id = ? AND number = ?", (interview_id, index))
        if not rows:
            raise UnknownInterview(f"There is no turn {index} in an interview {interview_id!r}")
        return _to_turn(rows[0])

    def passages_of(self, interview_id: str) -> list[Passage]:
        """The passages of an interview, in order."""
        rows = self.database.read(f"{SELECT_PASSAGES} WHERE interview_id = ? ORDER BY number", (interview_id,))
        return list(map(_to_passage, rows))

    def passages(self, passage_ids: Sequence[str]) -> dict[str, Passage]:
        """The passages of these ids that the catalog knows, by id."""
        if not passage_ids:
            return {}
        rows = self.database.read(f"{SELECT_PASSAGES} WHERE id IN ({mark(passage_ids)})", tuple(passage_ids))
        return {row["id"]: _to_passage(row) for row in rows}

    def host_questions(self) -> list[str]:
        """What was said before each passage, in order; '' where it is no answer."""
        return [row["question"] for row in self.database.read("SELECT question FROM passages ORDER BY number")]

    def keyword(self, text: str, limit: int, interview_ids: Collection[str] | None = None) -> list[tuple[str, float]]:
        """Passage ids that share words with the text, with their BM25 score, best first.

        Of words that very many passages hold only the rarest are looked up: to score the others takes long and tells
        little.
        """
        words = choose_words(text)
        if interview_ids is None:
            words = choose_rarest({word: self.database.count_with(word, SCORED) for word in words}, SCORED)
        return self.database.find_words(words, limit, interview_ids) if words else []

    def knows(self, word: str) -> bool:
        """Whether anybody says a word, in any of its forms, a host included, or a heading holds it."""
        if not any(map(str.isalnum, word)):
            return False
        if self.database.count_with(word, 1) > 0:
            return True
        wild = "%" + word.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
        said = self.database.read("SELECT text FROM turns WHERE text LIKE ? ESCAPE '!' LIMIT ?", (wild, SAID_SAMPLE))
        return any(re.search(rf"\b{re.escape(word)}(?:['’]?s)?\b", row["text"]) for row in said)

    def is_everyday(self, word: str) -> bool:
        """Whether the interviews also use a name as an everyday word: often enough without a capital."""
        texts = self.database.texts_with(word, CASE_SAMPLE)
        found = [hit for text in texts for hit in re.findall(rf"(?i)\b{re.escape(word)}\b", text)]
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
        (row,) = self.database.read(
            "SELECT (SELECT count(*) FROM interviews) AS interviews,"
            " (SELECT count(*) FROM interviews WHERE sample = 1) AS samples,"
            " (SELECT count(DISTINCT name) FROM leaders) AS leaders,"
            " (SELECT count(*) FROM turns) AS turns, (SELECT count(*) FROM passages) AS passages,"
            " (SELECT CAST(coalesce(sum(words), 0) AS BIGINT) FROM interviews) AS words"
        )
        return Counts(**{key: row[key] for key in row.keys()})  # noqa: SIM118 - a row is no mapping

    def keep_feedback(self, feedback: Feedback) -> None:
        """Store a reader's thumb; no ingest touches it."""
        hits, quotations = (
            json.dumps([(one.source, one.text) for one in excerpts], ensure_ascii=False)
            for excerpts in (feedback.hits, feedback.quotations)
        )
        with self.database.transaction() as transaction:
            values = (feedback.at, feedback.question, int(feedback.is_helpful), hits, quotations)
            transaction.insert("feedback", COLUMNS["feedback"][1:], [values])

    def feedback(self) -> list[Feedback]:
        """Every thumb, in the order of giving."""
        return [_to_feedback(row) for row in self.database.read("SELECT * FROM feedback ORDER BY number")]

    def keep_question(self, session: str, question: str) -> None:
        """Add a question to a conversation."""
        with self.database.transaction() as transaction:
            transaction.execute(
                "INSERT INTO asked SELECT CAST(? AS TEXT), coalesce(max(number), 0) + 1, CAST(? AS TEXT)"
                " FROM asked WHERE session = ?",
                (session, question, session),
            )

    def questions(self, session: str) -> tuple[str, ...]:
        """The questions of a conversation, oldest first."""
        rows = self.database.read("SELECT question FROM asked WHERE session = ? ORDER BY number", (session,))
        return tuple(row["question"] for row in rows)

    def _check(self, key: str, wanted: str) -> None:
        found = self.database.read("SELECT value FROM facts WHERE key = ?", (key,))
        built = found[0]["value"] if found else wanted
        if built != wanted:
            raise IndexMismatch(
                f"The knowledge base in {self.database.place} was built with {key} {built}, and this is {wanted};"
                f" set KB_EMBED_MODEL as it was, or {self.database.remedy} and ingest again"
            )

    def _fact(self, key: str) -> str:
        (row,) = self.database.read("SELECT value FROM facts WHERE key = ?", (key,))
        return str(row["value"])

    def _leaders(self, interview_id: str | None = None) -> dict[str, tuple[Leader, ...]]:
        which, values = ("", ()) if interview_id is None else ("WHERE interview_id = ?", (interview_id,))
        rows = self.database.read(f"SELECT * FROM leaders {which} ORDER BY interview_id, position", values)
        found: dict[str, tuple[Leader, ...]] = {}
        for row in rows:
            leader = Leader(*(row[key] for key in ("name", "role", "company", "sector", "qualifies", "evidence")))
            found[row["interview_id"]] = (*found.get(row["interview_id"], ()), leader)
        return found


def choose_words(text: str) -> list[str]:
    """The words of a text that carry meaning, each once; all of them where none does."""
    words = list(dict.fromkeys(word.replace("’", "'") for word in WORD.findall(text.lower())))
    return [word for word in words if STOPWORDS.isdisjoint((word, word.partition("'")[0]))] or words


def choose_rarest(counts: Mapping[str, int], most: int) -> list[str]:
    """The words that the fewest passages hold, as many as all in all stand in no more than `most`; at least one."""
    rising = sorted(counts, key=lambda word: counts[word])
    held = accumulate(counts[word] for word in rising)
    chosen = {*rising[:1], *(word for word, total in zip(rising, held, strict=True) if total <= most)}
    return [word for word in counts if word in chosen]


def _insert_interview(transaction: Transaction, transcript: Transcript, origin: Origin) -> None:
    interview = transcript.interview
    words = sum(len(turn.text.split()) for turn in transcript.turns)
    transaction.insert(
        "interviews",
        COLUMNS["interviews"],
        [
            (
                interview.id, origin.path, origin.ingest_key, interview.title, interview.host, interview.show,
                interview.date.isoformat() if interview.date else None, interview.year,
                int(interview.year_is_approximate), interview.url, interview.media_url, interview.licence,
                interview.source, interview.source_hash, interview.language, int(interview.sample), words,
            )
        ],
    )  # fmt: skip
    transaction.insert(
        "leaders",
        COLUMNS["leaders"],
        [
            (interview.id, position, one.name, one.role, one.company, one.sector, one.qualifies, one.evidence)
            for position, one in enumerate(interview.leaders)
        ],
    )


def _insert_turns(transaction: Transaction, transcript: Transcript) -> None:
    transaction.insert(
        "turns",
        COLUMNS["turns"],
        [
            (
                transcript.interview.id, turn.index, turn.speaker, turn.role, turn.text, turn.start, turn.page,
                json.dumps([(mark.offset, mark.start, mark.page) for mark in turn.marks]), turn.kind, turn.confidence,
            )
            for turn in transcript.turns
        ],
    )  # fmt: skip


def _insert_passages(transaction: Transaction, passages: Sequence[Passage], headers: Sequence[str]) -> None:
    transaction.insert(
        "passages",
        COLUMNS["passages"][1:],
        [
            (
                passage.id, passage.interview_id,
                json.dumps([(part.turn, part.start, part.end) for part in passage.parts]),
                passage.speaker, passage.text, passage.question, header,
                passage.start, int(passage.start_is_exact), passage.page,
            )
            for passage, header in zip(passages, headers, strict=True)
        ],
    )  # fmt: skip


def _to_interview(row: Row, leaders: tuple[Leader, ...]) -> Interview:
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


def _to_turn(row: Row) -> Turn:
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


def _to_passage(row: Row) -> Passage:
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


def _to_feedback(row: Row) -> Feedback:
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
