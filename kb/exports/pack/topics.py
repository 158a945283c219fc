"""What a segment can be about: a behaviour of the framework, or a theme of the lexicon, with questions to discuss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, zip_longest
from pathlib import Path

from kb.lens.framework import Behaviour, Framework, load_framework
from kb.retrieval.lexicon import Theme
from kb.text.yaml_files import read_carried

VOICES = ("Different voices", "More voices", "Further voices", "Other voices", "Last voices")
CARRIED = Path(__file__).with_name("questions.yaml")


@dataclass(frozen=True, slots=True)
class Topic:
    """A matter that quotations speak to."""

    id: str
    heading: str
    lenses: tuple[str, ...]  # behaviours to look through, each with its description, the nearest first
    questions: tuple[str, ...]  # the most fitting first; more than a segment takes


@dataclass(frozen=True, slots=True)
class QuestionBook:
    """Questions for discussions, by behaviour, and those for any matter."""

    any: tuple[str, ...]
    behaviours: Mapping[str, tuple[str, ...]]  # behaviour id -> questions
    themes: Mapping[str, tuple[str, ...]]  # theme id -> ids of the behaviours to look through


@cache
def load_questions() -> QuestionBook:
    """Load the bundled questions."""
    read = read_carried(CARRIED)
    return QuestionBook(
        any=tuple(read["any"]),
        behaviours={key: tuple(values) for key, values in read["behaviours"].items()},
        themes={key: tuple(values) for key, values in read["themes"].items()},
    )


def topic_of_behaviour(behaviour: Behaviour, framework: Framework | None = None) -> Topic:
    """Make a topic of a behaviour; one of a framework of one's own gets questions for any matter."""
    book = load_questions()
    is_bundled = (framework or load_framework()).name == load_framework().name
    questions = book.behaviours.get(behaviour.id, ()) if is_bundled else ()
    return Topic(behaviour.id, behaviour.name, (behaviour.description,), (*questions, *book.any))


def topic_of_theme(theme: Theme) -> Topic:
    """Make a topic of a theme, looked at through the behaviours of the framework that belong to it."""
    book, framework = load_questions(), load_framework()
    found = [one for one in map(framework.behaviour, book.themes.get(theme.id, ())) if one]
    lenses = tuple(f"{one.name}: {one.description[:1].lower()}{one.description[1:]}" for one in found)
    in_turns = zip_longest(*(book.behaviours[one.id] for one in found))
    questions = tuple(one for one in chain.from_iterable(in_turns) if one)
    return Topic(theme.id, theme.name, lenses, (*questions, *book.any))


def list_related(theme_ids: Sequence[str], themes: Sequence[Theme]) -> list[Theme]:
    """List the themes that share behaviours with some, the most first; then by how near they stand in the lexicon."""
    book = load_questions()
    known = [one.id for one in themes]
    mine = {behaviour for one in theme_ids for behaviour in book.themes.get(one, ())}
    places = [known.index(one) for one in theme_ids if one in known]
    shared = {one.id: len(mine & set(book.themes.get(one.id, ()))) for one in themes if one.id not in theme_ids}

    def stands_far(one: Theme) -> tuple[int, int]:
        return -shared[one.id], min(abs(known.index(one.id) - place) for place in places)

    return sorted((one for one in themes if shared.get(one.id)), key=stands_far)


def make_general_topic(number: int) -> Topic:
    """Make a topic for quotations that no theme gathers; `number` counts from 0."""
    return Topic(f"voices-{number + 1}", VOICES[number % len(VOICES)], (), load_questions().any)
