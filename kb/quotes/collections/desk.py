"""Collections of pinned quotations: made, ordered, tagged, noted; each pin is found again after its source changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from uuid import uuid4

from kb.errors import BadCollection
from kb.model import Span
from kb.quotes.collections.anchoring import anchor_words
from kb.quotes.collections.refinding import KeptQuotation, refind
from kb.storage.catalog import Catalog
from kb.storage.collection_table import Collection, CollectionTable, Pin

LONGEST_NAME, LONGEST_TAG, LONGEST_NOTE = 120, 60, 5_000  # characters
MOST_TAGS = 30


class Collections:
    """Reads and writes collections; shared by all threads.

    Methods raise BadCollection when a collection or a pin is not there, or a name cannot be used; those that write
    raise StoreUnavailable when the catalog can only be read.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._table = CollectionTable(catalog.database)

    def list(self) -> Sequence[Collection]:
        """Return all collections, by name."""
        return self._table.collections()

    def find(self, name: str) -> Collection:
        """Return the collection with this id or name."""
        found = [one for one in self.list() if name == one.id or _clean(name).casefold() == one.name.casefold()]
        if not found:
            raise BadCollection(f"There is no collection {name[:80]!r}; list them: kb collections")
        return found[0]

    def create(self, name: str) -> Collection:
        """Make an empty collection."""
        self._catalog.database.check_writable()
        made = Collection(uuid4().hex[:12], _check_name(name), _now())
        self._table.add(made)
        return made

    def rename(self, collection_id: str, name: str) -> Collection:
        """Give a collection another name."""
        self._catalog.database.check_writable()
        renamed = replace(self.find(collection_id), name=_check_name(name))
        self._table.rename(renamed)
        return renamed

    def delete(self, collection_id: str) -> None:
        """Delete a collection with its pins."""
        self._catalog.database.check_writable()
        self._table.delete(collection_id)

    def pin(
        self, collection_id: str, interview_id: str, span: Span, *, note: str = "", tags: Sequence[str] = ()
    ) -> Pin:
        """Pin words of a turn at the end of a collection; words that are pinned there already are not pinned twice.

        Raises UnknownInterview when the turn is not there.
        """
        self._catalog.database.check_writable()
        anchor = anchor_words(self._catalog, interview_id, span)
        if anchor is None:
            raise BadCollection(f"There are no words at {span.start} to {span.end} of turn {span.turn}; pin some words")
        made = Pin(
            id=uuid4().hex[:12],
            collection_id=collection_id,
            note=_check_note(note),
            tags=_check_tags(tags),
            **asdict(replace(anchor, added=_now())),
        )
        return self._table.add_pin(made)

    def unpin(self, pin_id: str) -> None:
        """Remove a pin."""
        self._catalog.database.check_writable()
        self._table.remove_pin(pin_id)

    def move(self, pin_id: str, position: int) -> None:
        """Move a pin to a position of its collection, counted from 0."""
        self._catalog.database.check_writable()
        self._table.move_pin(pin_id, position)

    def annotate(self, pin_id: str, *, note: str | None = None, tags: Sequence[str] | None = None) -> None:
        """Replace the note or the tags of a pin; None keeps them."""
        self._catalog.database.check_writable()
        checked = None if note is None else _check_note(note)
        self._table.annotate(pin_id, checked, None if tags is None else _check_tags(tags))

    def pins(self, collection_id: str) -> Sequence[Pin]:
        """Return the pins of a collection, in order; [] if there is no such collection."""
        return self._table.pins(collection_id)

    def refind(self, pins: Sequence[Pin]) -> Sequence[KeptQuotation]:
        """Find where pins stand now, and say of which the words changed or are gone."""
        return refind(self._catalog, pins)


def _check_name(name: str) -> str:
    cleaned = _clean(name)
    if not 0 < len(cleaned) <= LONGEST_NAME:
        raise BadCollection(f"A collection needs a name of 1 to {LONGEST_NAME} characters; choose another")
    return cleaned


def _check_note(note: str) -> str:
    if len(note) > LONGEST_NOTE:
        raise BadCollection(f"A note may have {LONGEST_NOTE:,} characters, and this has {len(note):,}; shorten it")
    return note.strip()


def _check_tags(tags: Sequence[str]) -> tuple[str, ...]:
    cleaned = tuple(dict.fromkeys(tag for one in tags if (tag := _clean(one))))
    if len(cleaned) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in cleaned):
        raise BadCollection(f"A pin may have {MOST_TAGS} tags of {LONGEST_TAG} characters; use fewer or shorter ones")
    return cleaned


def _clean(text: str) -> str:
    return " ".join(text.split())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
