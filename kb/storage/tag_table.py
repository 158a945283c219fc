"""What people said that words show: the work of people, which no ingest and no removal touches."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from uuid import uuid4

from sqlalchemy import Connection, delete, select, text

from kb.storage.anchor import Anchor
from kb.storage.database import Database
from kb.storage.facts import REPLACE
from kb.storage.schema import facts, tags

VERSION = "tags"  # the fact that changes with every tag


@dataclass(frozen=True, slots=True)
class Tag(Anchor):
    """That some words show a behaviour, or do not, as a person judged."""

    id: str  # made of the person, the label and the place: who judges anew replaces what they said
    person: str
    framework: str  # name of the framework that the behaviour is of; '' for a tag of one's own
    label: str  # id of the behaviour, or the text of the tag
    holds: bool  # False: the words do not show it


NAMES = [field.name for field in fields(Tag)]
# One statement, so that two who write at once never disagree on whether the row is there.
PUT = text(
    f"INSERT INTO tags ({', '.join(NAMES)}) VALUES ({', '.join(f':{name}' for name in NAMES)})"  # noqa: S608 - our names
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in NAMES if name != 'id')}"
)


class TagTable:
    """Reads and writes tags. Raises StoreUnavailable when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tags(self) -> list[Tag]:
        """Return all tags, oldest first."""
        rows = self._database.read(select(tags).order_by(tags.c.added, tags.c.id))
        return [Tag(**row._mapping) for row in rows]

    def put(self, tag: Tag) -> None:
        """Write a tag; one with the same id is replaced."""
        with self._database.transaction() as connection:
            connection.execute(PUT, asdict(tag))
            _raise_version(connection)

    def remove(self, tag_id: str) -> None:
        """Remove a tag, if it is there."""
        with self._database.transaction() as connection:
            connection.execute(delete(tags).where(tags.c.id == tag_id))
            _raise_version(connection)

    def version(self) -> str:
        """Return a name of the present state, which every change replaces; '' while there was none."""
        rows = self._database.read(select(facts.c.value).where(facts.c.key == VERSION))
        return rows[0].value if rows else ""


def _raise_version(connection: Connection) -> None:
    connection.execute(REPLACE, {"key": VERSION, "value": uuid4().hex})
