"""Find passages of different leaders that pull in opposite directions on a matter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kb.arrays import Scores
from kb.lens.voices import Voice
from kb.retrieval.index import Index
from kb.themes.evidence import ThemeQuotation
from kb.themes.poles import Matter, Pole

HEADING = "Possible tension: read both"
STRONG = 0.58  # least likeness to a sentence of a pole, as a mean cosine of word pieces
LEAD = 0.08  # least lead over the likeness to the other pole
MOST_PAIRS = 2  # of a matter


@dataclass(frozen=True, slots=True)
class Tension:
    """Two quotations of different leaders, one for each pole of a matter."""

    matter: Matter
    one: ThemeQuotation
    other: ThemeQuotation


@dataclass(frozen=True, slots=True)
class Leaning:
    """A passage that leans to a pole."""

    place: int
    scores: Scores  # of its sentences: likeness to the pole
    strength: float


def find_leaning(places: Sequence[int], own: Voice, other: Voice, index: Index) -> list[Leaning]:
    """Find the passages that lean strongly to a pole and not to the other one, the strongest first."""
    found = []
    for place in places:
        scores = own.match(*index.locate(place))
        best = int(np.argmax(scores))
        strength = float(scores[best])
        if strength >= STRONG and strength - float(other.match(*index.locate(place)).max()) >= LEAD:
            found.append(Leaning(place, scores, strength))
    return sorted(found, key=lambda one: -one.strength)


def pair_up(
    one_side: Sequence[Leaning],
    other_side: Sequence[Leaning],
    own: Collection[int],
    speaker_of: Callable[[int], str],
    taken: set[int],
) -> Iterator[tuple[Leaning, Leaning]]:
    """Pair the strongest of both sides, each passage and each leader once; one of a pair at least is among `own`.

    `taken` are places that are paired already; those of new pairs are added.
    """
    leaders: set[str] = set()
    pairs = [(one, other) for one in one_side for other in other_side if {one.place, other.place} & set(own)]
    found = 0
    for one, other in sorted(pairs, key=lambda pair: -min(pair[0].strength, pair[1].strength)):
        speakers = {speaker_of(one.place), speaker_of(other.place)}
        if len(speakers) < 2 or speakers & leaders or taken & {one.place, other.place}:
            continue
        leaders |= speakers
        taken |= {one.place, other.place}
        yield one, other
        found += 1
        if found == MOST_PAIRS:
            return


def key_of(pole: Pole) -> str:
    """The name under which the sentences of a pole are kept."""
    return f"pole {pole.name}"
