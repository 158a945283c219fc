"""The plan of a workshop: its minutes, its voices, its questions, and what is checked before it is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from packs import SHORT, Stored, make_loose_material, make_material, make_plan, make_talk, make_talks, quote_all

from kb.errors import BadPack
from kb.exports.pack import wording
from kb.exports.pack.draft import draft_plan, tell_left_out
from kb.exports.pack.fit import Box, count_lines, fits, set_text, shorten
from kb.exports.pack.material import Material, gather_from_evidence, gather_from_quotations
from kb.exports.pack.plan import SHAPES, split_minutes
from kb.exports.pack.quotation import tidy
from kb.exports.pack.standing import check_plan
from kb.exports.pack.topics import list_related, load_questions, topic_of_behaviour, topic_of_theme
from kb.lens.evidence import BehaviourEvidence, Evidence, LensQuotation, SideEvidence
from kb.lens.framework import SIDES, load_framework
from kb.model import Citation, Passage, Turn
from kb.retrieval.lexicon import load_lexicon


@pytest.mark.parametrize("minutes", [45, 90, 180])
@pytest.mark.parametrize("people", [2, 3, 5, 12, 13, 200])
def test_the_minutes_add_up(minutes: int, people: int) -> None:
    plan = replace(make_plan(make_talks(9), minutes), people=people)
    agenda = plan.agenda
    assert sum(slot.minutes for slot in agenda) == minutes
    assert [slot.start for slot in agenda] == [sum(one.minutes for one in agenda[:n]) for n in range(len(agenda))]
    for slot in agenda:
        steps = wording.list_steps(plan, slot)
        assert sum(step.minutes for step in steps) == slot.minutes
        assert all(step.minutes > 0 for step in steps)


def test_the_minutes_add_up_when_segments_are_left_out() -> None:
    plan = make_plan(make_talks(9), 180)
    while len(plan.segments) > 1:
        plan = plan.leave_out(plan.segments[0].id)
        assert sum(slot.minutes for slot in plan.agenda) == 180
    with pytest.raises(BadPack, match="needs one segment"):
        plan.leave_out(plan.segments[0].id)


@pytest.mark.parametrize("minutes", [45, 90, 180])
def test_a_plan_has_three_to_five_segments_and_at_least_six_leaders(minutes: int) -> None:
    plan = make_plan(make_talks(9), minutes)
    assert 3 <= len(plan.segments) <= 5
    assert len(plan.leaders) >= 6
    for segment in plan.segments:
        assert len({one.speaker for one in segment.quotations}) == len(segment.quotations)
        assert 1 <= len(segment.quotations) <= SHAPES[minutes].quotations


def test_one_leader_is_quoted_before_anybody_has_a_second() -> None:
    quoted = quote_all(*make_talks(12))
    plan = draft_plan(make_material(quoted), 90, 12)
    spoken = Counter(one.speaker for one in plan.quotations)
    assert len(spoken) >= min(12, len(plan.quotations) - 1)
    assert max(spoken.values()) <= 2


def test_leaders_of_another_sector_are_taken_before_those_of_the_same() -> None:
    sectors = ["steel", "steel", "steel", "health"]
    talks = [make_talk(f"L{n}", f"{SHORT} {n}", sector=one) for n, one in enumerate(sectors)]
    opening = make_talk("Opener", f"{SHORT} First of all.")
    topic = topic_of_behaviour(load_framework().behaviours[0])
    given = [(one, topic, 0.9) for one in quote_all(opening, *talks)]
    plan = draft_plan(gather_from_quotations("T", "O", given), 45, 12)
    assert {one.leader.sector for one in plan.segments[0].quotations} == {"steel", "health"}


def test_the_same_material_gives_the_same_plan() -> None:
    assert make_plan(make_talks(9)) == make_plan(make_talks(9))


def test_quotations_that_speak_to_no_known_matter_are_voices() -> None:
    quoted = quote_all(*make_talks(7))
    plan = draft_plan(make_loose_material(quoted), 90, 12)
    assert [one.heading for one in plan.segments][:2] == ["Different voices", "More voices"]
    assert len(plan.quotations) == len(quoted)  # a person chose them: none is left out


def test_what_a_person_chose_and_has_no_room_is_counted() -> None:
    material = make_loose_material(quote_all(*make_talks(15)))
    plan = draft_plan(material, 45, 12)
    left = 30 - len(plan.quotations)
    assert left > 0
    assert tell_left_out(material, plan) == (
        f"{left} quotations have no room in 45 minutes; choose a longer workshop, or pin fewer.",
    )
    assert tell_left_out(make_material(quote_all(*make_talks(15))), plan) == ()


def test_one_quotation_is_enough_for_a_plan() -> None:
    plan = draft_plan(make_loose_material(quote_all(make_talk("Ada Vance", SHORT))), 45, 2)
    assert [one.quote for one in plan.quotations] == [SHORT]
    with pytest.raises(BadPack, match="no quotation"):
        draft_plan(Material("T", "O", ()), 45, 2)


@pytest.mark.parametrize(("minutes", "people"), [(60, 12), (0, 12), (90, 1), (90, 0), (90, 501)])
def test_lengths_and_sizes_that_no_workshop_has_are_refused(minutes: int, people: int) -> None:
    with pytest.raises(BadPack):
        draft_plan(make_material(quote_all(*make_talks(3))), minutes, people)


def test_no_question_is_asked_twice_in_a_workshop() -> None:
    for minutes in SHAPES:
        plan = make_plan(make_talks(9), minutes)
        asked = [question for segment in plan.segments for question in segment.questions]
        assert len(asked) == len(set(asked)) == 3 * len(plan.segments)


def test_every_behaviour_has_two_questions_or_more_and_any_matter_has_some() -> None:
    book = load_questions()
    ids = {one.id for one in load_framework().behaviours}
    assert set(book.behaviours) == ids
    assert all(2 <= len(questions) <= 3 for questions in book.behaviours.values())
    assert len(book.any) >= 12
    everything = [*book.any, *(one for questions in book.behaviours.values() for one in questions)]
    assert len(set(everything)) == len(everything)
    assert all("?" in one for one in everything)
    assert set(book.themes) <= {one.id for one in load_lexicon()}
    assert {behaviour for some in book.themes.values() for behaviour in some} <= ids


def test_a_theme_is_looked_at_through_its_behaviours_and_leads_to_its_neighbours() -> None:
    themes = {one.id: one for one in load_lexicon()}
    topic = topic_of_theme(themes["letting-go"])
    assert topic.lenses[0].startswith("Trust and autonomy: hands decisions over")
    assert topic.questions[0] in load_questions().behaviours["A5"]
    related = [one.id for one in list_related(["igniting-passion"], load_lexicon())]
    assert related[:2] == ["explaining-why", "meaning-beyond-money"]
    assert "igniting-passion" not in related
    assert list_related([], load_lexicon()) == []


def test_edits_are_cleaned_and_keep_what_they_do_not_name() -> None:
    plan = make_plan(make_talks(9))
    first = plan.segments[0]
    edited = plan.change(replace(first, heading=" A\n\x07\u202ehead ", questions=("  ", "One?", "One?", "T" * 9000)))
    segment = edited.segments[0]
    assert segment.heading == "A head"
    assert segment.questions[0] == "One?"
    assert len(segment.questions) == 2
    assert len(segment.questions[1]) == 400
    assert plan.change(replace(first, heading="\t")).segments[0].heading == first.heading
    with pytest.raises(BadPack, match="needs a quotation"):
        plan.change(replace(first, quotations=()))
    with pytest.raises(BadPack, match="no segment"):
        plan.move("nowhere", 0)
    assert [one.id for one in plan.move(first.id, 1).segments][:2] == [plan.segments[1].id, first.id]


def test_a_quotation_that_no_longer_stands_is_left_out_and_named() -> None:
    talks = make_talks(9)
    plan = make_plan(talks)
    gone = plan.segments[1].quotations[0]
    kept = [one for one in talks if one.interview.id != gone.interview.id]
    checked = check_plan(plan, Stored(kept).verify)
    assert gone.id not in [one.id for one in checked.plan.quotations]
    assert checked.left_out[0] == (f"Left out: the words of {gone.name} in A talk no longer stand in their interview.")
    with pytest.raises(BadPack, match="No quotation of the plan stands"):
        check_plan(plan, Stored([]).verify)


def test_another_quotation_opens_when_the_first_no_longer_stands() -> None:
    talks = make_talks(9)
    plan = make_plan(talks)
    kept = [one for one in talks if one.interview.id != plan.opening.interview.id]
    checked = check_plan(plan, Stored(kept).verify)
    assert checked.plan.opening == checked.plan.segments[0].quotations[0]


def test_what_stands_round_a_quotation_is_read_from_its_interview() -> None:
    talk = make_talk("Ada Vance", SHORT)
    talk = replace(talk, turns=(*talk.turns[:1], Turn(1, "Max Ruh", "host", "Yeah."), replace(talk.turns[1], index=2)))
    quotation = replace(quote_all(talk)[0])
    checked = check_plan(draft_plan(make_loose_material([quotation]), 45, 4), Stored([talk]).verify)
    context = checked.contexts[quotation.id]
    assert context.asked == "What did you learn from the people who worked with you in that year?"
    assert (context.asked_by, context.before, context.after) == ("Max Ruh", "Before it all.", "After it all.")


def test_a_text_is_set_smaller_before_it_is_cut() -> None:
    box = Box(6, 2)
    assert set_text("Short.", box, (40, 18)).size == 40
    middle = set_text("word " * 35, box, (40, 30, 18))
    assert (middle.size, len(middle.pieces)) == (18, 1)
    long = "This is a sentence of some words. " * 40
    cut = set_text(long, box, (40, 18))
    assert len(cut.pieces) > 1
    assert all(fits(one, box, 18) for one in cut.pieces)
    assert " ".join(cut.pieces) == long.strip()
    assert all(one.endswith(".") for one in cut.pieces)


@pytest.mark.parametrize("text", ["x" * 5000, "漢字" * 2500, "a\n" * 900, "\u202eabc " * 1200, "W" * 300 + " i" * 900])
def test_whatever_a_text_is_made_of_its_pieces_fit_and_lose_nothing(text: str) -> None:
    box = Box(11, 4)
    pieces = set_text(text, box, (32, 18)).pieces
    assert all(fits(one, box, 18) for one in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_line_that_is_too_long_is_cut_with_a_mark() -> None:
    assert shorten("Short", Box(5, 0.3), 14) == "Short"
    cut = shorten("long words " * 100, Box(5, 0.3), 14)
    assert cut.endswith("…")
    assert count_lines(cut, 5, 14) == 1


def test_lines_of_ours_hold_nothing_that_acts() -> None:
    assert tidy("a\x00b\n\tc\u202ed\u2028e") == "a b cd e"
    assert len(tidy("x" * 5000)) == 200
    assert tidy('=HYPERLINK("http://x.example")') == '=HYPERLINK("http://x.example")'


def test_minutes_are_split_by_their_shares() -> None:
    assert split_minutes(10, (3, 2, 5)) == [3, 2, 5]
    assert sum(split_minutes(7, (3, 5, 3))) == 7
    assert split_minutes(2, (1, 1, 1)) == [1, 1, 0]


@pytest.mark.parametrize(
    ("people", "told"), [(2, "a pair"), (3, "one group"), (5, "one group of 5"), (12, "3 groups of 4")]
)
def test_people_are_parted_into_groups(people: int, told: str) -> None:
    assert wording.describe_groups(people) == told
    assert wording.describe_groups(13) == "3 groups of 4 or 5"


def test_a_matter_that_was_given_keeps_its_quotation_though_it_is_alone() -> None:
    behaviours = load_framework().of("drives_away")[:3]
    quoted = quote_all(*(make_talk(f"L{n}", f"{SHORT} {n}") for n in range(4)))
    topics = [topic_of_behaviour(one) for one in (behaviours[0], *behaviours)]
    given = gather_from_quotations("T", "O", [(one, topic, 0.9) for one, topic in zip(quoted, topics, strict=True)])
    plan = draft_plan(given, 45, 12)
    assert {one.heading for one in plan.segments} == {one.name for one in behaviours}
    assert all(one.lens for one in plan.segments)


def test_a_framework_of_ones_own_gets_questions_for_any_matter() -> None:
    framework = load_framework()
    own = replace(framework, name="Mine")
    topic = topic_of_behaviour(framework.behaviours[0], own)
    assert topic.questions == load_questions().any


def test_the_evidence_of_the_lens_is_a_plan_of_behaviours_of_both_sides() -> None:
    framework = load_framework()
    sides = []
    for side in SIDES:
        shown = [BehaviourEvidence(one, 2, 2, tuple(_show(one.id, n) for n in range(2))) for one in framework.of(side)]
        sides.append(SideEvidence(side, tuple(shown[:4])))
    evidence = Evidence(framework.name, True, tuple(reversed(sides)), 8, 8)
    plan = draft_plan(gather_from_evidence("What drives people away?", evidence, framework), 90, 12)
    assert plan.origin == "From the question: What drives people away?, through Fusion and power"
    ids = [one.id for one in plan.segments]
    assert ids[0].startswith("D")
    assert {one[0] for one in ids} == {"A", "D"}
    assert plan.segments[0].questions[0] in load_questions().behaviours[ids[0]]


def _show(behaviour_id: str, number: int) -> LensQuotation:
    talk = make_talk(f"{behaviour_id} {number}", f"{SHORT} {behaviour_id} {number}")
    one = quote_all(talk)[0]
    passage = Passage("p", talk.interview.id, (one.span,), one.speaker, one.quote)
    citation = Citation(1, passage, talk.interview, one.span.turn, one.span.start, one.span.end, one.quote)
    return LensQuotation(citation, behaviour_id, "does", 0.9)
