"""Sentences are found by offsets, and titles and initials do not end one."""

import pytest
from timing import measured

from kb.text.sentences import count_words, sentence_spans
from kb.text.words import find_words


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_full_stops_question_marks_and_quotes_end_sentences() -> None:
    assert sentences('We lost. "Why?" they asked. Nobody knew!') == ["We lost.", '"Why?" they asked.', "Nobody knew!"]


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    assert sentences("He said “go.” Then we went.") == ["He said “go.”", "Then we went."]


def test_titles_and_initials_do_not_end_a_sentence() -> None:
    assert sentences("Dr. Okafor met J. Smith at 9 a.m. Tuesday.") == ["Dr. Okafor met J. Smith at 9 a.m. Tuesday."]


def test_the_word_i_ends_a_sentence() -> None:
    assert sentences("So did I. Then we left.") == ["So did I.", "Then we left."]


def test_a_title_that_opens_a_later_sentence_does_not_end_it() -> None:
    assert sentences("Smith came. Mr. Lee left.") == ["Smith came.", "Mr. Lee left."]
    assert sentences("We asked. J. P. Morgan lent.") == ["We asked.", "J. P. Morgan lent."]


def test_no_is_an_answer_unless_a_figure_follows() -> None:
    assert sentences("Did we sell? No. We stayed.") == ["Did we sell?", "No.", "We stayed."]
    assert sentences("It was No. 7 of ten.") == ["It was No. 7 of ten."]


def test_a_list_that_ends_in_etc_ends_its_sentence() -> None:
    assert sentences("Nurses, cooks, etc. They all came.") == ["Nurses, cooks, etc.", "They all came."]


def test_a_trailing_off_is_a_pause_and_no_end() -> None:
    assert sentences("I mean... you know... It broke. We left.") == ["I mean... you know... It broke.", "We left."]
    assert sentences("Then… And so on.\n\nNext.") == ["Then… And so on.", "Next."]


def test_a_blank_line_ends_a_sentence_without_a_mark() -> None:
    assert sentences("first thought\n\nsecond thought") == ["first thought", "second thought"]


def test_a_blank_line_ends_a_sentence_even_after_an_abbreviation() -> None:
    assert sentences("No.\n\nVery cool.") == ["No.", "Very cool."]


def test_nothing_but_white_space_is_lost() -> None:
    text = "  One. Two?  Three…  and four\n\n\nFive "
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_an_empty_text_has_no_sentences() -> None:
    assert sentence_spans("") == []
    assert sentence_spans(" \n\n ") == []


def test_words_are_counted_as_a_reader_counts_them() -> None:
    assert count_words("don't  stop -- now") == 4


def test_two_characters_are_a_word_where_no_space_stands_between_words() -> None:
    assert count_words("我们把决定权交给了做事的人。") == 7
    assert count_words("我们用 Slack 开会。") == 4


@pytest.mark.parametrize("run", [".", "!", "…", " ", "\t"])
def test_a_long_run_of_marks_or_spaces_is_read_in_no_time(run: str) -> None:
    text = "Contents" + run * 30_000 + "page one"
    with measured() as taken:
        assert sentences(text) == [text]
    assert taken.seconds < 0.5


def test_the_words_of_a_long_text_are_found_in_no_time() -> None:
    with measured() as taken:
        assert len(find_words("“leaders” listen. " * 60_000)) == 120_000
    assert taken.seconds < 1.5
