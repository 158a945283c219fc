"""Which interviews a program wrote down, and which program: in the table of facts, so that no schema changes."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from kb.model import Interview
from kb.storage.database import Database
from kb.storage.facts import REPLACE
from kb.storage.schema import facts

MACHINE = "machine:"


def read_machines(database: Database) -> dict[str, str]:
    """Return the program that wrote down each interview, by id; those that people wrote down are not in it."""
    rows = database.read(select(facts).where(facts.c.key.startswith(MACHINE, autoescape=True)))
    return {row.key.removeprefix(MACHINE): row.value for row in rows}


def find_machine(database: Database, interview_id: str) -> str | None:
    """Return the program that wrote down an interview, None if none did."""
    rows = database.read(select(facts.c.value).where(facts.c.key == f"{MACHINE}{interview_id}"))
    return rows[0].value if rows else None


def note_machine(connection: Connection, interview: Interview) -> None:
    """Note which program wrote down an interview that is written, or that none did."""
    if interview.transcribed_by:
        key = f"{MACHINE}{interview.id}"
        connection.execute(REPLACE, {"key": key, "value": interview.transcribed_by})
    else:
        forget_machine(connection, interview.id)


def forget_machine(connection: Connection, interview_id: str) -> None:
    """Forget it of an interview that is removed."""
    connection.execute(delete(facts).where(facts.c.key == f"{MACHINE}{interview_id}"))
