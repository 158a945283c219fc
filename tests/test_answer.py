"""The brief, by literals: who is quoted, what comes along, what is left out."""

import numpy as np
from conftest import make_transcript

from ingest.passages import cut_passages
from kb.answer import Look, describe_coverage, describe_groups, write_brief
from kb.model import Answer, Coverage, Group, Hit, Query, Transcript, Turn
from kb.sentences import sentence_spans

COVERED = Coverage("strong", 2.0, leaders=1, leaders_asked=4, passages=1, first_year=2019, last_year=2021)
TALK = make_transcript(
    ("Max Ruh", "What keeps a crew together when the ships are late again?"),
    (
        "Ada Vance",
        "We let every crew plan its own week at sea. That is what made them stay with us for years. Yes. "
        "Would you have stayed with a company like ours then?",
    ),
)


def ask(transcript: Transcript, scores: list[float], coverage: Coverage = COVERED) -> Answer:
    (passage,) = cut_passages(transcript, count_pieces=lambda text: len(text.split()))
    assert len(scores) == len(sentence_spans(passage.text))
    look = Look(np.array(scores, np.float32), np.eye(len(scores), 8, dtype=np.float32), np.zeros((0, 8), np.int8))
    hit = Hit(passage, transcript.interview, 0.7)

    def turn(_: str, index: int) -> Turn:
        return transcript.turns[index]

    looks = {passage.id: look}
    query = Query("Why do crews stay?")
    return write_brief(query, [hit], coverage, looks=looks, turn=turn, question=None, place_words=lambda _: ())


def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    answer = ask(TALK, [0.2, 0.9, 0.1, 0.1])
    quotes = [citation.quote for citation in answer.citations]
    assert quotes[0] == "We let every crew plan its own week at sea. That is what made them stay with us for years."
    assert "We let every crew plan its own week at sea." not in quotes[1:]


def test_a_leaders_own_question_gives_way_to_what_was_said() -> None:
    answer = ask(TALK, [0.50, 0.1, 0.1, 0.55])
    assert answer.citations[0].quote == "We let every crew plan its own week at sea."


def test_nothing_is_quoted_where_nobody_speaks_to_the_question() -> None:
    answer = ask(TALK, [0.9, 0.9, 0.9, 0.9], Coverage("none", 0.1, leaders_asked=4, unknown=("Zappos",)))
    assert not answer.is_covered
    assert describe_coverage(answer.coverage) == "The interviews do not say. No interview mentions Zappos."


def test_who_says_what_is_told_in_counts_and_their_words() -> None:
    answer = ask(TALK, [0.9, 0.2, 0.1, 0.1])
    assert describe_groups(answer) == ""
    assert describe_coverage(COVERED) == "1 of 4 leaders, 1 passage, 2019 to 2021 (strong)"
    (sentence, *_) = answer.sentences
    grouped = Answer(answer.query, (Group("crews, sea", (sentence,)),), COVERED, ())
    assert describe_groups(grouped) == ""  # one leader is no majority
