"""Add interviews: drop files, preview what is read from them, correct it, and ingest them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ingest.links.reader import LinkReader
from ingest.pipeline.progress import Progress
from ingest.readers.recordings.whisper import HOW
from ingest.upload.arriving import is_named_recording, job_of_sent_recording
from ingest.upload.desk import UploadQueue
from ingest.upload.keeping import Limits, Upload
from ingest.upload.link_field import (
    clear_link,
    draw_arriving,
    draw_link_field,
    is_arriving,
    start_arriving,
    take_arrived,
)
from ingest.upload.preview import draw_report, offer_upload
from kb.answering.attribution import format_time
from kb.errors import KBError, UnreadableFile
from kb.knowledge_base import KnowledgeBase
from kb.pages.parts import count_of, draw_notice, draw_problem
from kb.pages.shared import open_kb
from kb.settings import Settings
from kb.storage.waiting import UPLOADS
from kb.text.display import strip_bidi

SHOWN = 8  # names of uploads in a notice
HEADING = """<h1>Add interviews</h1>
<p>Transcripts as captions (SRT, VTT), text, Markdown, Word or PDF, or what a link publishes.
They stay on this machine.</p>"""


@st.cache_resource(show_spinner=False)
def open_queue(_knowledge_base: KnowledgeBase) -> UploadQueue:
    """Open the one queue of uploads for all sessions. Raises BadSetting when a KB_* variable cannot be used."""
    settings = Settings.from_env()
    return UploadQueue(_knowledge_base, settings.home / UPLOADS, Limits.of(settings))


@st.cache_resource(show_spinner=False)
def open_links() -> LinkReader:
    """Open the one reader of links for all sessions; it holds the speech model, once that is loaded."""
    return LinkReader.of(Settings.from_env())


@st.fragment(run_every=0.5)
def draw_progress(queue: UploadQueue) -> None:
    """Draw the progress of the ingest until it is done."""
    if not queue.is_busy:
        st.rerun()
    progress = queue.progress or Progress("", 0, 1, 0, 0.0, None)
    left = "" if progress.seconds_left is None else f" · {format_time(progress.seconds_left)} left"
    st.progress(progress.files_done / max(1, progress.files))
    st.text(f"{strip_bidi(progress.file)} · {progress.passages_per_second:.0f} passages a second{left}")
    st.caption("You can leave this page; the interviews go on being added.")


def draw_waiting(queue: UploadQueue) -> None:
    """Draw the uploads that an app that was stopped has not added, and a button that goes on with them."""
    if waiting := queue.list_waiting():
        more = f" and {len(waiting) - SHOWN:,} more" if len(waiting) > SHOWN else ""
        names = escape(", ".join(waiting[:SHOWN]) + more)
        draw_notice(f"Uploaded but not added yet, since the app was stopped meanwhile: {names}.")
        if st.button("Go on with them"):
            queue.resume()
            st.rerun()


def draw_recordings(files: Sequence[UploadedFile], links: LinkReader, queue: UploadQueue) -> None:
    """Draw what is done with recordings among the files: a button that transcribes them, or what that needs."""
    names = ", ".join(file.name for file in files[:SHOWN])
    if not links.transcribes:
        draw_notice(f"{escape(names)}: a recording is no transcript; {escape(HOW)}", "problem")
    elif st.button(f"Transcribe {count_of(len(files), 'recording')}"):
        transcriber, folder = links.transcriber, queue.folder
        start_arriving([job_of_sent_recording(file.name, file.getvalue(), transcriber, folder) for file in files])


def check_sizes(queue: UploadQueue, files: Sequence[UploadedFile], held: Sequence[UploadedFile]) -> None:
    """Begin the page anew with a refusal where the files are too large together, so that their memory is given back."""
    try:
        queue.limits.check_upload([file.size for file in files])
    except UnreadableFile as error:
        st.session_state["add.refused"] = str(error)
        empty_controls(held)
        st.rerun()


def empty_controls(held: Sequence[UploadedFile]) -> None:
    """Draw the controls anew, and give back the memory of what they hold: else it is the session's to its end."""
    st.session_state["add.batch"] += 1
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in held:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def draw_adding(label: str, readable: int, offered: int) -> bool:
    """Draw the button that adds, which stays in view below any number of previews."""
    told = "" if readable == offered else f"; {offered - readable:,} cannot be read"
    with st.container(horizontal=True, vertical_alignment="center", key="add-bar"):
        is_pressed = st.button(label, type="primary")
        st.html(f'<p class="meta" role="status">{count_of(readable, "file")} read{told}</p>', width="content")
    return is_pressed


kb = open_kb()
queue = open_queue(kb)
st.html(HEADING)
if queue.is_busy:
    draw_progress(queue)
    st.stop()

try:
    draw_waiting(queue)
except KBError as error:
    draw_problem(error)
batch = st.session_state.setdefault("add.batch", 0)  # a new number empties the controls
links = open_links()
files = st.file_uploader("Transcripts", accept_multiple_files=True, key=f"add.files.{batch}")
st.caption(queue.limits.describe(queue.folder))
if refused := st.session_state.pop("add.refused", ""):
    draw_problem(UnreadableFile(refused))
try:
    if is_arriving():
        draw_arriving()
        st.stop()
    draw_link_field(links, queue)
    arrived = take_arrived()
    table = st.file_uploader("A table of facts about them (CSV, optional)", type="csv", key=f"add.table.{batch}")
    held = [*files, table] if table else list(files)
    check_sizes(queue, files, held)  # before any is read
    facts, facts_id = (table.getvalue(), table.file_id) if table else (None, "")
    recordings = [file for file in files if is_named_recording(file.name)]
    if recordings and not arrived:
        draw_recordings(recordings, links, queue)
    sent = [(Upload(file.name, file.getvalue()), file.file_id) for file in files if file not in recordings]
    came = [(upload, f"link.{upload.name}") for upload in arrived]
    offered = [offer_upload(upload, file_id, facts, facts_id) for upload, file_id in (*sent, *came)]
    readable = [upload for upload in offered if upload]
    label = f"Add {len(readable)} of {len(offered)}" if len(offered) > 1 else "Add it"
    if readable and draw_adding(label, len(readable), len(offered)):
        queue.submit(readable, facts)
        clear_link()
        empty_controls(held)
        st.rerun()
    latest = queue.latest  # read once: another reader may have begun an upload since this page was
    if latest and latest.done() and not offered:
        draw_report(latest.result())
except KBError as error:
    draw_problem(error)
