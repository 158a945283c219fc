"""What every search needs of the catalog, held in arrays as of one generation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kb.arrays import Offsets, PassageIndices, PassageMask
from kb.model import Interview
from kb.retrieval.entities import Names, collect_names
from kb.retrieval.maxsim import Run, count_passages_with
from kb.storage.catalog import Catalog
from kb.storage.token_file import InterviewTokens, TokenFile
from kb.storage.token_store import TokenStore


@dataclass(frozen=True, slots=True)
class Index:
    """What every search needs of the catalog, as of one generation; passages are numbered through all parts."""

    generation: int
    interviews: Mapping[str, Interview]  # by id
    names: Names  # people and companies that a question may name
    parts: tuple[InterviewTokens, ...]  # by interview
    passage_ids: tuple[str, ...]
    place_of: Mapping[str, int]  # passage id -> its number
    part_of: PassageIndices  # (passages,): number of the part of each passage
    first_of: PassageIndices  # (parts + 1,): number of the first passage of each part
    rows: Offsets  # (passages,): the first row of each passage in its file
    lengths: Offsets  # (passages,): rows of each passage
    frequency: Mapping[int, int]  # word piece -> passages that hold it

    @classmethod
    def load(cls, catalog: Catalog, tokens: TokenStore) -> Index:
        """Read it from the catalog, and map the token vectors that it lists."""
        generation = catalog.generation()
        listed = catalog.token_files.interviews()
        tokens.forget({one.file.name for one in listed})
        parts = tuple(replace(one, file=tokens.load(one.file)) for one in listed)
        interviews = catalog.interviews()
        sizes = [len(part.passage_ids) for part in parts]
        passage_ids = tuple(passage_id for part in parts for passage_id in part.passage_ids)
        return cls(
            generation=generation,
            interviews={interview.id: interview for interview in interviews},
            names=collect_names(interviews),
            parts=parts,
            passage_ids=passage_ids,
            place_of={passage_id: place for place, passage_id in enumerate(passage_ids)},
            part_of=np.repeat(np.arange(len(parts)), sizes),
            first_of=np.cumsum([0, *sizes]),
            rows=_join([part.file.rows[:-1] for part in parts]),
            lengths=_join([np.diff(part.file.rows) for part in parts]),
            frequency=count_passages_with([part.file for part in parts]),
        )

    def flag(self, interview_ids: Collection[str]) -> PassageMask:
        """Which passages belong to these interviews."""
        if not interview_ids:
            return np.zeros(len(self.passage_ids), dtype=bool)
        is_meant = np.array([part.interview_id in interview_ids for part in self.parts], dtype=bool)
        return is_meant[self.part_of]

    def run(self, first: int, passages: int) -> Run:
        """Some passages that follow each other in one interview, from the first."""
        codes = self.parts[int(self.part_of[first])].file.codes
        last = first + passages - 1
        return Run(codes[self.rows[first] : self.rows[last] + self.lengths[last]], passages)

    def interview_of(self, place: int) -> str:
        """The id of the interview of a passage."""
        return self.parts[int(self.part_of[place])].interview_id

    def place(self, found: Iterable[tuple[str, float]]) -> list[tuple[int, float]]:
        """Passage ids with a score as numbers with that score; those that came later are left out."""
        return [(self.place_of[one], score) for one, score in found if one in self.place_of]

    def locate(self, place: int) -> tuple[TokenFile, int]:
        """The token file of a passage, and its number there."""
        number = int(self.part_of[place])
        return self.parts[number].file, int(place) - int(self.first_of[number])


def _join(parts: Sequence[Offsets]) -> Offsets:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
