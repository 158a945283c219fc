"""The search index: data of one catalog generation, held in arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kb.embedding.arrays import Offsets, PassageIndices, PassageMask
from kb.model import Interview
from kb.retrieval.entities import Names, collect_names
from kb.retrieval.maxsim import Run, count_passages_with
from kb.storage.catalog import Catalog
from kb.storage.token_file import InterviewTokens, TokenFile
from kb.storage.token_store import TokenStore


@dataclass(frozen=True, slots=True)
class Index:
    """Search data of one catalog generation; passages are numbered consecutively across all parts."""

    generation: int
    interviews: Mapping[str, Interview]  # by id
    names: Names  # names of people and companies
    parts: tuple[InterviewTokens, ...]  # one part per interview
    passage_ids: tuple[str, ...]
    place_of: Mapping[str, int]  # passage id -> passage number
    part_of: PassageIndices  # (passages,): part number of each passage
    first_of: PassageIndices  # (parts + 1,): first passage number of each part
    rows: Offsets  # (passages,): first row of each passage in its file
    lengths: Offsets  # (passages,): number of rows of each passage
    frequency: Mapping[int, int]  # word piece -> number of passages that contain it

    @classmethod
    def load(cls, catalog: Catalog, tokens: TokenStore) -> Index:
        """Read the catalog and map its token files. Raises TokenFileGone when one is missing, StoreUnavailable."""
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
        """Return a mask of the passages of these interviews."""
        if not interview_ids:
            return np.zeros(len(self.passage_ids), dtype=bool)
        is_meant = np.array([part.interview_id in interview_ids for part in self.parts], dtype=bool)
        return is_meant[self.part_of]

    def run(self, first: int, passages: int) -> Run:
        """Return the rows of consecutive passages of one interview, starting at `first`."""
        codes = self.parts[int(self.part_of[first])].file.codes
        last = first + passages - 1
        return Run(codes[self.rows[first] : self.rows[last] + self.lengths[last]], passages)

    def interview_of(self, place: int) -> str:
        """Return the interview id of a passage."""
        return self.parts[int(self.part_of[place])].interview_id

    def place(self, found: Iterable[tuple[str, float]]) -> list[tuple[int, float]]:
        """Map passage ids with scores to passage numbers with scores; ids that are newer than the index are skipped."""
        return [(self.place_of[one], score) for one, score in found if one in self.place_of]

    def locate(self, place: int) -> tuple[TokenFile, int]:
        """Return the token file of a passage, and its number in that file."""
        number = int(self.part_of[place])
        return self.parts[number].file, int(place) - int(self.first_of[number])


def _join(parts: Sequence[Offsets]) -> Offsets:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
