"""Find passages of different leaders that pull in opposite directions on a matter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb.answering.window import Window, choose_window
from kb.embedding.arrays import Vectors
from kb.embedding.protocol import TextEmbedding
from kb.lens.themes.evidence import ThemeQuotation
from kb.lens.themes.poles import Matter, Pole
from kb.lens.themes.quoting import MOST_WORDS
from kb.lens.voices import Voices
from kb.model import Passage
from kb.retrieval.index import Index
from kb.text.sentences import sentence_spans

HEADING = "Possible tension: read both"
# A passage leans to a pole when it is like one of its sentences, and less like any of the other pole's: first by its
# word pieces, then its quoted words by their vector. Set by reading every pair that was shown (docs/themes.md).
LIKE, LEAD = 0.58, 0.09
QUOTE_LIKE, QUOTE_LEAD = 0.55, 0.15
MOST_QUOTED = 14  # passages of a pole whose words are encoded
MOST_PAIRS = 2  # of a matter

Encoder = Callable[[Sequence[str]], list[TextEmbedding]]


@dataclass(frozen=True, slots=True)
class Tension:
    """Two quotations of different leaders, one for each pole of a matter."""

    matter: Matter
    one: ThemeQuotation
    other: ThemeQuotation


@dataclass(frozen=True, slots=True)
class Leaning:
    """Words of a passage that lean to a pole."""

    place: int
    words: Window
    strength: float  # cosine to the nearest sentence of the pole


class TensionFinder:
    """Finds what leans to a pole; caches the vectors of the poles' sentences."""

    def __init__(self, voices: Voices, encode: Encoder) -> None:
        self._voices = voices
        self._encode = encode
        self._known: dict[str, Vectors] = {}

    def find_leaning(self, pole: Pole, other: Pole, passages: Mapping[int, Passage], index: Index) -> list[Leaning]:
        """Find the passages that lean to a pole and not to the other one, the strongest first; they are by place."""
        near = self._find_near(pole, other, passages, index)
        if not near:
            return []
        found = []
        for place, words in near:
            strength = self._weigh(passages[place].text[words.start : words.end], pole, other)
            if strength:
                found.append(Leaning(place, words, strength))
        return sorted(found, key=lambda one: -one.strength)

    def _weigh(self, quote: str, pole: Pole, other: Pole) -> float:
        """Return the likeness of a quotation's nearest sentence to a pole; 0 where it is not near, or near to both."""
        vectors = np.stack(
            [one.vector for one in self._encode([quote[start:end] for start, end in sentence_spans(quote)])]
        )
        likeness, against = ((vectors @ self._load(one).T).max(axis=1) for one in (pole, other))
        best = int(np.argmax(likeness))
        is_near = likeness[best] >= QUOTE_LIKE and likeness[best] - against[best] >= QUOTE_LEAD
        return float(likeness[best]) if is_near else 0.0

    def _find_near(
        self, pole: Pole, other: Pole, passages: Mapping[int, Passage], index: Index
    ) -> list[tuple[int, Window]]:
        """Find the words nearest to a pole by their word pieces, where they are far from the other one."""
        mine, theirs = (self._voices.of_texts(f"pole {one.name}", one.said) for one in (pole, other))
        found: list[tuple[float, int, Window]] = []
        for place, passage in passages.items():
            scores = mine.match(*index.locate(place))
            like = float(scores.max())
            lead = like - float(theirs.match(*index.locate(place)).max()) if like >= LIKE else 0.0
            words = choose_window(passage, scores, MOST_WORDS) if lead >= LEAD else None
            if words:
                found.append((like + lead / 2, place, words))
        best = sorted(found, key=lambda one: -one[0])[:MOST_QUOTED]
        return [(place, words) for _, place, words in best]

    def _load(self, pole: Pole) -> Vectors:
        if pole.name not in self._known:
            self._known[pole.name] = np.stack([one.vector for one in self._encode(pole.said)])
        return self._known[pole.name]


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
        if len(speakers) < len((one, other)) or speakers & leaders or taken & {one.place, other.place}:
            continue
        leaders |= speakers
        taken |= {one.place, other.place}
        yield one, other
        found += 1
        if found == MOST_PAIRS:
            return
