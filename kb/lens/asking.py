"""Recognise the question that a framework answers: what attracts people to a cause, and what drives them away."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from kb.embedding.arrays import Vectors
from kb.errors import ModelMissing
from kb.lens.framework import SIDES, Side

ASKED = Path(__file__).with_name("asked.txt")
NEAR = 0.5  # least cosine to one of the ways to ask; specific questions that share the words are below it

# Every repetition is bounded: what somebody types must not take the square of its length.
PEOPLE = (
    r"(?:(?:good|great|the|their|your|our|best|other|most|many|away|off) ){0,4}"
    r"(?:people|employees|staff|teams?|team members|followers|everyone|everybody|volunteers|workers|colleagues|them|us)"
)
DRAW = r"(?:attract|draw|inspir|motivat|unit|rall(?:y|ies)|engag|energi[sz]|ignit)\w*"
STAY = r"(?:follow|stay|join|car|commit|believe|work together)\w*"
PULL = re.compile(
    rf"\b(?:{DRAW}(?: in)?(?: {PEOPLE}| motivation)|w[io]ns?(?: over)? {PEOPLE}"
    rf"|(?:bring|pull)s? {PEOPLE} (?:together|in)|(?:get|mak|keep)\w* {PEOPLE} (?:to |want to )?{STAY}"
    rf"|{DRAW}(?=.{{0,40}}\b(?:away|repel|demotivat|lose)))",
    re.I,
)
PUSH = re.compile(
    rf"\b(?:(?:dr[io]v|push|scar|chas|turn|send)\w* (?:{PEOPLE} )?(?:\w+ )?(?:away|off|out)\b"
    rf"|(?:repel|repuls|alienat|demotivat|discourag|antagoni[sz])\w*|los(?:e|es|ing) {PEOPLE}|puts? {PEOPLE} off"
    rf"|(?:destroy|kill|ruin|undermin|crush|sap)\w* (?:\w+ ){{0,8}}?"
    r"(?:motivation|morale|passion|enthusiasm|trust|spirit)"
    rf"|mak\w* {PEOPLE} (?:want to )?(?:leave|quit|give up|turn away|stop caring))",
    re.I,
)
CAUSE = re.compile(r"\b(?:cause|purpose|mission|fusion|shared passion)\b", re.I)
POWER = re.compile(r"\b(?:power|egos?|control|fear|command|authority|force|heroic|hero)\b", re.I)
AGAINST = re.compile(
    r"\b(?:versus|vs|or|against|differ\w*|compar\w*|contrast\w*|rather than|instead of|better|between)\b", re.I
)
HARM = re.compile(r"\b(?:do(?:es)? to|hurts?|harms?|damages?|effects? (?:of|on))\b", re.I)
# What the question asks of another matter, or of one case.
ELSEWHERE = re.compile(
    r"\b(?:customers?|clients?|users?|investors?|investment|buyers?|visitors?|developers?|talent|candidates?|growth"
    r"|revenues?|sales|profits?|markets?|prices?|traffic|products?|money|open source|city|country|did|you|your|yourself"
    r"|he|she|his|him|i|my|was|were|when|who|whom)\b",
    re.I,
)
# People are drawn to something that is no cause: "to recycle", "to live music".
TOWARDS = re.compile(
    rf"\b{PEOPLE} (?:in)?to "
    rf"(?!(?:a|an|the|their|its|one|this|that|shared|common|want|give|do|{STAY}|causes?|leaders?)\b)",
    re.I,
)

Encoder = Callable[[str], Vectors]


class QuestionMatcher:
    """Caches the vectors of the ways to ask; shared by all threads."""

    def __init__(self, encode: Encoder) -> None:
        self._encode = encode
        self._known: Vectors | None = None
        self._lock = threading.Lock()

    def match(self, question: str) -> tuple[Side, ...]:
        """Return both sides, the one that is asked for first; () for another question. Raises ModelMissing."""
        sides = match_words(question)
        if not sides or float((self._load() @ self._encode(question)).max()) < NEAR:
            return ()
        return sides

    def _load(self) -> Vectors:
        with self._lock:
            if self._known is None:
                self._known = np.stack([self._encode(text) for text in read_asked()])
            return self._known


def match_words(question: str) -> tuple[Side, ...]:
    """Return both sides, the one that is asked for first, by the words alone; () where they ask something else."""
    if ELSEWHERE.search(question) or TOWARDS.search(question):
        return ()
    pulls, pushes = PULL.search(question), PUSH.search(question)
    is_against = bool(CAUSE.search(question) and POWER.search(question) and AGAINST.search(question))
    harms = bool(POWER.search(question) and HARM.search(question))
    if not (pulls or pushes or is_against or harms):
        return ()
    return SIDES[::-1] if (pushes or harms) and not pulls and not is_against else SIDES


@cache
def read_asked() -> tuple[str, ...]:
    """Read the ways to ask. Raises ModelMissing when they cannot be read."""
    try:
        lines = ASKED.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelMissing(f"{ASKED} cannot be read: {error}; reinstall the package") from error
    return tuple(line for line in lines if line.strip() and not line.startswith("#"))
