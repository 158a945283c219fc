"""Upgrade a catalog that an earlier version of this program made, in steps, keeping all that is in it.

A step goes from one schema to the next and never changes again: it has definitions of its own, not those of schema.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import JSON, Boolean, Column, Connection, ForeignKey, MetaData, Table, select, update

from kb.errors import StoreUnavailable
from kb.storage.database import Database
from kb.storage.schema import NUMBER, SCHEMA_VERSION, Text, facts

log = logging.getLogger(__name__)

WAIT = 1.0  # seconds of one attempt to get the writer's lock


def can_upgrade(built: str) -> bool:
    """Whether a catalog of this schema is the current one or can be made so."""
    return built == SCHEMA_VERSION or built in STEPS


def upgrade(database: Database, home: Path) -> None:
    """Bring a catalog of an earlier schema to the current one, in one transaction, under the writer's lock.

    One of a schema without a step is left as it is. Raises StoreUnavailable when the catalog cannot be written.
    """
    if not database.has_tables() or _read_schema(database) not in STEPS:
        return
    if database.is_read_only:
        raise StoreUnavailable(
            f"The knowledge base in {database.location} is of an earlier version and can only be read;"
            " make its folder writable and open it once, which upgrades it and keeps what is there"
        )
    with _writing(database, home), database.transaction() as connection:
        built = connection.scalar(SCHEMA)  # read again: another process may have upgraded it meanwhile
        while built in STEPS:
            following, step = STEPS[built]
            step(connection)
            connection.execute(update(facts).where(facts.c.key == "schema").values(value=following))
            log.info("Upgraded the catalog at %s from schema %s to %s", database.location, built, following)
            built = following


def _read_schema(database: Database) -> str:
    return next((row.value for row in database.read(SCHEMA)), SCHEMA_VERSION)


@contextmanager
def _writing(database: Database, home: Path) -> Iterator[None]:
    """Hold the writer's lock of this host and of all hosts."""
    with FileLock(home / "writer.lock"):
        while not database.lock(WAIT):
            pass
        try:
            yield
        finally:
            database.unlock()


def make_columns(kind: Any, names: str, *, optional: bool = False) -> list[Column[Any]]:
    """Make columns of one kind."""
    return [Column(name, kind, nullable=optional) for name in names.split()]


def _add_collections(connection: Connection) -> None:
    added = MetaData()
    Table("collections", added, Column("id", Text, primary_key=True), *make_columns(Text, "name created"))
    Table(
        "pins",
        added,
        Column("id", Text, primary_key=True),
        Column("collection_id", Text, ForeignKey("collections.id", ondelete="CASCADE"), nullable=False, index=True),
        *make_columns(NUMBER, "position"),
        *make_columns(Text, "interview_id source_hash source title"),
        *make_columns(Boolean, "sample"),
        *make_columns(NUMBER, "turn start_offset end_offset"),
        *make_columns(Text, "quote"),
        *make_columns(Text, "speaker", optional=True),
        *make_columns(Text, "note"),
        *make_columns(JSON, "tags"),
        *make_columns(Text, "added"),
    )
    added.create_all(connection)


def _add_tags(connection: Connection) -> None:
    added = MetaData()
    Table(
        "tags",
        added,
        Column("id", Text, primary_key=True),
        *make_columns(Text, "person framework label"),
        *make_columns(Boolean, "holds"),
        *make_columns(Text, "interview_id source_hash source title"),
        *make_columns(Boolean, "sample"),
        *make_columns(NUMBER, "turn start_offset end_offset"),
        *make_columns(Text, "quote"),
        *make_columns(Text, "speaker", optional=True),
        *make_columns(Text, "added"),
    )
    added.create_all(connection)


SCHEMA = select(facts.c.value).where(facts.c.key == "schema")
# From a schema to the one that follows it.
STEPS: dict[str, tuple[str, Callable[[Connection], None]]] = {"4": ("5", _add_collections), "5": ("6", _add_tags)}
