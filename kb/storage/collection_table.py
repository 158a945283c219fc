"""Collections and their pins: the work of people, which no ingest and no removal touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from kb.errors import BadCollection
from kb.storage import schema
from kb.storage.anchor import Anchor
from kb.storage.database import Database

COLLECTIONS, PINS = schema.collections, schema.pins


@dataclass(frozen=True, slots=True)
class Collection:
    """A named list of pins."""

    id: str
    name: str
    created: str  # date and time in ISO 8601, UTC
    pins: int = 0  # their number


@dataclass(frozen=True, slots=True)
class Pin(Anchor):
    """A quotation in a collection."""

    id: str
    collection_id: str
    note: str = ""
    tags: tuple[str, ...] = ()
    position: int = 0  # counts from 0


class CollectionTable:
    """Reads and writes collections. Raises BadCollection when one is not there, StoreUnavailable as the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collections(self) -> list[Collection]:
        """Return all collections, by name."""
        number = select(func.count()).where(PINS.c.collection_id == COLLECTIONS.c.id).scalar_subquery()
        ordered = select(COLLECTIONS, number.label("pins")).order_by(func.lower(COLLECTIONS.c.name), COLLECTIONS.c.id)
        return [Collection(*tuple(row)) for row in self._database.read(ordered)]

    def add(self, collection: Collection) -> None:
        """Add a collection; its name is free."""
        with self._database.transaction() as connection:
            _check_free(connection, collection)
            row = asdict(collection)
            del row["pins"]
            connection.execute(insert(COLLECTIONS), row)

    def rename(self, collection: Collection) -> None:
        """Give a collection another name, which is free."""
        with self._database.transaction() as connection:
            _lock(connection, collection.id)
            _check_free(connection, collection)
            connection.execute(
                update(COLLECTIONS).where(COLLECTIONS.c.id == collection.id).values(name=collection.name)
            )

    def delete(self, collection_id: str) -> None:
        """Delete a collection with its pins."""
        with self._database.transaction() as connection:
            _lock(connection, collection_id)
            connection.execute(delete(COLLECTIONS).where(COLLECTIONS.c.id == collection_id))

    def pins(self, collection_id: str) -> list[Pin]:
        """Return the pins of a collection, in order."""
        rows = self._database.read(_ordered(collection_id))
        return [Pin(**{**row._mapping, "tags": tuple(row.tags)}) for row in rows]

    def add_pin(self, pin: Pin) -> Pin:
        """Add a pin at the end; where the same words are pinned already, return that pin."""
        with self._database.transaction() as connection:
            _lock(connection, pin.collection_id)
            pins = self.pins(pin.collection_id)
            if same := next((one for one in pins if _place(one) == _place(pin)), None):
                return same
            placed = replace(pin, position=max((one.position for one in pins), default=-1) + 1)
            connection.execute(insert(PINS), asdict(placed))
        return placed

    def remove_pin(self, pin_id: str) -> None:
        """Remove a pin."""
        with self._database.transaction() as connection:
            if not connection.execute(delete(PINS).where(PINS.c.id == pin_id)).rowcount:
                raise _unknown_pin(pin_id)

    def move_pin(self, pin_id: str, position: int) -> None:
        """Move a pin to a position, counted from 0; the others keep their order."""
        with self._database.transaction() as connection:
            collection_id = connection.scalar(select(PINS.c.collection_id).where(PINS.c.id == pin_id))
            if collection_id is None:
                raise _unknown_pin(pin_id)
            _lock(connection, collection_id)
            pins = self.pins(collection_id)
            ids = [pin.id for pin in pins if pin.id != pin_id]
            ids.insert(max(0, position), pin_id)
            before = {pin.id: pin.position for pin in pins}
            for place, one in enumerate(ids):
                if before.get(one) != place:
                    connection.execute(update(PINS).where(PINS.c.id == one).values(position=place))

    def annotate(self, pin_id: str, note: str | None, tags: Sequence[str] | None) -> None:
        """Replace the note or the tags of a pin; None keeps them."""
        values = {"note": note, "tags": None if tags is None else list(tags)}
        given = {name: value for name, value in values.items() if value is not None}
        with self._database.transaction() as connection:
            wanted = update(PINS).where(PINS.c.id == pin_id).values(given or {"id": pin_id})
            if not connection.execute(wanted).rowcount:
                raise _unknown_pin(pin_id)


def _ordered(collection_id: str) -> Select[Any]:
    return select(PINS).where(PINS.c.collection_id == collection_id).order_by(PINS.c.position, PINS.c.added, PINS.c.id)


def _place(pin: Pin) -> tuple[object, ...]:
    return pin.interview_id, pin.turn, pin.start_offset, pin.end_offset, pin.quote


def _lock(connection: Connection, collection_id: str) -> None:
    """Hold a collection for this transaction. Raises BadCollection when there is none."""
    wanted = select(COLLECTIONS.c.id).where(COLLECTIONS.c.id == collection_id).with_for_update()
    if connection.scalar(wanted) is None:
        raise BadCollection(f"There is no collection {collection_id[:80]!r}; list them: kb collections")


def _check_free(connection: Connection, collection: Collection) -> None:
    others = connection.execute(select(COLLECTIONS.c.name).where(COLLECTIONS.c.id != collection.id)).scalars()
    if any(name.casefold() == collection.name.casefold() for name in others):
        raise BadCollection(f"There is a collection {collection.name!r} already; choose another name")


def _unknown_pin(pin_id: str) -> BadCollection:
    return BadCollection(f"There is no pin {pin_id!r}; it may have been removed")
