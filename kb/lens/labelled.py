"""The passages that people judged, as a lens finds them, and passages that nobody judged, to learn from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kb.embedding.arrays import Scores, Vectors
from kb.lens.judge import Lens
from kb.lens.people import Shown, Vote, list_agreed
from kb.lens.reading import LensReader, Measured
from kb.retrieval.index import Index

MOST_OTHERS = 200  # passages that nobody judged


@dataclass(frozen=True, slots=True)
class Labelled:
    """A passage that people judged."""

    interview_id: str
    text: str
    labels: Mapping[str, bool]  # behaviour -> whether it shows it, where more people say so than not
    likeness: Mapping[str, float]  # behaviour -> how near the passage comes to one of its phrasings
    odds: Scores = field(repr=False)  # (outputs,): of the lens alone
    vector: Vectors = field(repr=False)  # (dimensions,)


def list_labelled(
    lens: Lens, reader: LensReader, index: Index, votes: Mapping[Shown, Sequence[Vote]]
) -> tuple[list[Labelled], Measured]:
    """List the passages that people judged, and what the lens finds in others that it takes to show something."""
    measured = reader.measure(index)
    labels: dict[str, dict[str, bool]] = {}
    for (passage_id, behaviour_id), holds in list_agreed(votes).items():
        if passage_id in index.place_of:
            labels.setdefault(passage_id, {})[behaviour_id] = holds
    texts = {passage_id: given[0].passage.text for (passage_id, _), given in votes.items()}
    behaviours = [one.id for one in lens.framework.behaviours]
    found = []
    for passage_id, said in sorted(labels.items()):
        place = index.place_of[passage_id]
        tell = reader.measure_likeness(index, place)
        likeness = {one: tell(one) for one in behaviours}
        known = texts[passage_id], said, likeness, measured.odds[place], measured.passages[place]
        found.append(Labelled(index.interview_of(place), *known))
    return found, _choose_others(lens, measured, {index.place_of[one] for one in labels})


def _choose_others(lens: Lens, measured: Measured, judged: set[int]) -> Measured:
    """Choose passages that nobody judged, evenly from all that show something."""
    others = np.array([one for one in lens.find_showing(measured.odds).tolist() if one not in judged], dtype=np.int64)
    chosen = others[:: max(1, -(-len(others) // MOST_OTHERS))]
    return Measured(measured.odds[chosen], measured.passages[chosen])
