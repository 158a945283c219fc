"""Draw files before they are added, with fields for corrections, and the report on them after."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

import streamlit as st

from ingest.inspection import Speaker, list_speakers
from ingest.metadata.corrections import STATED_ROLES, Corrections, write_corrections
from ingest.metadata.table import Row
from ingest.pipeline.known_interviews import has_leader
from ingest.pipeline.report import FileReport, Outcome, Report
from ingest.reading import Reading
from ingest.speakers.identity import is_person
from ingest.upload.desk import correct_speakers, inspect_upload
from ingest.upload.keeping import MOST_FILES, Upload
from kb.errors import BadMetadata, UnreadableFile
from kb.model import Interview, Turn
from kb.pages.cards import (
    draw_name,
    draw_speaker,
    draw_table,
    draw_turn,
    interview_address,
    join_parts,
    show_and_date,
)
from kb.pages.mending import draw_fields
from kb.pages.parts import count_of, draw_notice, draw_problem
from kb.storage.mending import list_changes
from kb.text.display import strip_bidi

SHOWN_TURNS = 4  # of each file, in the preview
SHOWN_SPEAKERS = 12  # of each file, those with the most words
SHOWN_FILES = 8  # names of files in a notice
SHOWN_CHARACTERS = 5_000  # characters of each turn, in the preview
FORM = "Correct names and roles"
FACTS_FORM = "Title, date, show, role, company"
QUESTION = "Who is being interviewed?"
# Advice that names options of the command line, and the same advice in a browser.
ADVICE = {
    "name one with --leader, map a label with --speakers, or fill a metadata table": (
        f"answer “{QUESTION}” before you add it, or give a table of facts"
    ),
    "-v shows where": "the log shows where",
    "; --keep-both makes it an interview of its own": "",
}
OUTCOMES: tuple[Outcome, ...] = ("added", "updated", "renamed", "unchanged", "second source", "refused")


@dataclass(frozen=True, slots=True)
class Preview:
    """What is shown of a reading; transcripts themselves are too large to be held for every file of every session."""

    interview: Interview
    speakers: tuple[Speaker, ...]  # those with the most words
    more_speakers: int  # that are not shown
    first: tuple[Turn, ...]  # turns, each only to its beginning
    warnings: tuple[str, ...]
    lacks_leader: bool

    @classmethod
    def of(cls, reading: Reading) -> Preview:
        """Take what is shown of a reading."""
        speakers = list_speakers(reading.transcript)
        first = tuple(map(_shorten, reading.transcript.turns[:SHOWN_TURNS]))
        hidden = max(0, len(speakers) - SHOWN_SPEAKERS)
        shown = tuple(speakers[:SHOWN_SPEAKERS])
        lacks_leader = not has_leader(reading.transcript)
        return cls(reading.transcript.interview, shown, hidden, first, reading.warnings, lacks_leader)


@st.cache_data(show_spinner="Reading the files", max_entries=2 * MOST_FILES)
def preview(_upload: Upload, _table: bytes | None, ids: tuple[str, ...]) -> Preview | str:  # noqa: ARG001
    """Return what is shown of a file, or why it cannot be read; the ids identify bytes and corrections.

    Raises BadMetadata when the table cannot be used.
    """
    try:
        return Preview.of(inspect_upload(_upload, _table))
    except UnreadableFile as error:
        return str(error)


def draw_preview(name: str, read: Preview) -> None:
    """Draw a file's speakers with their roles, its first turns, and warnings about how it was read."""
    rows = [(one.name or "not named", one.role, f"{one.turns:,}", f"{one.words:,}") for one in read.speakers]
    first = "".join(draw_turn(turn, read.interview) for turn in read.first)
    title = f"<b>{draw_name(name)}</b>: {draw_name(read.interview.title)}"
    notes = "".join(f"<p>Note: {draw_name(word_for_browser(warning))}.</p>" for warning in read.warnings)
    told = draw_told(read.interview)
    table = draw_table(("Speaker", "Role", "Turns", "Words"), rows)
    more = f"<p>and {read.more_speakers:,} more</p>" if read.more_speakers else ""
    st.html(f"<p>{title}</p>{told}{notes}{table}{more}<details><summary>How it begins</summary>{first}</details>")


def draw_told(interview: Interview) -> str:
    """What is known of an interview, and which of the facts that readers choose by are missing."""
    leaders = "".join(f"<p>{draw_speaker(leader)}</p>" for leader in interview.leaders)
    wanted = {"date": interview.when, "show": interview.show, "host": interview.host}
    of_leaders = {name: all(getattr(one, name) for one in interview.leaders) for name in ("role", "company", "sector")}
    missing = [name for name, value in (*wanted.items(), *of_leaders.items()) if not value]
    lacks = f"Not told: {', '.join(missing)}" if missing else ""
    facts = join_parts(show_and_date(interview), lacks)
    return f'{leaders}<p class="meta">{facts}</p>'


