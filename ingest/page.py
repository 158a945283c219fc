"""Add interviews: drop files, see what would be read from them, and take them into the knowledge base."""

from __future__ import annotations

from collections import Counter
from html import escape

import streamlit as st

from ingest.pipeline import Progress
from ingest.uploads import Upload, UploadDesk, inspect_upload
from kb.cite import format_time
from kb.errors import KBError, UnreadableFile
from kb.knowledge_base import KnowledgeBase
from kb.model import Outcome, Report, Transcript
from kb.pages.cards import draw_table, draw_turn
from kb.pages.parts import draw_notice, draw_problem, open_kb
from kb.settings import Settings

HEADING = """<h1>Add interviews</h1>
<p>Transcripts as captions (SRT, VTT), text, Markdown, Word or PDF. They stay on this machine.</p>"""
SHOWN_TURNS = 4  # of each file, in the preview
OUTCOMES: tuple[Outcome, ...] = ("added", "updated", "unchanged", "refused")


@st.cache_resource(show_spinner=False)
def open_desk(_knowledge_base: KnowledgeBase) -> UploadDesk:
    """The one desk at which all sessions hand their files in."""
    return UploadDesk(_knowledge_base, Settings.from_env().home / "uploads")


@st.cache_data(show_spinner="Reading the files", max_entries=200)
def preview(_upload: Upload, file_id: str, _table: bytes | None, table_id: str) -> Transcript | str:  # noqa: ARG001
    """What would be read from a file, or why it cannot be; the ids stand for the bytes."""
    try:
        return inspect_upload(_upload, _table)
    except UnreadableFile as error:
        return str(error)


def draw_preview(name: str, transcript: Transcript | str) -> None:
    """The speakers, with their roles, and the first turns of a file."""
    if isinstance(transcript, str):
        draw_notice(f"<b>{escape(name)}</b>: {escape(transcript)}", "problem")
        return
    turns = Counter((turn.speaker or "not named", turn.role) for turn in transcript.turns)
    words: Counter[tuple[str, str]] = Counter()
    for turn in transcript.turns:
        words[turn.speaker or "not named", turn.role] += len(turn.text.split())
    rows = [(speaker, role, f"{count:,}", f"{words[speaker, role]:,}") for (speaker, role), count in turns.items()]
    first = "".join(draw_turn(turn, transcript.interview) for turn in transcript.turns[:SHOWN_TURNS])
    title = f"<b>{escape(name)}</b>: {escape(transcript.interview.title)}"
    table = draw_table(("Speaker", "Role", "Turns", "Words"), rows)
    st.html(f"<p>{title}</p>{table}<details><summary>How it begins</summary>{first}</details>")


def draw_report(report: Report) -> None:
    """What was done with each file."""
    counts = ", ".join(f"{len(files)} {outcome}" for outcome in OUTCOMES if (files := report.of(outcome)))
    draw_notice(f'Done: {counts or "no files"}. <a href="./">Ask about them</a>.', "done")
    rows = [(one.source, one.outcome, one.passages or "", " ".join((one.reason, *one.warnings))) for one in report]
    st.html(draw_table(("File", "Outcome", "Passages", "Note"), rows))


@st.fragment(run_every=0.5)
def draw_progress(desk: UploadDesk) -> None:
    """How far the ingest is, until it is done."""
    if not desk.is_busy:
        st.rerun()
    progress = desk.progress or Progress("", 0, 1, 0, 0.0, None)
    left = "" if progress.seconds_left is None else f" · {format_time(progress.seconds_left)} left"
    st.progress(progress.files_done / max(1, progress.files))
    st.text(f"{progress.file} · {progress.passages_per_second:.0f} passages a second{left}")
    st.caption("You can leave this page; the interviews go on being added.")


kb = open_kb()
desk = open_desk(kb)
st.html(HEADING)
if desk.is_busy:
    draw_progress(desk)
    st.stop()

batch = st.session_state.setdefault("add.batch", 0)  # a new number empties the controls
files = st.file_uploader("Transcripts", accept_multiple_files=True, key=f"add.files.{batch}")
table = st.file_uploader("A table of facts about them (CSV, optional)", type="csv", key=f"add.table.{batch}")
facts, facts_id = (table.getvalue(), table.file_id) if table else (None, "")
readable: list[Upload] = []
try:
    for file in files:
        upload = Upload(file.name, file.getvalue())
        found = preview(upload, file.file_id, facts, facts_id)
        draw_preview(upload.name, found)
        if isinstance(found, Transcript):
            readable.append(upload)
    if readable and st.button(f"Add {len(readable)} of {len(files)}" if len(files) > 1 else "Add it", type="primary"):
        desk.take(readable, facts)
        st.session_state["add.batch"] += 1
        st.rerun()
    if desk.latest and not files:
        draw_report(desk.latest.result())
except KBError as error:
    draw_problem(error)
