"""Second sources: further files of the talk that an interview was read from, in other words or another format.

They stand in the table of facts, a row an interview, so that a backup and every kind of catalog hold them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, Select, delete, select

from kb.storage.damage import as_damage, damaged
from kb.storage.database import Database
from kb.storage.facts import REPLACE
from kb.storage.schema import facts

SOURCES = "sources:"
BEHIND_SOURCES = "sources;"  # the first key behind theirs
WRONG = "a second source of an interview is not named as it should be"


@dataclass(frozen=True, slots=True)
class SecondSource:
    """A file that holds the talk of an interview which was read from another file."""

    path: str  # absolute
    name: str  # as reports name it
    sha256: str
    ingest_key: str  # as that of an origin: tells whether the file must be read again


class SecondSourceTable:
    """Second sources by interview. Raises StoreUnavailable when the database fails, DamagedRow for a wrong row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, interview_id: str) -> tuple[SecondSource, ...]:
        """Return the second sources of an interview, the first found first."""
        rows = self._database.read(select(facts.c.value).where(facts.c.key == f"{SOURCES}{interview_id}"))
        return _read(rows[0].value) if rows else ()

    def all(self) -> dict[str, tuple[SecondSource, ...]]:
        """Return all second sources, by the interview's id."""
        rows = self._database.read(select(facts).where(facts.c.key.startswith(SOURCES, autoescape=True)))
        return {row.key.removeprefix(SOURCES): _read(row.value) for row in rows}

    def find(self, path: str) -> tuple[str, SecondSource] | None:
        """Find the interview of which a file is a second source, and what is noted of it."""
        rows = self._database.read(_select_holders(path))
        return find_source({row.key.removeprefix(SOURCES): _read(row.value) for row in rows}, path)

    def move(self, before: str, after: str) -> None:
        """Change the paths of files in one folder to another one."""
        moved = {
            interview_id: tuple(_move(one, f"{before}/", f"{after}/") for one in sources)
            for interview_id, sources in self.all().items()
        }
        with self._database.transaction() as connection:
            for interview_id, sources in moved.items():
                note_sources(connection, interview_id, sources)


def note_sources(connection: Connection, interview_id: str, sources: Iterable[SecondSource]) -> None:
    """Note which second sources an interview has from now on."""
    key, rows = f"{SOURCES}{interview_id}", [asdict(one) for one in sources]
    if rows:
        connection.execute(REPLACE, {"key": key, "value": json.dumps(rows)})
    else:
        connection.execute(delete(facts).where(facts.c.key == key))


def forget_source(connection: Connection, path: str) -> None:
    """Note that a file is no second source of any interview."""
    for row in connection.execute(_select_holders(path)).all():
        sources = _read(row.value)
        if any(one.path == path for one in sources):
            kept = [one for one in sources if one.path != path]
            note_sources(connection, row.key.removeprefix(SOURCES), kept)


def _select_holders(path: str) -> Select[tuple[str, str]]:
    """Select the second sources that a path may be one of: the database looks, not we, whatever their number."""
    written = json.dumps(path)[1:-1]
    # Texts are compared bytewise, so that these keys are one stretch of the table.
    is_source = (facts.c.key >= SOURCES) & (facts.c.key < BEHIND_SOURCES)
    return select(facts).where(is_source, facts.c.value.contains(written, autoescape=True))


def _move(source: SecondSource, before: str, after: str) -> SecondSource:
    is_inside = source.path.startswith(before)
    return replace(source, path=after + source.path.removeprefix(before)) if is_inside else source


def _read(text: str) -> tuple[SecondSource, ...]:
    with as_damage(WRONG):
        match json.loads(text):
            case [*rows] if rows:
                return tuple(map(_read_one, rows))
    raise damaged(WRONG)


def _read_one(row: object) -> SecondSource:
    match row:
        case {"path": str(path), "name": str(name), "sha256": str(sha256), "ingest_key": str(key), **other}:
            if not other:
                return SecondSource(path, name, sha256, key)
    raise damaged(WRONG)


def find_source(sources: Mapping[str, Iterable[SecondSource]], path: str) -> tuple[str, SecondSource] | None:
    """Find the interview of which a file is a second source, and what is noted of it."""
    found = ((interview_id, one) for interview_id, own in sources.items() for one in own if one.path == path)
    return next(found, None)
