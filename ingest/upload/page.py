"""Add interviews: drop files, preview what is read from them, correct it, and ingest them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ingest.pipeline import Progress
from ingest.upload.desk import UploadQueue
from ingest.upload.keeping import Limits, Upload
from ingest.upload.preview import draw_report, offer_upload
from kb.answering.attribution import format_time
from kb.errors import KBError, UnreadableFile
from kb.knowledge_base import KnowledgeBase
from kb.pages.parts import draw_notice, draw_problem
from kb.pages.shared import open_kb
from kb.settings import Settings
from kb.storage.waiting import UPLOADS
from kb.text.display import strip_bidi

SHOWN = 8  # names of uploads in a notice
HEADING = """<h1>Add interviews</h1>
<p>Transcripts as captions (SRT, VTT), text, Markdown, Word or PDF. They stay on this machine.</p>"""


@st.cache_resource(show_spinner=False)
def open_queue(_knowledge_base: KnowledgeBase) -> UploadQueue:
    """Open the one queue of uploads for all sessions. Raises BadSetting when a KB_* variable cannot be used."""
    settings = Settings.from_env()
    return UploadQueue(_knowledge_base, settings.home / UPLOADS, Limits.of(settings))


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


def empty_controls(held: Sequence[UploadedFile]) -> None:
    """Draw the controls anew, and give back the memory of what they hold: else it is the session's to its end."""
    st.session_state["add.batch"] += 1
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in held:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


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
files = st.file_uploader("Transcripts", accept_multiple_files=True, key=f"add.files.{batch}")
st.caption(queue.limits.describe(queue.folder))
table = st.file_uploader("A table of facts about them (CSV, optional)", type="csv", key=f"add.table.{batch}")
held = [*files, table] if table else files
if refused := st.session_state.pop("add.refused", ""):
    draw_problem(UnreadableFile(refused))
try:
    queue.limits.check_upload([file.size for file in files])  # before any is read
except UnreadableFile as error:
    st.session_state["add.refused"] = str(error)
    empty_controls(held)
    st.rerun()
facts, facts_id = (table.getvalue(), table.file_id) if table else (None, "")
try:
    offered = [offer_upload(Upload(file.name, file.getvalue()), file.file_id, facts, facts_id) for file in files]
    readable = [upload for upload in offered if upload]
    if readable and st.button(f"Add {len(readable)} of {len(files)}" if len(files) > 1 else "Add it", type="primary"):
        queue.submit(readable, facts)
        empty_controls(held)
        st.rerun()
    latest = queue.latest  # read once: another reader may have begun an upload since this page was
    if latest and latest.done() and not files:
        draw_report(latest.result())
except KBError as error:
    draw_problem(error)
