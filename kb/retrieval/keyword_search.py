"""Keyword search (BM25) for the rare words of a question, over the full-text index of the catalog."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from itertools import accumulate

from sqlalchemy import select

from kb.storage.database import Database
from kb.storage.schema import turns
from kb.text.stopwords import STOPWORDS
from kb.text.words import WORD

SAID_SAMPLE = 5_000  # turns checked for a word
CASE_SAMPLE = 200  # passages checked for the capitalisation of a word
EVERYDAY_SHARE = 0.1  # minimum share of lower-case uses of an everyday word
# Maximum share of the passages that hold a rare word, and the number of passages that is always few enough.
RARE, FEW = 0.05, 3
SCORED = 50_000  # maximum rows that the full-text index scores for a question: a thousand take about a millisecond


class KeywordSearch:
    """Keyword search in the catalog. Raises StoreUnavailable when the catalog cannot be read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(
        self, text: str, passages: int, limit: int, interview_ids: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return ids of passages that hold rare words of the text, with the share of its words they hold, best first.

        `passages` is the number of all passages. The share is the BM25 score over that of a passage of mean length with
        each word once, at most 1, so that rare words count more. Common words only lower it: late interaction weighs
        them better, and scoring the many passages that hold them is slow.
        """
        counts = self._database.document_frequency(choose_words(text), SCORED)
        rare = {word: count for word, count in counts.items() if 0 < count <= max(FEW, RARE * passages)}
        if not rare:
            return []
        whole = sum(rarity(count, passages) for count in counts.values())
        found = self._database.bm25_search(choose_rarest(rare, SCORED), limit, interview_ids)
        return [(passage_id, min(score / whole, 1.0)) for passage_id, score in found]

    def contains_word(self, word: str) -> bool:
        """Whether a word occurs, in any form, in a turn (hosts included) or in a passage header."""
        if not any(map(str.isalnum, word)):
            return False
        if self._database.document_frequency([word], 1)[word]:
            return True
        said = self._database.read(
            select(turns.c.text).where(turns.c.text.contains(word, autoescape=True)).limit(SAID_SAMPLE)
        )
        return any(re.search(rf"\b{re.escape(word)}(?:['’]?s)?\b", row.text) for row in said)

    def is_common_word(self, word: str) -> bool:
        """Whether the interviews also use a name as an everyday word: often enough in lower case."""
        texts = self._database.passages_containing(word, CASE_SAMPLE)
        found = [hit for text in texts for hit in re.findall(rf"(?i)\b{re.escape(word)}\b", text)]
        lower = sum(1 for hit in found if hit[0].islower())
        return lower >= 2 and lower > EVERYDAY_SHARE * len(found)


def choose_words(text: str) -> list[str]:
    """Return the distinct words of a text without stop words; all words if nothing else is left."""
    words = list(dict.fromkeys(word.replace("’", "'") for word in WORD.findall(text.lower())))
    return [word for word in words if STOPWORDS.isdisjoint((word, word.partition("'")[0]))] or words


def rarity(count: int, passages: int) -> float:
    """Return the IDF of a word that `count` of the passages hold, as BM25 in FTS5 computes it."""
    return max(math.log((passages - count + 0.5) / (count + 0.5)), 1e-6)


def choose_rarest(counts: Mapping[str, int], most: int) -> list[str]:
    """Keep the rarest words whose document frequencies sum to at most `most`; at least one word."""
    rising = sorted(counts, key=lambda word: counts[word])
    held = accumulate(counts[word] for word in rising)
    chosen = {*rising[:1], *(word for word, total in zip(rising, held, strict=True) if total <= most)}
    return [word for word in counts if word in chosen]
