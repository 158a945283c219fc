"""The theme desk: of which themes the interviews speak, in whose words, and when."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from kb.answering.citation import cite
from kb.embedding.arrays import PassageIndices, Vectors
from kb.embedding.protocol import DEFAULT_NAME, Embedder
from kb.embedding.token_codes import sum_up
from kb.errors import BadQuestion, StoreUnavailable
from kb.lens.themes.clusters import cluster_columns
from kb.lens.themes.evidence import ThemeCluster, ThemeEvidence, ThemeOverview, ThemeQuotation
from kb.lens.themes.judge import BAR, WIDE, ThemeJudge, make_judge
from kb.lens.themes.poles import Matter, load_matters
from kb.lens.themes.quoting import choose_words
from kb.lens.themes.reading import ThemeReader, ThemeReading
from kb.lens.themes.tensions import Leaning, Tension, TensionFinder, pair_up
from kb.lens.timeline import Timeline, line_up
from kb.lens.voices import Voice, Voices
from kb.model import Citation, Hit, Interview, Passage, Query
from kb.retrieval.filters import matches
from kb.retrieval.index import Index
from kb.retrieval.lexicon import Theme, load_lexicon
from kb.retrieval.relevance import load_judge
from kb.retrieval.snapshot import Snapshots
from kb.retrieval.theme_head import load_theme_head
from kb.storage.stores import Stores
from kb.text.words import SPOKEN_WORD

EVERYTHING = Query("")
EVERY = slice(None)
NAMED = 6  # themes that a message names


@dataclass(frozen=True, slots=True)
class _Sight:
    """What is read at one moment: the index, and the passages within the filters."""

    index: Index
    judge: ThemeJudge
    reading: ThemeReading
    places: PassageIndices

    def of(self, theme: Theme, *, is_wide: bool = False) -> list[int]:
        """The places of the passages that speak of a theme, surest first; where it `is_wide`, less sure ones too."""
        column = self.judge.themes.index(theme)
        odds, bar = (self.reading.odds, WIDE) if is_wide else (self.reading.raised, BAR)
        spoken = odds[self.places, column] >= bar
        kept = self.places[spoken]
        order = np.argsort(-self.reading.raised[kept, column], kind="stable")
        return [int(place) for place in kept[order]]

    def leaders(self, places: Sequence[int]) -> int:
        """How many leaders speak in passages."""
        return len({self.reading.speakers[place] for place in places})


class ThemeDesk:
    """Finds what the interviews speak of; shared by all threads.

    All methods raise StoreUnavailable when a store fails, and ModelMissing when what judges cannot be read.
    """

    def __init__(self, stores: Stores, snapshots: Snapshots, embedder: Embedder, lexicon: Path | None) -> None:
        """Load the lexicon. Raises BadLexicon."""
        self._themes = load_lexicon(lexicon)
        self._stores = stores
        self._snapshots = snapshots
        self._embedder = embedder
        self._reader: tuple[ThemeJudge, ThemeReader] | None = None
        self._voices = Voices(embedder.encode_passages, stores.tokens.project)
        self._tensions = TensionFinder(self._voices, embedder.encode_passages)
        self._clusters: tuple[int, list[list[int]]] = -1, []
        self._loading = threading.Lock()

    def find(self, name: str) -> Theme:
        """Find a theme by its id, its name, or words that only its name holds. Raises BadQuestion."""
        wanted = name.casefold().split()
        for theme in self._themes:
            if wanted in (theme.id.casefold().split(), theme.name.casefold().split()):
                return theme
        holding = [one for one in self._themes if wanted and all(word in one.name.casefold() for word in wanted)]
        if len(holding) == 1:
            return holding[0]
        if not holding:
            raise BadQuestion(f"There is no theme {' '.join(name.split())[:80]!r}; see them with: kb themes")
        named = ", ".join(one.id for one in holding[:NAMED])
        raise BadQuestion(f"{len(holding):,} themes are called so; name one of them: {named}")

    def overview(self, query: Query = EVERYTHING) -> ThemeOverview:
        """Tell of which themes the interviews within the query's filters speak; its text plays no part."""
        with self._snapshots.reading() as index:
            sight = self._look(index, query)
            found = [self._weigh(theme, sight) for theme in sight.judge.themes]
            shown = sorted(filter(None, found), key=lambda one: (-one.leaders, -one.passages, one.theme.name))
            clusters = self._gather(shown, sight)
            within = [one for one in index.interviews.values() if matches(one, query)]
        asked = {name for one in within for name in one.leader_names if not query.leaders or name in query.leaders}
        spoken = sight.places[sight.reading.speaks[sight.places].any(axis=1)].tolist()
        return ThemeOverview(tuple(shown), tuple(clusters), sight.leaders(spoken), len(asked))

    def quotations(self, theme: Theme, query: Query = EVERYTHING, within: slice = EVERY) -> list[ThemeQuotation]:
        """Return the quotations of a theme, one leader before anybody's second, the surest first.

        `within` is the part of them that is read.
        """
        with self._snapshots.reading() as index:
            sight = self._look(index, query)
            quoted = self._quote(theme, sight.of(theme), sight)
            kept = list(islice(quoted, within.start, within.stop))
        first = (within.start or 0) + 1
        return [replace(one, citation=replace(one.citation, number=number)) for number, one in enumerate(kept, first)]

    def timeline(self, theme: Theme, query: Query = EVERYTHING) -> Timeline:
        """Line up by year who speaks of a theme."""
        with self._snapshots.reading() as index:
            sight = self._look(index, query)
            reading = sight.reading
            spoken = [(reading.interviews[place], reading.speakers[place]) for place in sight.of(theme)]
            return line_up(spoken, [one for one in index.interviews.values() if matches(one, query)])

    def tensions(self, theme: Theme, query: Query = EVERYTHING) -> list[Tension]:
        """Pair passages of different leaders that pull in opposite directions, the strongest first.

        Looked at are the passages that speak of the theme, or of another one in which the same matter comes up.
        """
        pairs: list[Tension] = []
        with self._snapshots.reading() as index:
            sight = self._look(index, query)
            taken: set[int] = set()
            for matter in load_matters():
                if theme.id in matter.themes:
                    pairs.extend(self._pair(theme, matter, sight, taken))
        numbers = iter(range(1, 2 * len(pairs) + 1))
        return [
            replace(pair, one=_number(pair.one, next(numbers)), other=_number(pair.other, next(numbers)))
            for pair in pairs
        ]

    def is_learnt(self, theme: Theme) -> bool:
        """Whether a theme was learnt from tagged passages; False: it is judged by likeness, less surely."""
        return self._load()[0].is_learnt(theme)

    def _look(self, index: Index, query: Query) -> _Sight:
        judge, reader = self._load()
        reading = reader.read(index)
        return _Sight(index, judge, reading, reading.keep(query))

    def _weigh(self, theme: Theme, sight: _Sight) -> ThemeEvidence | None:
        places = sight.of(theme)
        if not places:
            return None
        best = next((one.citation for one in self._quote(theme, places, sight)), None)
        return ThemeEvidence(theme, sight.leaders(places), len(places), sight.judge.is_learnt(theme), best)

    def _gather(self, shown: Sequence[ThemeEvidence], sight: _Sight) -> Iterator[ThemeCluster]:
        """Gather the themes that are shown into clusters, those of most leaders first."""
        rank = {one.theme: place for place, one in enumerate(shown)}
        clusters = []
        for columns in self._cluster(sight):
            themes = sorted(
                (one for one in map(sight.judge.themes.__getitem__, columns) if one in rank), key=rank.__getitem__
            )
            if themes:
                places = sorted({place for one in themes for place in sight.of(one)})
                clusters.append(ThemeCluster(tuple(themes), sight.leaders(places), len(places)))
        return iter(sorted(clusters, key=lambda one: (-one.leaders, -one.passages, one.name)))

    def _cluster(self, sight: _Sight) -> list[list[int]]:
        """Cluster all themes of which any passage speaks, whatever the filters; once for as long as none changes."""
        reading = sight.reading
        with self._loading:
            if self._clusters[0] != reading.generation:
                places = np.array(sorted(reading.speakers), dtype=np.int64)
                spoken = np.flatnonzero(reading.speaks[places].any(axis=0))
                odds: Vectors = reading.odds[places][:, spoken].astype(np.float32)
                found = [[int(spoken[column]) for column in columns] for columns in cluster_columns(odds)]
                self._clusters = reading.generation, found
            return self._clusters[1]

    def _quote(self, theme: Theme, places: Sequence[int], sight: _Sight) -> Iterator[ThemeQuotation]:
        """Quote passages that are in order, one leader's first before anybody's second; the same words once."""
        column = sight.judge.themes.index(theme)
        said: set[str] = set()
        for place in _take_turns(places, sight.reading.speakers.__getitem__):
            citation = self._cite(place, column, sight)
            words = " ".join(SPOKEN_WORD.findall(citation.quote.lower())) if citation else ""
            if citation and words not in said:
                said.add(words)
                yield ThemeQuotation(citation, 1 / (1 + math.exp(-float(sight.reading.raised[place, column]))))

    def _cite(self, place: int, column: int, sight: _Sight) -> Citation | None:
        passage_id = sight.index.passage_ids[place]
        passage = self._stores.catalog.passages([passage_id]).get(passage_id)
        voice = self._listen(sight.judge.themes[column])
        words = choose_words(sight.judge, voice, sight.index, place, passage, column) if passage else None
        if passage is None or words is None:
            return None
        interview: Interview = sight.reading.interviews[place]
        return cite(Hit(passage, interview, words.score), words.start, words.end, 1, self._stores.catalog.turn)

    def _pair(self, theme: Theme, matter: Matter, sight: _Sight, taken: set[int]) -> Iterator[Tension]:
        """Pair the strongest passages of a matter's poles; at least one of each pair speaks of the theme itself."""
        themes = [one for one in sight.judge.themes if one.id in matter.themes]
        places = list(dict.fromkeys(place for one in themes for place in sight.of(one, is_wide=True)))
        found = self._stores.catalog.passages([sight.index.passage_ids[place] for place in places])
        named = {place: sight.index.passage_ids[place] for place in places}
        passages = {place: found[one] for place, one in named.items() if one in found}
        one_side = self._tensions.find_leaning(matter.one, matter.other, passages, sight.index)
        other_side = self._tensions.find_leaning(matter.other, matter.one, passages, sight.index) if one_side else []
        own = set(sight.of(theme, is_wide=True))
        for pair in pair_up(one_side, other_side, own, sight.reading.speakers.__getitem__, taken):
            one, other = (self._quote_leaning(side, passages[side.place], sight) for side in pair)
            yield Tension(matter, one, other)

    def _quote_leaning(self, leaning: Leaning, passage: Passage, sight: _Sight) -> ThemeQuotation:
        hit = Hit(passage, sight.reading.interviews[leaning.place], leaning.strength)
        cited = cite(hit, leaning.words.start, leaning.words.end, 1, self._stores.catalog.turn)
        return ThemeQuotation(cited, leaning.strength)

    def _load(self) -> tuple[ThemeJudge, ThemeReader]:
        with self._loading:
            if self._reader is None:
                is_bundled = self._embedder.name == DEFAULT_NAME
                head = load_theme_head() if is_bundled else None  # fits only the vectors of the bundled model
                worth = load_judge().worth if is_bundled else None
                judge = make_judge(self._themes, load_lexicon(), head, worth, self._encode)
                self._reader = judge, ThemeReader(judge, self._listen, self._stores.catalog.passages)
            return self._reader

    def _listen(self, theme: Theme) -> Voice:
        """Return what a theme sounds like."""
        return self._voices.of_texts(f"theme {theme.id}", (theme.name, *theme.voices))

    def _encode(self, texts: Sequence[str]) -> Vectors:
        """Return the mean token vector of texts, as those of passages are stored."""
        if not self._stores.tokens.has_projection:
            raise StoreUnavailable("There is no interview yet for this model to judge; run: kb-ingest FOLDER")
        stored = self._stores.tokens.quantize(texts, self._embedder.encode_passages(texts))
        return np.stack([sum_up(one.codes) for one in stored])


def _take_turns(places: Sequence[int], speaker_of: Callable[[int], str]) -> list[int]:
    """Order places so that each leader's first comes before anybody's second."""
    met: Counter[str] = Counter()
    turns: list[tuple[int, int, int]] = []
    for number, place in enumerate(places):
        turns.append((met[speaker_of(place)], number, place))
        met[speaker_of(place)] += 1
    return [place for *_, place in sorted(turns)]


def _number(quoted: ThemeQuotation, number: int) -> ThemeQuotation:
    return replace(quoted, citation=replace(quoted.citation, number=number))
