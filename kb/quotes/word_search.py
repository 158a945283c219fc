"""Search words in all turns: they are counted in the index, and only the places that are shown are made."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kb.errors import BadQuestion
from kb.model import Interview, Turn
from kb.quotes.turn_index import Place, TurnIndex
from kb.quotes.word_sequence import split_words

CONTEXT = 90  # characters shown before and after words that were searched


@dataclass(frozen=True, slots=True)
class WordsFound:
    """Words that were searched, where somebody says them."""

    place: Place
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WordPlaces:
    """All places of some words: their number, and those that are shown."""

    count: int
    interviews: int  # in which they are said
    shown: tuple[WordsFound, ...]


def find_words(
    index: TurnIndex, text: str, passes: Callable[[Interview, Turn], bool], first: int, most: int | None
) -> WordPlaces:
    """Find the places of words in turns that pass, and show `most` of them from `first` on. Raises BadQuestion."""
    words = split_words(text).words
    if not words:
        raise BadQuestion("There is no word to search; type one")
    positions = index.find_positions(index.look_up(words))
    turns = index.turns_at(positions)
    passing = [number for number in np.unique(turns).tolist() if passes(*index.turns[number])]
    kept = positions[np.isin(turns, passing)]
    interviews = {index.turns[number][0].id for number in passing}
    chosen = kept[first : None if most is None else first + most].tolist()
    shown = tuple(_show(index.place(position, len(words))) for position in chosen)
    return WordPlaces(len(kept), len(interviews), shown)


def _show(place: Place) -> WordsFound:
    """Show a place with the words before and after it, cut at spaces."""
    text = place.turn.text
    before = text[max(0, place.start - CONTEXT) : place.start]
    after = text[place.end : place.end + CONTEXT]
    if place.start > CONTEXT:
        before = "…" + re.sub(r"^\S*", "", before)
    if place.end + CONTEXT < len(text):
        after = re.sub(r"\S*$", "", after) + "…"
    return WordsFound(place, before, after)
