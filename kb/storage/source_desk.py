"""Choose which of an interview's files is read: add a second source, switch to it, forget it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kb.storage.catalog import Catalog
from kb.storage.second_sources import SecondSource
from kb.storage.source_file import is_gone
from kb.storage.writer import StoreWriter


class SourceDesk:
    """The second sources of interviews. Methods raise StoreUnavailable when a store cannot be read or written."""

    def __init__(self, writer: StoreWriter, catalog: Catalog) -> None:
        self._writer = writer
        self._catalog = catalog

    def of(self, interview_id: str) -> tuple[SecondSource, ...]:
        """Return the second sources of an interview."""
        return self._catalog.second_sources.of(interview_id)

    def all(self) -> dict[str, tuple[SecondSource, ...]]:
        """Return all second sources, by the interview's id."""
        return self._catalog.second_sources.all()

    def find(self, path: str) -> tuple[str, SecondSource] | None:
        """Find the interview of which a file is a second source, and what is noted of it."""
        return self._catalog.second_sources.find(path)

    def add(self, interview_id: str, source: SecondSource) -> None:
        """Note a file as a second source, in place of one with the same bytes that is gone.

        Raises UnknownInterview.
        """
        with self._writer.writing():
            self._catalog.interview(interview_id)
            kept = [one for one in self._others(interview_id, source.path) if not _was_renamed(one, source)]
            self._catalog.note_sources(interview_id, [*kept, source])

    def switch(self, interview_id: str, path: str, *, name: str = "") -> None:
        """Let an interview be read from another file from now on; the ingest that follows reads it.

        The file before becomes a second source under this name, unless the name is empty. Raises UnknownInterview.
        """
        with self._writer.writing():
            card, origin = self._catalog.interview(interview_id), self._catalog.origin(interview_id)
            kept = self._others(interview_id, path)
            if name:
                kept.append(SecondSource(origin.path, name, card.source_hash, origin.ingest_key))
            self._catalog.move_origin(interview_id, path, kept)

    def forget(self, path: str) -> None:
        """Forget that a file is a second source."""
        with self._writer.writing():
            if found := self.find(path):
                self._catalog.note_sources(found[0], self._others(found[0], path))

    def _others(self, interview_id: str, path: str) -> list[SecondSource]:
        return [one for one in self.of(interview_id) if one.path != path]


def _was_renamed(one: SecondSource, source: SecondSource) -> bool:
    return one.sha256 == source.sha256 and is_gone(Path(one.path))


def list_existing(sources: Sequence[SecondSource]) -> list[SecondSource]:
    """List the second sources whose files are not gone."""
    return [one for one in sources if not is_gone(Path(one.path))]
