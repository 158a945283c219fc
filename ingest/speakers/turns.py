"""Build turns from the lines of a script: who says what, and when or on which page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ingest.script import Line, Script
from ingest.speakers.afterword import find_afterword
from ingest.speakers.damaged_labels import repair_labels
from ingest.speakers.format_traits import PARAGRAPHED, FormatTraits, holds_question
from ingest.speakers.full_names import card_names, find_answerer, find_asker, settle_names
from ingest.speakers.heading_labels import add_heading_labels
from ingest.speakers.label_grammar import Grammar, find_grammar
from ingest.speakers.labels import LabelMatch, fold_label
from ingest.speakers.language import warn_of_language
from ingest.speakers.legend import Legend, read_legend
from ingest.speakers.line_splits import split_lines
from ingest.speakers.lone_questions import ANSWER, find_lone_questions
from ingest.speakers.non_speech import find_non_speech, find_teasers, is_sponsor_read
from ingest.speakers.odd_times import unify_times
from ingest.speakers.read_aloud import drop_read_aloud
from ingest.speakers.time_checks import check_times
from ingest.speakers.turn_writer import Draft, TurnWriter
from kb.errors import UnreadableFile
from kb.model import PART_BREAK, Turn

MOST_SPEAKERS = 3_000  # a year of hearings has a few hundred
MOST_LINES = 250_000  # forty days of captions
MOST_CHARACTERS = 12_000_000  # two hundred hours of talk


@dataclass(frozen=True, slots=True)
class Talk:
    """The turns of a script, in order, and warnings about their speakers."""

    turns: tuple[Turn, ...]
    warnings: tuple[str, ...] = ()


def read_talk(script: Script, names: Iterable[str] = ()) -> Talk:
    """Read who says what in a script; `names` are people who are known to talk.

    Raises UnreadableFile when it has too many words, lines or speakers.
    """
    if sum(len(line.text) for line in script.lines) > MOST_CHARACTERS:
        raise UnreadableFile(f"the file has more than {MOST_CHARACTERS:,} characters: split it, one file an interview")
    unified = unify_times(script.lines)
    lines = list(islice(split_lines(replace(script, lines=tuple(unified.lines))), MOST_LINES + 1))
    if len(lines) > MOST_LINES:
        raise UnreadableFile(f"the file has more than {MOST_LINES:,} lines: split it, one file an interview")
    legend = read_legend(lines) if script.format in PARAGRAPHED else Legend()
    non_speech = find_non_speech(lines) | legend.lines
    people = [*card_names(script), *legend.people]
    grammar = find_grammar(lines, names=[*people, *legend.codes], skip=non_speech)
    _refuse_crowds(grammar)
    traits = FormatTraits.of(script, lines, grammar)
    repairs = repair_labels(lines, grammar, people=people, skip=non_speech, traits=traits)
    read = {**grammar.matches, **repairs.matches}
    matches = drop_read_aloud(lines, add_heading_labels(lines, read, [*people, *names]))
    questions = (
        find_lone_questions(lines, matches, grammar.candidates, non_speech) if script.format in PARAGRAPHED else {}
    )
    if questions:
        matches, traits = dict(questions), replace(traits, labelled=True, dashed=False)
    if script.format in PARAGRAPHED:
        afterword = find_afterword(lines, _find_openings(lines, matches, traits), people)
        non_speech |= afterword
        matches = {index: match for index, match in matches.items() if index not in afterword}
    answerer = find_answerer(script) or (ANSWER if questions else None)
    writer = TurnWriter(traits, asker=find_asker(script), answerer=answerer, answers_follow=bool(questions))
    for index, line in enumerate(lines):
        writer.read(line, matches.get(index), is_non_speech=index in non_speech)
    turns = _settle(writer.drafts, legend, people, unify=script.format in PARAGRAPHED | {"table"})
    language = warn_of_language(turn.text for turn in turns if turn.kind == "talk")
    checked = check_times(turns, script, of_day=unified.of_day)
    warnings = (*grammar.warnings, *repairs.warnings, *checked.warnings, *language)
    return Talk(_mark_kinds(checked.turns), warnings)


def _find_openings(lines: Sequence[Line], matches: Mapping[int, LabelMatch], traits: FormatTraits) -> Mapping[int, str]:
    """Find the lines that open with a label, or the headings that ask, if headings do so here."""
    openings: dict[int, str] = {}
    voice: str | None = None  # a page's field names the speaker of all lines up to the next name
    for place, match in sorted(matches.items()):
        if match.shape != "field" or match.label != voice:
            openings[place] = match.label
        voice = match.label
    if openings or not traits.headings_ask:
        return openings
    return {place: "?" for place, line in enumerate(lines) if line.heading and holds_question(line.text)}


def _refuse_crowds(grammar: Grammar) -> None:
    """Refuse too many labels: comparing all names takes too long in files that are no transcripts."""
    count = len({match.label for match in grammar.matches.values()})
    if count > MOST_SPEAKERS:
        raise UnreadableFile(f"the file names {count:,} speakers, more than {MOST_SPEAKERS:,}: this is no transcript")


def _settle(drafts: Iterable[Draft], legend: Legend, people: Iterable[str], *, unify: bool) -> list[Turn]:
    """Give every turn its speaker's name, and join neighbouring turns of one person."""
    spoken = [draft for draft in drafts if draft.length]
    labels = Counter(draft.label for draft in spoken if draft.label)
    names = settle_names(labels, legend, people, unify=unify)
    joined: list[Draft] = []
    for draft in spoken:
        draft.label = names[draft.label] if draft.label else None
        last = joined[-1] if joined else None
        if last and draft.label and last.kind == draft.kind == "talk" and last.label == draft.label:
            last.add("".join(draft.pieces), PART_BREAK, draft.marks)
        else:
            joined.append(draft)
    return [_make_turn(index, draft, legend) for index, draft in enumerate(joined)]


def _make_turn(index: int, draft: Draft, legend: Legend) -> Turn:
    first = [mark.start for mark in draft.marks if mark.offset == 0 and mark.start is not None]
    return Turn(
        index=index,
        speaker=draft.label,
        role="host" if draft.label in legend.hosts or fold_label(draft.label or "") in legend.asking else draft.role,
        text="".join(draft.pieces),
        start=first[-1] if first else None,
        page=draft.page,
        marks=tuple(draft.marks),
        kind=draft.kind,
        confidence=draft.confidence if draft.label else "none",
    )


def _mark_kinds(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    teasers = find_teasers(turns)
    return tuple(_with_kind(turn, is_teaser=turn.index in teasers) for turn in turns)


def _with_kind(turn: Turn, *, is_teaser: bool) -> Turn:
    if turn.kind != "talk":
        return turn
    if is_teaser:
        return replace(turn, kind="teaser")
    return replace(turn, kind="sponsor") if is_sponsor_read(turn.text) else turn
