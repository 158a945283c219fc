"""The words of a workshop that are ours: steps with their minutes, the exercise, the closing. No speech is made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.exports.pack.plan import Plan, Slot, split_minutes
from kb.exports.pack.quotation import PackQuotation

SAMPLE = "Invented sample interview"
SAMPLES = "Holds invented sample interviews: people, companies and words in them are made up"
VERBATIM = "Everything in quotation marks is taken word for word from an interview; all else is text of the workshop."
GROUP = 4  # people of a group
WIDTH = 16.6  # centimetres between the margins of a page
TITLES = {
    "opening": "Welcome and first voice",
    "break": "Break",
    "exercise": "Exercise: keep, start, stop",
    "closing": "Closing round",
}
COLUMNS = ("Keep", "Start", "Stop")
EXERCISE = "What draws people in here, what drives them away, and what follows from that?"


@dataclass(frozen=True, slots=True)
class Step:
    """What happens for some minutes."""

    minutes: int
    text: str


def name_slot(slot: Slot) -> str:
    """The heading of a part."""
    return slot.segment.heading if slot.segment else TITLES[slot.part]


def list_steps(plan: Plan, slot: Slot) -> tuple[Step, ...]:
    """The steps of a part; their minutes add up to it."""
    texts, shares = _STEPS[slot.part]
    groups = describe_groups(plan.people)
    minutes = split_minutes(slot.minutes, shares)
    return tuple(Step(one, text.format(groups=groups)) for one, text in zip(minutes, texts, strict=True))


def describe_groups(people: int) -> str:
    """How people are parted: 'groups of 4', 'pairs' or 'groups of 4 or 5'."""
    if people <= 3:
        return "one group" if people == 3 else "a pair"
    number = count_groups(people)
    small, more = divmod(people, number)
    size = f"{small} or {small + 1}" if more else f"{small}"
    return f"{number} groups of {size}" if number > 1 else f"one group of {size}"


def count_groups(people: int) -> int:
    """The number of groups."""
    return max(1, round(people / GROUP))


def name_link(quotation: PackQuotation) -> str:
    """What the link of a quotation opens."""
    return "Open the recording" if quotation.start is not None else "Open the source"


def describe_length(plan: Plan) -> str:
    """Length and size of a workshop in a line."""
    leaders = len(plan.leaders)
    return f"{plan.minutes} minutes · {plan.people} people · {leaders} leader{'' if leaders == 1 else 's'} quoted"


def format_clock(minutes: int) -> str:
    """Minutes from the beginning, as 0:05 or 1:30."""
    return f"{minutes // 60}:{minutes % 60:02}"


_STEPS: dict[str, tuple[Sequence[str], Sequence[int]]] = {
    "opening": (
        (
            "Welcome. Say what the time is for, and that every quotation can be looked up in its interview.",
            "Read the first quotation aloud, and leave half a minute of silence.",
            "Each person says in one sentence what the words bring to mind.",
        ),
        (3, 2, 5),
    ),
    "segment": (
        (
            "Read the quotations, aloud or alone. What does each leader do, warn of or tell of?",
            "Talk about the questions in {groups}. Stay with what you have seen yourselves.",
            "Gather one sentence from each group, and write it where all can see it.",
        ),
        (3, 5, 3),
    ),
    "break": (("Break. Leave the quotations where all can see them.",), (1,)),
    "exercise": (
        (
            "Alone: note one thing done here that draws people in, and one that drives them away.",
            "In {groups}: agree on one thing to keep, one to start and one to stop.",
            "In {groups}: write for each the first step, who takes it, and who will notice.",
            "Each group reads out its three; the others ask, nobody judges.",
        ),
        (3, 6, 6, 5),
    ),
    "closing": (
        (
            "Each person says what they will do differently within a week, and who will notice.",
            "Agree when and where to look at the steps again, and end on time.",
        ),
        (4, 1),
    ),
}
