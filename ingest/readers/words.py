"""Join single words with times and speakers into spoken lines."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.script import Line

PAUSE = 1.5  # seconds; a breath takes half of that
SENTENCE_WORDS = 12  # a sentence end closes a line once it holds this many words
LINE_WORDS = 60  # without punctuation or pause, a line ends here, so that times stay near their words
SENTENCE_END = re.compile(r"[.?!。？！…][\"'”’)\]]*$")
NOBODY = frozenset({"", "uu", "unknown", "unk", "none", "null", "undefined", "-", "?"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a punctuation mark, as a recogniser gives it."""

    text: str
    start: float | None = None  # seconds
    end: float | None = None  # seconds
    speaker: str | None = None
    glued: bool = False  # follows the word before without a space


def join_words(words: Iterable[Word]) -> tuple[Line, ...]:
    """Join words into lines that end where the speaker changes, at a pause, or after a sentence."""
    return tuple(_line(run) for run in _runs(words))


def name_speaker(value: object) -> str | None:
    """Make a label from the value of a speaker field; numbers and single letters become 'Speaker 1', 'Speaker A'."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    label = " ".join(str(value).split())
    if label.lower() in NOBODY:
        return None
    return f"Speaker {label}" if label.isdigit() or (len(label) == 1 and label.isalpha()) else label


def _runs(words: Iterable[Word]) -> Iterator[list[Word]]:
    run: list[Word] = []
    for word in words:
        if run and _begins_line(run, word):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _begins_line(run: list[Word], word: Word) -> bool:
    if word.glued:
        return False
    last = run[-1]
    if word.speaker != last.speaker or len(run) >= LINE_WORDS:
        return True
    if len(run) >= SENTENCE_WORDS and SENTENCE_END.search(last.text):
        return True
    return word.start is not None and word.start - _end(run) >= PAUSE


def _end(run: list[Word]) -> float:
    """Return the end of the last word with a time; punctuation marks have none."""
    ends = (word.end if word.end is not None else word.start for word in reversed(run))
    return next((end for end in ends if end is not None), math.inf)


def _line(run: list[Word]) -> Line:
    text = "".join(word.text if word.glued or not place else f" {word.text}" for place, word in enumerate(run))
    start = next((word.start for word in run if word.start is not None), None)
    return Line(" ".join(text.split()), start=start, speaker=run[0].speaker)
