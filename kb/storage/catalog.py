"""The catalog: the tables that own transcripts, passages and their words, in SQLite or PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from kb.arrays import Segment
from kb.errors import IndexMismatch, UnknownInterview
from kb.model import Facet, Facets, Feedback, Interview, Leader, Passage, Transcript, Turn
from kb.storage.database import Database, mark, raise_generation
from kb.storage.ledger import Ledger, Shelved, list_segment
from kb.storage.rows import (
    SELECT_PASSAGES,
    Counts,
    Origin,
    Source,
    _insert_interview,
    _insert_passages,
    _insert_turns,
    _to_feedback,
    _to_interview,
    _to_passage,
    _to_turn,
)
from kb.storage.schema import COLUMNS, SCHEMA_VERSION


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


def _count(pairs: Iterable[tuple[str | None, str]]) -> tuple[Facet, ...]:
    """Interviews a value, each counted once, the most frequent value first."""
    found: dict[str, set[str]] = {}
    for value, interview_id in pairs:
        if value:
            found.setdefault(value, set()).add(interview_id)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0].casefold()))
    return tuple(Facet(value, len(interview_ids)) for value, interview_ids in ordered)
