"""Find labels by their place: what opens paragraphs in turn with a speaker's label is a label itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from ingest.speakers.labels import LabelMatch, Shape, fold_label, looks_like_name, read_role
from ingest.speakers.vocabulary import BREAKS, CROWDS, NOBODY

Key = tuple[Shape, str]

# A code in place of a name: 'I', 'INT', 'P017', 'TR'.
CODE = re.compile(r"[^\W\d_a-zà-ÿ]{1,4}[-_.]?\d{0,4}$|[A-Z]\.[A-Z]\.?$")
WORDS_IN_CAPITALS = frozenset(
    "ok ps nb fyi faq tldr eta edit note tip pro con rip rsvp tbd tba todo ad tv etc vs".split()
)
LEAST_OF_CODE = 2  # times that a code or a role must come
LEAST_OF_WORD = 3  # times that an everyday word must come, such as 'Will' or 'Grace'
SHARE_OF_CODE = 0.1  # of the turns of the most frequent speaker
SHARE_OF_WORD = 0.25  # of the turns of the most frequent speaker
IN_TURN = 0.8  # share of a label's places after which another label comes, not itself again
SHARE_OF_PAIR = 0.3  # of the paragraphs, that two labels must open if none is known yet
TOLD = 5  # labels told in one warning
MOST_WORDS = 3  # of a label that only its place tells
FAMILIES: tuple[frozenset[Shape], ...] = (
    frozenset(("colon", "chevron", "timed")),
    frozenset(("dash",)),
    frozenset(("tab",)),
    frozenset(("bracket",)),
    frozenset(("stop",)),
)


def find_alternating(
    candidates: Mapping[int, tuple[LabelMatch, ...]],
    accepted: Collection[Key],
    *,
    spelling: Mapping[Key, str],
    paragraphs: int,
) -> frozenset[Key]:
    """Return the labels that come in turn with the accepted ones; if there are none, two that come in turn."""
    found: set[Key] = set()
    for family in FAMILIES:
        known = {key for key in accepted if key[0] in family}
        if accepted and not known:
            continue
        openings = _openings(candidates, family)
        held = _in_turn_with(openings, known, spelling) if known else _pair_in_turn(openings, paragraphs, spelling)
        found |= held
        if held and not known:
            break
    return frozenset(found)


def tell_doubtful(found: Collection[Key], accepted: Mapping[Key, str]) -> tuple[str, ...]:
    """Warn about everyday words that only their place makes labels. `accepted` has each label's spelling."""
    words = [accepted[key] for key in sorted(found) if not (read_role(accepted[key]) or CODE.match(accepted[key]))]
    told = ", ".join(f"'{word}'" for word in words[:TOLD])
    return (f"read as speakers, though it may be said before a colon: {told}",) if words else ()


def _openings(candidates: Mapping[int, tuple[LabelMatch, ...]], family: Collection[Shape]) -> list[list[Key]]:
    """List the keys of one family that each line may open with, in the file's order."""
    listed = ([_key(match) for match in candidates[index] if match.shape in family] for index in sorted(candidates))
    return [keys for keys in listed if keys]


def _in_turn_with(openings: Sequence[Sequence[Key]], known: Collection[Key], spelling: Mapping[Key, str]) -> set[Key]:
    count = Counter(key for keys in openings for key in keys)
    most = max((count[key] for key in known), default=0)
    rivals = [key for key in count if key not in known and _may_be_label(spelling[key], count[key], most)]
    return {key for key in rivals if _takes_turns(openings, key, known)}


def _pair_in_turn(openings: Sequence[Sequence[Key]], paragraphs: int, spelling: Mapping[Key, str]) -> set[Key]:
    """Return the two most frequent codes, roles or everyday words, if they come in turn and open enough."""
    count = Counter(key for keys in openings for key in keys)
    rivals = [key for key, times in count.most_common(12) if _may_be_label(spelling[key], times, 0)]
    for one, other in pairwise(rivals):
        is_enough = count[one] + count[other] > max(3, SHARE_OF_PAIR * paragraphs)
        if is_enough and _takes_turns(openings, one, {other}) and _takes_turns(openings, other, {one}):
            return {one, other}
    return set()


def _may_be_label(label: str, times: int, most: int) -> bool:
    folded = fold_label(label)
    if folded in NOBODY | BREAKS | CROWDS or len(folded.split()) > MOST_WORDS:
        return False
    if read_role(label) or (CODE.match(label) and folded not in WORDS_IN_CAPITALS):
        return times >= max(LEAST_OF_CODE, SHARE_OF_CODE * most)
    return looks_like_name(label) and times >= max(LEAST_OF_WORD, SHARE_OF_WORD * most)


def _takes_turns(openings: Iterable[Sequence[Key]], key: Key, known: Collection[Key]) -> bool:
    """Whether a known label follows nearly every place of a key, and comes before nearly every one."""
    order = [own for keys in openings if (own := key if key in keys else next((k for k in keys if k in known), None))]
    places = [place for place, own in enumerate(order) if own == key]
    after = sum(1 for place in places if place + 1 == len(order) or order[place + 1] != key)
    before = sum(1 for place in places if place == 0 or order[place - 1] != key)
    return min(after, before) >= IN_TURN * len(places)


def _key(match: LabelMatch) -> Key:
    """Return the shape and the label by which labels are compared."""
    return match.shape, fold_label(match.label)
