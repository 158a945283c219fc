"""What a lens learnt from people's judgements, by framework: in the table of facts, so that backups hold it."""

from __future__ import annotations

import hashlib
from uuid import uuid4

from sqlalchemy import Connection, delete, select

from kb.storage.database import Database
from kb.storage.facts import REPLACE
from kb.storage.schema import facts

LEARNT = "learnt:"
VERSION = "learnt"  # the fact that changes with every row


class LearntTable:
    """Reads and writes what was learnt, as text. Raises StoreUnavailable when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, framework: str) -> str | None:
        """Return what was learnt for the framework of this name; None if nothing was."""
        rows = self._database.read(select(facts.c.value).where(facts.c.key == _key_of(framework)))
        return rows[0].value if rows else None

    def put(self, framework: str, value: str) -> None:
        """Write what was learnt for a framework; what was there is replaced, whole."""
        with self._database.transaction() as connection:
            connection.execute(REPLACE, {"key": _key_of(framework), "value": value})
            _raise_version(connection)

    def remove(self, framework: str) -> bool:
        """Remove what was learnt for a framework; returns whether something was."""
        with self._database.transaction() as connection:
            removed = connection.execute(delete(facts).where(facts.c.key == _key_of(framework))).rowcount
            _raise_version(connection)
        return bool(removed)

    def version(self) -> str:
        """Return a name of the present state, which every change replaces; '' while there was none."""
        rows = self._database.read(select(facts.c.value).where(facts.c.key == VERSION))
        return rows[0].value if rows else ""


def _key_of(framework: str) -> str:
    """A key of limited length, as PostgreSQL needs it."""
    return f"{LEARNT}{hashlib.sha256(framework.encode(errors='surrogateescape')).hexdigest()}"


def _raise_version(connection: Connection) -> None:
    connection.execute(REPLACE, {"key": VERSION, "value": uuid4().hex})
