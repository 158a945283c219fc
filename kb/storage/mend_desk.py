"""Mend interviews for a person: correct facts, take interviews out, put them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from kb.errors import UnknownInterview
from kb.storage.catalog import Catalog
from kb.storage.mend_table import LeftOut
from kb.storage.mending import Mending
from kb.storage.rows import Origin
from kb.storage.writer import Removed, StoreWriter


class MendDesk:
    """Changes that a person makes in the app. Methods raise StoreUnavailable when a store cannot be written."""

    def __init__(self, writer: StoreWriter, catalog: Catalog) -> None:
        self._writer = writer
        self._catalog = catalog

    def mend(self, interview_id: str, change: Mending) -> None:
        """Change facts of an interview; they win over its file from now on. Raises UnknownInterview."""
        self._writer.mend(interview_id, change)

    def take_out(self, interview_ids: Iterable[str]) -> list[Removed]:
        """Remove interviews and return them whole; one that is gone already is passed over."""
        removed: list[Removed] = []
        for interview_id in interview_ids:
            with suppress(UnknownInterview):
                removed.append(self._writer.take_out(interview_id))
        return removed

    def put_back(self, removed: Sequence[Removed]) -> None:
        """Write interviews that were taken out as they were."""
        for one in removed:
            self._writer.put_back(one)

    def all(self) -> dict[str, Mending]:
        """Return what a person has changed, by the interview's id."""
        return self._catalog.mends.all()

    def origin(self, interview_id: str) -> Origin:
        """Return where an interview was read from. Raises UnknownInterview."""
        return self._catalog.origin(interview_id)

    def left_out(self) -> list[LeftOut]:
        """Return the files that an ingest of their folder leaves out, since a person removed their interviews."""
        return self._catalog.mends.left_out()