def draw_corrections(read: Preview, key: str) -> Corrections:
    """Draw fields for the name and role of each speaker, and return what was changed in them."""
    speakers = [one for one in read.speakers if one.name]
    filled: list[tuple[str, str | None]] = []
    with st.expander(FORM) if speakers else st.empty():
        for number, one in enumerate(speakers):
            name, role = st.columns(2)
            shown = strip_bidi(one.name or "")
            written = name.text_input(f"Name of {shown}", one.name or "", key=f"{key}.name.{number}")
            chosen = role.segmented_control(f"Role of {shown}", STATED_ROLES, key=f"{key}.role.{number}")
            filled.append((written, chosen))
    return correct_speakers(speakers, filled)


def ask_who_leads(read: Preview, key: str) -> Corrections:
    """Ask who is interviewed, where that is not known, and return the answer; a program's label is given a name too."""
    names = list(dict.fromkeys(one.name for one in read.speakers if one.name))
    if not read.lacks_leader or not names:
        return Corrections()
    chosen = st.radio(QUESTION, names, index=None, format_func=strip_bidi, key=f"{key}.leads", horizontal=True)
    if chosen is None:
        return Corrections()
    name = (
        "" if is_person(chosen) else st.text_input(f"The name of {strip_bidi(chosen)}", key=f"{key}.leads.name").strip()
    )
    return Corrections({chosen: name} if name else {}, {chosen: "leader"})


def ask_facts(read: Preview, key: str) -> Row:
    """Draw fields for the facts, filled with what the file tells, and return what was changed in them.

    Raises BadMetadata when a value cannot be used.
    """
    with st.expander(FACTS_FORM):
        facts, leaders = draw_fields(read.interview, key, (("role", "company", "sector"),))
    change = list_changes(read.interview, facts, leaders)
    row = {name: value for name, value in change.facts.items() if value}
    for name in ("role", "company", "sector"):
        if any(name in one for one in change.leaders.values()):
            row[name] = "; ".join(filled[name].strip() for filled in leaders)
    return row


def offer_upload(upload: Upload, file_id: str, facts: bytes | None, facts_id: str) -> Upload | None:
    """Show a file and take corrections; None if it cannot be read. Raises BadMetadata when the table cannot be used."""
    place = st.container()
    found = preview(upload, facts, (file_id, facts_id))
    if isinstance(found, str):
        draw_notice(f"<b>{draw_name(upload.name)}</b>: {escape(word_for_browser(found))}", "problem")
        return None
    answered = ask_who_leads(found, f"add.{file_id}")
    corrected = replace(upload, corrections=draw_corrections(found, f"add.{file_id}").over(answered))
    stated = write_corrections(corrected.corrections)
    shown = preview(corrected, facts, (file_id, facts_id, stated)) if stated else found
    read = shown if isinstance(shown, Preview) else found
    try:
        facts_told = ask_facts(read, f"add.{file_id}")
    except BadMetadata as error:
        draw_problem(error)
        return None
    whole = replace(corrected, stated=facts_told)
    final = preview(whole, facts, (file_id, facts_id, stated, json.dumps(facts_told))) if facts_told else read
    with place:
        draw_preview(upload.name, final if isinstance(final, Preview) else read)
    return whole


def draw_report(report: Report) -> None:
    """Draw what was done with each file; a file without a known leader is not done."""
    lacking = report.leaderless
    finished = Report(tuple(file for file in report if file not in lacking))
    counts = ", ".join(f"{len(files)} {outcome}" for outcome in OUTCOMES if (files := finished.of(outcome)))
    if lacking:
        _draw_leaderless(lacking)
    if counts or not lacking:
        draw_notice(f'Done: {counts or "no files"}. <a href="./">Ask about them</a>.', "done")
    rows = [(one.source, _tell_outcome(one), _note(one)) for one in report]
    addresses = [interview_address(one.interview_id) if one.interview_id else None for one in report]
    ends = [_offer_correction(one) for one in report]
    st.html(draw_table(("File", "Outcome", "Note", "Facts"), rows, addresses, ends))


def _tell_outcome(file: FileReport) -> str:
    return f"{file.outcome}, {count_of(file.passages, 'passage')}" if file.passages else file.outcome


def _offer_correction(file: FileReport) -> str:
    """A link to the fields for the facts of an interview; '' where there is none."""
    if not file.interview_id:
        return ""
    address = interview_address(file.interview_id, to_correct=True)
    return f'<a class="act" href="{address}" aria-label="Correct {escape(strip_bidi(file.source))}">Correct</a>'


def _draw_leaderless(files: Sequence[FileReport]) -> None:
    names = draw_name(", ".join(file.source for file in files[:SHOWN_FILES]))
    more = f" and {len(files) - SHOWN_FILES:,} more" if len(files) > SHOWN_FILES else ""
    advice = f"Upload {'them' if len(files) > 1 else 'it'} again and answer “{QUESTION}”"
    draw_notice(f"Not done, since nobody is known to be interviewed: {names}{more}. {advice}.", "problem")


def word_for_browser(message: str) -> str:
    """Word a message of an ingest for a reader who has no command line."""
    for told, here in ADVICE.items():
        message = message.replace(told, here)
    return message


def _shorten(turn: Turn) -> Turn:
    if len(turn.text) <= SHOWN_CHARACTERS:
        return turn
    return replace(turn, text=f"{turn.text[:SHOWN_CHARACTERS]} …", marks=())


def _note(file: FileReport) -> str:
    return "; ".join(word_for_browser(one) for one in (file.reason, *file.warnings) if one)
