"""The brief, by literals: who is quoted, in which order, and what is left out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from conftest import make_transcript

from ingest.passages import cut_passages
from kb.answering.brief import OF_MATTER, OF_NAMED, OF_THEME, write_brief
from kb.answering.compare import line_up
from kb.answering.summary_line import describe_answer
from kb.model import Answer, Coverage, Hit, Query, ThemeName, Transcript, Turn
from kb.retrieval.findings import SentenceScores
from kb.text.sentences import sentence_spans

COVERED = Coverage("strong", 2.0, leaders_asked=4)
ANSWER = "We let every crew plan its own week at sea, and nobody has left us in nine years of hard weather. "
LEADERS = ("Ada Vance", "Bo Lind", "Cy Marsh", "Di Nord", "Ed Okoro", "Flo Pike", "Gus Quill", "Hal Rye", "Ida Stone")


def talk(leader: str, *answers: str, year: int = 2019) -> Transcript:
    turns = [
        turn
        for answer in answers
        for turn in (("Max Ruh", "What keeps a crew together when ships are late?"), (leader, answer))
    ]
    made = make_transcript(*turns, leader=leader)
    return replace(made, interview=replace(made.interview, id=leader.split()[0].lower(), year=year))


def ask(
    talks: Sequence[Transcript],
    relevance: Sequence[float],
    coverage: Coverage = COVERED,
    *,
    is_theme: bool = True,
    is_named: bool = False,
) -> Answer:
    """An answer to hits in the order of the talks' passages, each with its relevance."""
    passages = [
        (passage, one) for one in talks for passage in cut_passages(one, count_tokens=lambda text: len(text.split()))
    ]
    assert len(passages) == len(relevance)
    hits = [Hit(passage, one.interview, value) for (passage, one), value in zip(passages, relevance, strict=True)]
    looks = {
        hit.passage.id: SentenceScores(np.zeros(len(sentence_spans(hit.passage.text)), np.float32), value)
        for hit, value in zip(hits, relevance, strict=True)
    }
    turns = {one.interview.id: one.turns for one in talks}

    def turn(interview_id: str, index: int) -> Turn:
        return turns[interview_id][index]

    query = Query("Why do crews stay?")
    return write_brief(query, hits, coverage, looks=looks, turn=turn, is_theme=is_theme, is_named=is_named)


def speakers(answer: Answer) -> list[str]:
    return [citation.leader.name for citation in answer.citations]


def test_quotations_come_in_the_order_of_the_passages() -> None:
    answer = ask([talk(name, ANSWER) for name in LEADERS[:4]], [0.9, 0.8, 0.7, 0.6])
    assert speakers(answer) == list(LEADERS[:4])
    assert [citation.number for citation in answer.citations] == [1, 2, 3, 4]


def test_every_leader_speaks_once_before_anybody_speaks_twice() -> None:
    long = ANSWER * 3
    answer = ask([talk("Ada Vance", long, long), talk("Bo Lind", long)], [0.9, 0.85, 0.8])
    assert speakers(answer) == ["Ada Vance", "Bo Lind", "Ada Vance"]


def test_what_lies_far_below_the_best_is_not_shown() -> None:
    answer = ask([talk(name, ANSWER) for name in LEADERS[:3]], [0.6, 0.55, 0.1])
    assert speakers(answer) == ["Ada Vance", "Bo Lind"]


def test_what_stands_far_above_the_rest_is_shown_alone() -> None:
    answer = ask([talk(name, ANSWER) for name in LEADERS[:4]], [0.97, 0.5, 0.45, 0.4])
    assert speakers(answer) == ["Ada Vance"]


def test_the_floor_is_set_by_the_best_wherever_it_stands() -> None:
    answer = ask([talk(name, ANSWER) for name in LEADERS[:3]], [0.2, 0.9, 0.5], is_theme=False)
    assert speakers(answer) == ["Bo Lind", "Cy Marsh"]


def test_a_theme_shows_more_than_a_matter_and_nothing_is_filled_up() -> None:
    talks = [talk(name, ANSWER) for name in LEADERS]
    assert len(ask(talks, [0.8] * 9).citations) == OF_THEME.most
    assert len(ask(talks, [0.8] * 9, is_theme=False).citations) == OF_MATTER.most
    assert len(ask(talks[:2], [0.8] * 2).citations) == 2


