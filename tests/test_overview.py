"""Whether somebody asks for the whole of an interview."""

import pytest

from kb.retrieval.overview import asks_for_overview

NAME = "Ada Vance"


def asks(question: str) -> bool:
    at = question.find(NAME)
    return asks_for_overview(question, [(at, at + len(NAME))] if at >= 0 else [])


@pytest.mark.parametrize(
    "question",
    [
        "Summarise the interview with Ada Vance",
        "Please summarize the conversation with Ada Vance.",
        "main points of Ada Vance's interview",
        "What does Ada Vance talk about?",
        "key takeaways from Ada Vance",
        "Tell me about Ada Vance",
        "Who is Ada Vance?",
        "Summarise Ada Vance's interview",
        "Summarize Ada Vance",
        "Summarise the interview with Dr. Maria Ada Vance",
    ],
)
def test_the_whole_is_asked_for(question: str) -> None:
    assert asks(question)


@pytest.mark.parametrize(
    "question",
    [
        "Summarise what Ada Vance says about pay",
        "What does Ada Vance say about hiring?",
        "What did Ada Vance learn from the strike?",
        "Summarise how leaders build trust",
        "Ada Vance on the main harbour",
    ],
)
def test_one_matter_is_asked_for(question: str) -> None:
    assert not asks(question)
