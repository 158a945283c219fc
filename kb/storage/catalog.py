"""The catalog: interviews, turns and passages in SQLite or PostgreSQL; the source of truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import Integer, cast, delete, distinct, func, insert, select, update

from kb.errors import UnknownInterview
from kb.model import Interview, Leader, Passage, Transcript, Turn
from kb.storage import schema
from kb.storage.database import ROWS_AT_ONCE, Database, insert_rows, raise_generation
from kb.storage.facts import FactTable
from kb.storage.machine_table import find_machine, forget_machine, note_machine, read_machines
from kb.storage.mend_table import LeftOut, MendTable, note_put, note_removal, note_return
from kb.storage.mending import Mending
from kb.storage.reader_table import ReaderTable
from kb.storage.rows import (
    Counts,
    Origin,
    Source,
    from_interview,
    from_leaders,
    from_passages,
    from_turns,
    to_interview,
    to_leader,
    to_passage,
    to_turn,
)
from kb.storage.second_sources import SecondSource, SecondSourceTable, forget_source, note_sources
from kb.storage.source_file import is_gone
from kb.storage.token_file import TokenFile
from kb.storage.token_table import PassageRecord, TokenFileTable, list_file
from kb.text.display import mark_word

INTERVIEWS, PASSAGES, TURNS = schema.interviews, schema.passages, schema.turns
# All columns of a passage except the header, which only the full-text index reads.
PASSAGE = select(*(column for column in PASSAGES.c if column.name != "header"))


@dataclass(frozen=True, slots=True)
class Known:
    """The catalog entry of a file that is to be ingested."""

    interview_id: str
    ingest_key: str
    path: str  # where it was last read from


class Catalog:
    """Reads and writes the catalog; shared by all threads. Raises StoreUnavailable when the database fails."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.facts = FactTable(database)
        self.mends = MendTable(database)
        self.second_sources = SecondSourceTable(database)
        self.token_files = TokenFileTable(database)
        self.readers = ReaderTable(database)

    @classmethod
    def open(cls, database: Database, fingerprint: str) -> Catalog:
        """Open or create the catalog. Raises IndexMismatch when it was made with another model or schema."""
        catalog = cls(database)
        catalog.facts.prepare(fingerprint)
        return catalog

    def close(self) -> None:
        """Close all connections."""
        self.database.close()

    def has_interviews(self) -> bool:
        """Whether it holds any interview."""
        return bool(self.database.read(select(INTERVIEWS.c.id).limit(1)))

    def generation(self) -> int:
        """Return the generation, a number that every committed change increases."""
        return self.facts.generation()

    def put(
        self,
        transcript: Transcript,
        origin: Origin,
        passages: Sequence[Passage],
        headers: Sequence[str],
        file: TokenFile | None,
        records: Sequence[PassageRecord] = (),
        mending: Mending | None = None,
    ) -> None:
        """Write an interview with all its rows in one transaction; replaces the interview with the same id.

        `mending` is what a person has changed in it so far; None leaves what is stored of that.
        """
        interview = transcript.interview
        with self.database.transaction() as connection:
            connection.execute(delete(INTERVIEWS).where(INTERVIEWS.c.id == interview.id))
            connection.execute(insert(INTERVIEWS), from_interview(transcript, origin, len(passages)))
            insert_rows(connection, schema.leaders, list(from_leaders(interview)))
            insert_rows(connection, TURNS, list(from_turns(transcript)))
            self.database.insert_passages(connection, list(from_passages(passages, headers)))
            list_file(connection, interview.id, file, records)
            note_put(connection, interview.id, origin.path, mending)
            note_machine(connection, interview)
            forget_source(connection, origin.path)
            raise_generation(connection)

    def remove(self, interview_id: str, left_out: Sequence[LeftOut] = ()) -> None:
        """Delete an interview with all its rows, and note its files if they are to be left out.

        Raises UnknownInterview when there is none.
        """
        with self.database.transaction() as connection:
            found = connection.execute(delete(INTERVIEWS).where(INTERVIEWS.c.id == interview_id))
            if not found.rowcount:
                raise UnknownInterview(f"There is no interview '{mark_word(interview_id)}'")
            connection.execute(delete(schema.pending).where(schema.pending.c.interview_id == interview_id))
            note_removal(connection, interview_id, left_out)
            forget_machine(connection, interview_id)
            note_sources(connection, interview_id, ())
            raise_generation(connection)

    def note_sources(self, interview_id: str, sources: Sequence[SecondSource]) -> None:
        """Note which second sources an interview has; none of them is left out any more."""
        with self.database.transaction() as connection:
            for one in sources:
                forget_source(connection, one.path)
                note_return(connection, one.path)
            note_sources(connection, interview_id, sources)

    def move_origin(self, interview_id: str, path: str, sources: Sequence[SecondSource]) -> None:
        """Note another file as an interview's own, to be read by the next ingest, and its second sources."""
        changed = update(INTERVIEWS).where(INTERVIEWS.c.id == interview_id).values(path=path, ingest_key="")
        with self.database.transaction() as connection:
            connection.execute(changed)
            note_sources(connection, interview_id, sources)

    def find_known(self, path: str, source_hash: str) -> Known | None:
        """Find the interview of a file: by path, else by content if the file it was read from is certainly gone."""
        wanted = (INTERVIEWS.c.path == path) | (INTERVIEWS.c.source_hash == source_hash)
        columns = (INTERVIEWS.c.id, INTERVIEWS.c.ingest_key, INTERVIEWS.c.path)
        known = [
            Known(*tuple(row)) for row in self.database.read(select(*columns).where(wanted).order_by(INTERVIEWS.c.id))
        ]
        here = (one for one in known if one.path == path)
        moved = (one for one in known if one.path != path and is_gone(Path(one.path)))
        return next(here, None) or next(moved, None)

    def choose_id(self, candidates: Iterator[str]) -> str:
        """Return the first id that no interview uses; `candidates` has no end."""
        while True:
            some = list(islice(candidates, ROWS_AT_ONCE))
            taken = {row.id for row in self.database.read(select(INTERVIEWS.c.id).where(INTERVIEWS.c.id.in_(some)))}
            if free := next((one for one in some if one not in taken), None):
                return free

    def origins(self) -> dict[str, tuple[str, str]]:
        """Map the path of each ingested file to its interview id and ingest key."""
        rows = self.database.read(select(INTERVIEWS.c.path, INTERVIEWS.c.id, INTERVIEWS.c.ingest_key))
        return {row.path: (row.id, row.ingest_key) for row in rows}

    def origin(self, interview_id: str) -> Origin:
        """Return where an interview was read from. Raises UnknownInterview when there is none."""
        columns = (INTERVIEWS.c.path, INTERVIEWS.c.ingest_key)
        rows = self.database.read(select(*columns).where(INTERVIEWS.c.id == interview_id))
        if not rows:
            raise UnknownInterview(f"There is no interview {interview_id[:80]!r}")
        return Origin(*tuple(rows[0]))

    def sources(self) -> list[Source]:
        """Return the source file of each interview, sorted by path."""
        columns = (INTERVIEWS.c.id, INTERVIEWS.c.path, INTERVIEWS.c.source_hash)
        return [Source(*tuple(row)) for row in self.database.read(select(*columns).order_by(INTERVIEWS.c.path))]

    def interviews(self) -> list[Interview]:
        """Return all interviews, sorted by title."""
        leaders, machines = self._leaders(), read_machines(self.database)
        rows = self.database.read(select(INTERVIEWS).order_by(func.lower(INTERVIEWS.c.title), INTERVIEWS.c.id))
        return [to_interview(row, leaders.get(row.id, ()), machines.get(row.id)) for row in rows]

    def transcript(self, interview_id: str) -> Transcript:
        """Return an interview with all its turns. Raises UnknownInterview when there is none."""
        turns = self.database.read(select(TURNS).where(TURNS.c.interview_id == interview_id).order_by(TURNS.c["index"]))
        return Transcript(self.interview(interview_id), tuple(map(to_turn, turns)))

    def interview(self, interview_id: str) -> Interview:
        """Return the metadata of an interview. Raises UnknownInterview when there is none."""
        rows = self.database.read(select(INTERVIEWS).where(INTERVIEWS.c.id == interview_id))
        if not rows:
            raise UnknownInterview(f"There is no interview '{mark_word(interview_id)}'")
        machine = find_machine(self.database, interview_id)
        return to_interview(rows[0], self._leaders(interview_id).get(interview_id, ()), machine)

    def turn(self, interview_id: str, index: int) -> Turn:
        """Return a turn of an interview by its index. Raises UnknownInterview when there is none."""
        wanted = (TURNS.c.interview_id == interview_id) & (TURNS.c["index"] == index)
        rows = self.database.read(select(TURNS).where(wanted))
        if not rows:
            raise UnknownInterview(f"There is no turn {index} in an interview '{mark_word(interview_id)}'")
        return to_turn(rows[0])

    def passages_of(self, interview_id: str) -> list[Passage]:
        """Return the passages of an interview, in order."""
        ordered = PASSAGE.where(PASSAGES.c.interview_id == interview_id).order_by(PASSAGES.c.number)
        return list(map(to_passage, self.database.read(ordered)))

    def passages(self, passage_ids: Sequence[str]) -> dict[str, Passage]:
        """Return the passages with these ids, by id; unknown ids are left out."""
        found: dict[str, Passage] = {}
        for first in range(0, len(passage_ids), ROWS_AT_ONCE):
            some = PASSAGE.where(PASSAGES.c.id.in_(passage_ids[first : first + ROWS_AT_ONCE]))
            found |= {row.id: to_passage(row) for row in self.database.read(some)}
        return found

    def host_questions(self) -> list[str]:
        """Return the host's question of each passage, in order; '' if there is none."""
        return [row.question for row in self.database.read(select(PASSAGES.c.question).order_by(PASSAGES.c.number))]

    def counts(self) -> Counts:
        """Return the sizes of the catalog, from counts stored with each interview."""
        columns = INTERVIEWS.c
        sums = (
            func.coalesce(func.sum(one), 0)
            for one in (cast(columns.sample, Integer), columns.turns, columns.passages, columns.words)
        )
        (row,) = self.database.read(select(func.count(), *sums).select_from(INTERVIEWS))
        interviews, samples, turns, passages, words = map(int, row)
        leaders = self.database.read(select(func.count(distinct(schema.leaders.c.name))))[0][0]
        return Counts(interviews, samples, leaders, turns, passages, words)

    def _leaders(self, interview_id: str | None = None) -> dict[str, tuple[Leader, ...]]:
        table = schema.leaders
        ordered = select(table).order_by(table.c.interview_id, table.c.position)
        wanted = ordered if interview_id is None else ordered.where(table.c.interview_id == interview_id)
        found: dict[str, tuple[Leader, ...]] = {}
        for row in self.database.read(wanted):
            found[row.interview_id] = (*found.get(row.interview_id, ()), to_leader(row))
        return found