def test_beyond_the_first_four_only_what_is_nearly_as_good_as_the_best_is_shown() -> None:
    talks = [talk(name, ANSWER) for name in LEADERS[:7]]
    shown = speakers(ask(talks, [0.7, 0.5, 0.45, 0.4, 0.45, 0.6, 0.35]))
    assert shown == ["Ada Vance", "Bo Lind", "Cy Marsh", "Di Nord", "Flo Pike"]
    assert len(ask(talks, [0.11] * 7).citations) == 4  # the best is unlikely itself


def test_somebody_who_is_named_is_quoted_several_times() -> None:
    long = ANSWER * 3
    answer = ask([talk("Ada Vance", *[long] * 8)], [0.8] * 8, is_theme=False, is_named=True)
    assert speakers(answer) == ["Ada Vance"] * OF_NAMED.most


def test_a_passage_of_thanks_alone_is_passed_over() -> None:
    answer = ask(
        [talk("Ada Vance", "Yeah. Right. Thank you so much for having me."), talk("Bo Lind", ANSWER)], [0.9, 0.8]
    )
    assert speakers(answer) == ["Bo Lind"]


def test_nothing_is_quoted_where_nobody_speaks_to_the_question() -> None:
    answer = ask([talk("Ada Vance", ANSWER)], [0.9], Coverage("none", 0.1, leaders_asked=4, unknown=("Zappos",)))
    assert not answer.is_covered
    assert not answer.citations
    assert describe_answer(answer) == "The interviews do not say. No interview mentions Zappos."


def test_what_is_only_near_is_shown_and_called_so() -> None:
    answer = ask([talk(name, ANSWER) for name in LEADERS], [0.5] * 9, Coverage("near", 1.0))
    assert not answer.is_covered
    assert len(answer.citations) == 3
    assert describe_answer(answer) == "Nothing in the interviews answers this directly; nearest:"


def test_the_line_counts_what_is_shown() -> None:
    talks = [talk("Ada Vance", ANSWER, year=2016), talk("Bo Lind", ANSWER, year=2023), talk("Cy Marsh", ANSWER)]
    answer = ask(talks, [0.6, 0.55, 0.1])
    assert (answer.coverage.leaders, answer.coverage.passages) == (2, 2)
    assert describe_answer(answer) == "Two leaders, 2016 to 2023."
    assert describe_answer(ask(talks[:1], [0.6])) == "Ada Vance, 2016."
    passing = ask(talks, [0.6, 0.55, 0.1], replace(COVERED, level="thin"))
    assert describe_answer(passing) == "Two leaders, 2016 to 2023. The interviews touch this only in passing."
    half = ask(talks[:1], [0.6], replace(COVERED, level="partial"))
    assert describe_answer(half) == "Ada Vance, 2016. The interviews answer this in part."
    named = replace(answer, themes=(ThemeName("crews", "Keeping a crew"),), meant=("Bo Lind",))
    assert describe_answer(named) == "Two leaders, 2016 to 2023. Did you mean Bo Lind? Taken so. On: Keeping a crew."


def test_compared_columns_hold_as_many_sentences_as_are_good_up_to_three() -> None:
    much = ask([talk(name, ANSWER) for name in LEADERS[:4]], [0.6, 0.6, 0.5, 0.5])
    little = ask([talk("Bo Lind", ANSWER)], [0.6])
    none = ask([talk("Cy Marsh", ANSWER)], [0.6], replace(COVERED, level="none"))
    compared = line_up(Query("Why do crews stay?"), "year", ["2019", "2020", "2021"], [much, little, none])
    assert [len(column.sentences) for column in compared.columns] == [3, 1, 0]
    numbers = [one.number for column in compared.columns for said in column.sentences for one in said.citations]
    assert numbers == [1, 2, 3, 4]


def test_the_hosts_question_stands_above_words_that_need_it() -> None:
    leaning = "That is what the owners asked us when forty people left the yard in one single spring. Nobody knew."
    (sentence,) = ask([talk("Ada Vance", leaning)], [0.9]).sentences
    assert sentence.asked == "What keeps a crew together when ships are late?"
    (sentence,) = ask([talk("Ada Vance", ANSWER)], [0.9]).sentences
    assert sentence.asked == ""
