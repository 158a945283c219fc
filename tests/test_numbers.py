"""Numbers, however they are written."""

import pytest

from kb.text.numbers import extract_numbers


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("two hundred volunteers, twenty-five percent", {200, 25}),
        ("2.5 million and $3m, 1,200 of them", {2_500_000, 3_000_000, 1_200}),
        ("two hundred and ten thousand", {210_000}),
        ("a hundred and fifty people in 2019", {150, 2019}),
        ("five and six", {5, 6}),
        ("a third of the workforce, then half", {1 / 3, 0.5}),
        ("50k followers; 10x", {50_000, 10}),
        ("one of them said no one knows", set()),
        ("a couple of weeks, twice", {2}),
        ("the first time, hundreds of people", set()),
    ],
)
def test_a_number_is_read_whether_in_words_or_digits(text: str, figures: set[float]) -> None:
    assert extract_numbers(text) == figures
