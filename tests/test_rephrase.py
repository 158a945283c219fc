"""A question about leaders in general, put to one of them."""

import pytest

from kb.retrieval.rephrase import to_second_person


@pytest.mark.parametrize(
    ("question", "addressed"),
    [
        (
            "How do leaders win their people?",
            "How do you win your people?",
        ),
        ("How should a good leader announce layoffs himself?", "How should you announce layoffs yourself?"),
        ("What did founders learn when they failed?", "What did you learn when you failed?"),
        ("how do bosses handle it decently", "how do you handle it decently"),
        ("What makes remote teams work?", ""),  # not of leaders
        ("Why did the leader's plan fail?", ""),  # of a plan
        ("leaders and trust", ""),  # not asked as a question is
        ("", ""),
    ],
)
def test_leaders_are_addressed_where_the_question_is_what_they_do(question: str, addressed: str) -> None:
    assert to_second_person(question) == addressed
