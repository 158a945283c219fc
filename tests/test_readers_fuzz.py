"""Whatever bytes come in: a transcript or one clear line, soon, and never a word that the file does not hold."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from fuzz import MOST_SECONDS, Seed, list_seeds, make_broken, read_all
from fuzz_names import WAYS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from talk import build_turns

from ingest.readers import read_script
from kb.errors import UnreadableFile

SEEDS = list_seeds()
DATA = [seed.data for seed in SEEDS]
WORD = re.compile(r"[^\W\d_]+")

briefly = settings(
    max_examples=300,
    deadline=1000 * MOST_SECONDS,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
labels = st.sampled_from(
    ["Ada: ", "Ben Oyo: ", "**Ada:** ", "SPEAKER_00: ", "Q. ", "A. ", "[00:01] ", ">> ", "Ada (0:12)", "ADA", "# ", ""]
)
speech = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="&"), max_size=60)
pieces = st.lists(st.tuples(labels, speech, st.sampled_from(["\n", "\n\n", " ", "\r\n"])), max_size=30)


@briefly
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_a_broken_file_is_read_or_refused_in_one_line(seed: Seed, number: int) -> None:
    read_all(make_broken(seed, random.Random(number), DATA))


@briefly
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes) -> None:
    read_all(Seed("talk.txt", data))


@briefly
@given(pieces)
def test_no_word_is_invented(parts: list[tuple[str, str, str]]) -> None:
    text = "".join(map("".join, parts))
    try:
        turns = build_turns(read_script(text.encode(), "talk.txt"))
    except UnreadableFile:
        return
    held = set(WORD.findall(text))
    assert [word for turn in turns for word in WORD.findall(turn.text) if word not in held] == []


@briefly
@given(st.sampled_from(WAYS), st.integers(0, 2**32))
def test_hostile_names_and_tables_are_kept_or_refused_in_one_line(
    way: Callable[[random.Random], None], number: int
) -> None:
    way(random.Random(number))
