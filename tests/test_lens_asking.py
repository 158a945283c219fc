"""The question that the lens answers is told from questions that only share its words."""

import pytest
from timing import measured

from kb.embedding.protocol import Embedder
from kb.lens.asking import QuestionMatcher, match_words, read_asked
from kb.lens.framework import SIDES

BOTH = [
    "Which behaviours attract people to a shared cause, and which drive them away?",
    "What attracts people to a shared cause and what drives them away?",
    "What draws people in, and what pushes them away?",
    "How do leaders motivate people?",
    "What motivates people, and what destroys motivation?",
    "Shared cause or power?",
    "Power model versus shared cause",
    "How does the power model differ from leading by a shared cause?",
    "Is a shared cause stronger than ego and power, or the other way round?",
    "Which behaviours inspire people and which alienate them?",
    "How do leaders win people over to a cause?",
    "What makes people follow a leader, and what makes them leave?",
    "Which leader behaviors attract people, and which ones lose them?",
    "What makes people want to follow a leader?",
    "What brings people together behind a cause?",
    "which behaviors attract people to a common purpose",
    "How do leaders inspire their team?",
    "What do leaders do that draws people to their cause?",
]
PUSHING_FIRST = [
    "What drives people away?",
    "Which behaviours drive people away from a shared cause?",
    "How do leaders lose people?",
    "What destroys motivation?",
    "What kills motivation in a team?",
    "How do leaders destroy motivation?",
    "Which leadership behaviours repel people?",
    "What does ego do to a team?",
    "How do egos drive people away?",
    "What do leaders do that demotivates people?",
    "what turns people off about a leader",
]
OTHERS = [
    "How did Jun Takahara-Lowe lose customers?",
    "What drives growth?",
    "How do you attract investors?",
    "How do leaders attract customers?",
    "What motivates you?",
    "How did you lose your first employees?",
    "What drives people to buy online?",
    "Why did people leave Loomgate?",
    "How do leaders ignite shared passion?",
    "What does it take to win the market?",
    "Who controls the budget?",
    "How much power does the new engine have?",
    "What attracts developers to open source?",
    "How do companies attract talent?",
    "What drove the decision to sell?",
    "How do leaders handle layoffs?",
    "How do leaders give feedback?",
    "Why do startups fail?",
    "What is the cause of burnout?",
    "How do leaders listen to the front line?",
    "What drives revenue in a marketplace?",
    "When did the company lose its best people?",
    "How do you motivate a sales team without money?",
    "What does the power grid need?",
    "Which products attract the most users?",
    "How do leaders keep control of costs?",
    "What drives innovation?",
    "How do founders lose control of their company?",
    "What was the cause of the strike?",
    "How do leaders hire for values?",
    "What happened after the board drove him out?",
    "Is remote work better or worse than the office?",
    "How does the database lose data?",
    "What makes people click on an ad?",
    "What makes people buy from a small brand?",
    "How do leaders let go of control?",
    "How do people use the product?",
    "What inspires new ideas?",
    "How do you deal with ego?",
    "What attracted her to the city?",
    "How do leaders drive change?",
    "What keeps leaders awake?",
    "Which cause did the charity choose?",
    "Do leaders regret firing people?",
    "How do leaders deal with people who leave?",
    "What drives costs out of the supply chain?",
    "How do leaders turn a company around?",
    "What motivates people to recycle?",
    "Which books inspire people to write?",
    "What draws people to live music?",
]


@pytest.fixture(scope="module")
def matcher(embedder: Embedder) -> QuestionMatcher:
    return QuestionMatcher(lambda text: embedder.encode_query(text).vector)


@pytest.mark.parametrize("question", BOTH)
def test_what_attracts_comes_first_unless_only_the_other_side_is_asked_for(
    question: str, matcher: QuestionMatcher
) -> None:
    assert matcher.match(question) == ("attracts", "drives_away")


@pytest.mark.parametrize("question", PUSHING_FIRST)
def test_what_drives_away_comes_first_where_only_that_is_asked_for(question: str, matcher: QuestionMatcher) -> None:
    assert matcher.match(question) == ("drives_away", "attracts")


@pytest.mark.parametrize("question", OTHERS)
def test_a_question_about_another_matter_or_one_case_is_left_alone(question: str, matcher: QuestionMatcher) -> None:
    assert matcher.match(question) == ()


def test_every_known_way_to_ask_has_the_words_too() -> None:
    assert all(match_words(question) in (SIDES, SIDES[::-1]) for question in read_asked())


@pytest.mark.parametrize("bit", ["good ", "destroy a ", "drive people ", "people to ", "kill x y "])
def test_a_question_of_twice_the_length_takes_no_more_than_twice_the_time(bit: str) -> None:
    def measure(length: int) -> float:
        with measured() as taken:
            match_words((bit * length)[:length])
        return taken.seconds

    assert measure(80_000) < 5 * measure(20_000) + 0.2
