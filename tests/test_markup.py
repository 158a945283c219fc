"""Quotation marks and citation numbers, as models write them."""

import pytest

from kb.generation.grounding.markup import find_citations, find_quotations
from kb.text.normalise import find_near_slice, find_slice, normalise


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('He said “a ‘b’ c,” and "d".', ["a ‘b’ c,", "d"]),
        ("She calls it 'culture' and the leaders' own 'shared way'.", ["culture", "shared way"]),
        ("It is 'the leaders' own' way", ["the leaders' own"]),
        ("don't tell 'em the leaders' own, it's the '90s", []),
        ('a 6" pipe', []),
        ("I stood there” [1]", ["I stood there"]),
        ("He said “never closed", ["never closed"]),
        ("‘I stood. I told them.’", ["I stood. I told them."]),
        ('said "she said "no" to me" then', ['she said "no" to me']),
        ("„Deutsch“ «fr» »de« 「日本」 ``tex''", ["Deutsch", "fr", "de", "日本", "tex"]),
        ("> a whole line", [" a whole line"]),
        ("no quotation", []),
    ],
)
def test_what_a_reader_takes_for_a_quotation_is_found(text: str, quoted: list[str]) -> None:
    assert [text[one.inner_start : one.inner_end] for one in find_quotations(text)] == quoted


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("a [1] b [2][3]", [(1,), (2,), (3,)]),
        ("a [1, 2; 4] b", [(1, 2, 4)]),
        ("a [2-4] b [7–8]", [(2, 3, 4), (7, 8)]),
        ("a [Passage 3] b [#4] c 【5†source】 d¹²", [(3,), (4,), (5,), (12,)]),
        ("in [brackets] (1) 1", []),
        ("a [1-900000000]", [(1, 900000000)]),
    ],
)
def test_citation_numbers_are_read_as_models_write_them(text: str, numbers: list[tuple[int, ...]]) -> None:
    assert [one.numbers for one in find_citations(text)] == numbers


SAID = "We tried—well, “posters” once,  and the\nposters did nothing … at all."


@pytest.mark.parametrize(
    ("wanted", "true"),
    [
        ("tried - well, 'posters' once, AND the posters", "tried—well, “posters” once,  and the\nposters"),
        ("did nothing... at", "did nothing … at"),
        ("poster", None),
        ("osters", None),
        ("", None),
    ],
)
def test_whole_words_are_found_whatever_their_type_and_given_back_as_they_stand(wanted: str, true: str | None) -> None:
    span = find_slice(wanted, normalise(SAID))
    assert (SAID[slice(*span)] if span else None) == true


def test_the_nearest_slice_is_of_whole_words() -> None:
    start, end, likeness = find_near_slice("and then posters did nothing", normalise(SAID))
    assert SAID[start:end].endswith("posters did nothing")
    assert 70 < likeness < 100
    assert find_near_slice("", normalise(SAID)) == (0, 0, 0.0)
    assert find_near_slice("…", normalise("… — …")) == (0, 0, 0.0)
