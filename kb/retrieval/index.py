"""What every search needs of the catalog, held in arrays as of one generation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kb.arrays import Flags, Offsets, Places, Segment, Shelf
from kb.model import Interview
from kb.retrieval.entities import Names, collect_names
from kb.retrieval.maxsim import Run, count_passages_with
from kb.storage.catalog import Catalog
from kb.storage.token_store import TokenStore


@dataclass(frozen=True, slots=True)
class Index:
    """What every search needs of the catalog, as of one generation; passages are numbered through all shelves."""

    generation: int
    interviews: Mapping[str, Interview]  # by id
    names: Names  # people and companies that a question may name
    shelves: tuple[Shelf, ...]
    passage_ids: tuple[str, ...]
    place_of: Mapping[str, int]  # passage id -> its number
    shelf_of: Places  # (passages,): number of the shelf of each passage
    first_of: Places  # (shelves + 1,): number of the first passage of each shelf
    rows: Offsets  # (passages,): the first row of each passage in its segment
    lengths: Offsets  # (passages,): rows of each passage
    frequency: Mapping[int, int]  # word piece -> passages that hold it

    @classmethod
    def load(cls, catalog: Catalog, tokens: TokenStore) -> Index:
        """Read it from the catalog, and map the token vectors that it lists."""
        generation = catalog.generation()
        tokens.forget(catalog.count_live_rows())
        shelves = tuple(replace(shelf, segment=tokens.map(shelf.segment)) for shelf in catalog.shelves())
        interviews = catalog.interviews()
        sizes = [len(shelf.passage_ids) for shelf in shelves]
        passage_ids = tuple(passage_id for shelf in shelves for passage_id in shelf.passage_ids)
        return cls(
            generation=generation,
            interviews={interview.id: interview for interview in interviews},
            names=collect_names(interviews),
            shelves=shelves,
            passage_ids=passage_ids,
            place_of={passage_id: place for place, passage_id in enumerate(passage_ids)},
            shelf_of=np.repeat(np.arange(len(shelves)), sizes),
            first_of=np.cumsum([0, *sizes]),
            rows=_join([shelf.segment.rows[:-1] for shelf in shelves]),
            lengths=_join([np.diff(shelf.segment.rows) for shelf in shelves]),
            frequency=count_passages_with([shelf.segment for shelf in shelves]),
        )

    def flag(self, interview_ids: Collection[str]) -> Flags:
        """Which passages belong to these interviews."""
        if not interview_ids:
            return np.zeros(len(self.passage_ids), dtype=bool)
        is_meant = np.array([shelf.interview_id in interview_ids for shelf in self.shelves], dtype=bool)
        return is_meant[self.shelf_of]

    def run(self, first: int, passages: int) -> Run:
        """Some passages that follow each other in one interview, from the first."""
        codes = self.shelves[int(self.shelf_of[first])].segment.codes
        last = first + passages - 1
        return Run(codes[self.rows[first] : self.rows[last] + self.lengths[last]], passages)

    def interview_of(self, place: int) -> str:
        """The id of the interview of a passage."""
        return self.shelves[int(self.shelf_of[place])].interview_id

    def place(self, found: Iterable[tuple[str, float]]) -> list[tuple[int, float]]:
        """Passage ids with a score as numbers with that score; those that came later are left out."""
        return [(self.place_of[one], score) for one, score in found if one in self.place_of]

    def locate(self, place: int) -> tuple[Segment, int]:
        """The segment of a passage, and its number there."""
        number = int(self.shelf_of[place])
        return self.shelves[number].segment, int(place) - int(self.first_of[number])


def _join(parts: Sequence[Offsets]) -> Offsets:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
