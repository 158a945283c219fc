"""Names in a question lead to interviews; everyday words do not."""

from timing import measured

from kb.model import Interview, Leader
from kb.retrieval.entities import collect_names, match_entities

INTERVIEWS = (
    Interview("linear", "Craft", (Leader("Jori Lallo", company="Linear"),)),
    Interview("cockroach", "Databases", (Leader("Spencer Kimball", company="Cockroach Labs; GIMP (earlier)"),)),
    Interview("nordic", "Trains", (Leader("Spencer Holm", company="Nordic Rail"),)),
)


def test_a_word_is_looked_up_once_however_often_it_is_said() -> None:
    asked: list[str] = []

    def is_everyday(word: str) -> bool:
        asked.append(word)
        return False

    match_entities("linear " * 200, collect_names(INTERVIEWS), is_everyday)
    assert asked == ["linear"]


def route(text: str, *everyday: str) -> tuple[set[str], list[str]]:
    found = match_entities(text, collect_names(INTERVIEWS), lambda word: word.casefold() in everyday)
    return set(found.interview_ids), [text[start:end] for start, end in found.spans]


def test_a_full_name_leads_to_its_interview_whatever_its_case() -> None:
    assert route("what did spencer kimball say about pricing?") == ({"cockroach"}, ["spencer kimball"])


def test_a_possessive_keeps_its_mark_out_of_the_name() -> None:
    assert route("Nordic Rail's hardest year") == ({"nordic"}, ["Nordic Rail"])


def test_a_company_may_be_named_without_its_common_end() -> None:
    assert route("how did Cockroach hire its first people") == ({"cockroach"}, ["Cockroach"])


def test_a_first_name_alone_leads_to_everyone_who_has_it() -> None:
    assert route("when Spencer decided to sell") == ({"cockroach", "nordic"}, ["Spencer"])
    assert route("the spencer jacket") == (set(), [])


def test_a_full_name_decides_over_a_company() -> None:
    assert route("Spencer Holm on Linear") == ({"nordic"}, ["Spencer Holm"])


def test_an_everyday_word_is_a_name_only_with_a_capital_inside_the_sentence() -> None:
    assert route("is progress linear or not", "linear") == (set(), [])
    assert route("Linear growth, is it enough?", "linear") == (set(), [])
    assert route("what does Linear do about bugs", "linear") == ({"linear"}, ["Linear"])


def test_a_question_without_names_leads_nowhere() -> None:
    assert route("How do leaders ignite shared passion?") == (set(), [])


def test_a_name_that_is_spelt_nearly_so_is_taken_for_it_and_told() -> None:
    known = collect_names([Interview("talk", "Talk", (Leader("Sahira Lavington", company="Quillfeather"),))])
    route = match_entities("What did Sahera Lavinton learn?", known, lambda _: False)
    assert route.interview_ids == {"talk"}
    assert route.meant == ("Sahira Lavington",)
    assert match_entities("What does Quillfether sell?", known, lambda _: False).meant == ("Quillfeather",)


def test_a_name_that_somebody_says_or_another_name_is_no_misspelling() -> None:
    def route_to(question: str, *leaders: str, said: str = "") -> frozenset[str]:
        talks = [Interview(name, "Talk", (Leader(name),)) for name in leaders]
        return match_entities(question, collect_names(talks), lambda _: False, lambda word: word == said).interview_ids

    assert route_to("Why did Zappos pay people to quit?", "Sahira Lavington") == frozenset()
    assert route_to("What would Steve Jobs do?", "Steven Ng") == frozenset()
    assert route_to("What do leaders say about Harvard?", "Amy Harward") == frozenset()
    assert route_to("How do leaders in Denmark hire?", "Jo Denmarck", said="Denmark") == frozenset()
    assert route_to("Lavinton on hiring", "Sahira Lavington") == frozenset()  # opens the question: any word would
    assert route_to("What does Lavinton say?", "Sahira Lavington") == {"Sahira Lavington"}
    assert route_to("What does Lavinton say?", "Sahira Lavington", "Tom Lavington") == frozenset()


def test_a_card_with_a_long_run_of_spaces_or_brackets_is_read_in_no_time() -> None:
    company = "Nordic" + " " * 20_000 + "Rail (" + "(" * 20_000
    with measured() as taken:
        assert ("nordic", "rail") in collect_names(
            [Interview("nordic", "Trains", (Leader("Spencer Holm", company=company),))]
        )
    assert taken.seconds < 0.5


def test_of_many_misspelt_names_only_the_first_are_looked_up() -> None:
    asked: list[str] = []
    question = "what did " + "Spencor Kimballo and then " * 80

    def is_said(word: str) -> bool:
        asked.append(word)
        return True

    match_entities(question, collect_names(INTERVIEWS[1:2]), lambda _: False, is_said)
    assert len(asked) == 10
