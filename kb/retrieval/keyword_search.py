"""Search by words: which are looked up, which passages share them, whether anybody says one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import accumulate

from sqlalchemy import select

from kb.storage.database import Database
from kb.storage.schema import turns
from kb.text.stopwords import STOPWORDS
from kb.text.words import WORD

SAID_SAMPLE = 5_000  # turns looked at to learn whether anybody says a word
CASE_SAMPLE = 200  # passages looked at to learn whether a word is written with a capital
EVERYDAY_SHARE = 0.1  # of a word's uses without a capital, from which on it counts as an everyday word
SCORED = 50_000  # rows that the full-text index scores for a question: it takes about a millisecond for a thousand


class KeywordSearch:
    """The catalog's full-text index."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, text: str, limit: int, interview_ids: Collection[str] | None = None) -> list[tuple[str, float]]:
        """Passage ids that share words with the text, with their BM25 score, best first.

        Of words that very many passages hold only the rarest are looked up: to score the others takes long and tells
        little.
        """
        words = choose_words(text)
        if interview_ids is None:
            words = choose_rarest(self._database.document_frequency(words, SCORED), SCORED)
        return self._database.bm25_search(words, limit, interview_ids) if words else []

    def contains_word(self, word: str) -> bool:
        """Whether anybody says a word, in any of its forms, a host included, or a heading holds it."""
        if not any(map(str.isalnum, word)):
            return False
        if self._database.document_frequency([word], 1)[word]:
            return True
        said = self._database.read(
            select(turns.c.text).where(turns.c.text.contains(word, autoescape=True)).limit(SAID_SAMPLE)
        )
        return any(re.search(rf"\b{re.escape(word)}(?:['’]?s)?\b", row.text) for row in said)

    def is_common_word(self, word: str) -> bool:
        """Whether the interviews also use a name as an everyday word: often enough without a capital."""
        texts = self._database.passages_containing(word, CASE_SAMPLE)
        found = [hit for text in texts for hit in re.findall(rf"(?i)\b{re.escape(word)}\b", text)]
        lower = sum(1 for hit in found if hit[0].islower())
        return lower >= 2 and lower > EVERYDAY_SHARE * len(found)


def choose_words(text: str) -> list[str]:
    """The words of a text that carry meaning, each once; all of them where none does."""
    words = list(dict.fromkeys(word.replace("’", "'") for word in WORD.findall(text.lower())))
    return [word for word in words if STOPWORDS.isdisjoint((word, word.partition("'")[0]))] or words


def choose_rarest(counts: Mapping[str, int], most: int) -> list[str]:
    """The words that the fewest passages hold, as many as all in all stand in no more than `most`; at least one."""
    rising = sorted(counts, key=lambda word: counts[word])
    held = accumulate(counts[word] for word in rising)
    chosen = {*rising[:1], *(word for word, total in zip(rising, held, strict=True) if total <= most)}
    return [word for word in counts if word in chosen]
