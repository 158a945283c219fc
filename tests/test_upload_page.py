"""The page of uploads, driven without a browser: previews, limits, reports."""

from __future__ import annotations

import logging
import pickle
import re
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from conftest import SOUP
from screens import alerts, markup, open_page, rerun, shown
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from ingest.metadata.table import read_metadata
from ingest.readers import READERS, Reader
from ingest.upload.keeping import Upload, keep_uploads
from ingest.upload.preview import preview

QUESTION = "How do you get volunteers to care about soup?"


pytestmark = pytest.mark.usefixtures("app_home")


def test_an_upload_is_shown_and_put_right_before_it_is_stored(app_home: Path) -> None:
    labelled = SOUP.split("---\n")[2].replace("Tom Verity", "SPEAKER_00").replace("Mara Quill", "SPEAKER_01")
    page = open_page("ingest/upload/page.py")
    page.file_uploader[0].upload("soup.md", labelled.encode(), "text/markdown").run()
    assert "Note: no leader is known: answer “Who is being interviewed?” before you add it" in shown(page)
    next(field for field in page.text_input if field.label == "Name of SPEAKER_01").set_value("Mara Quill").run()
    page.segmented_control[1].set_value("host").run()
    assert not page.exception
    assert re.findall(r"<td>(Mara Quill|SPEAKER_00)</td><td>(\w+)</td>", markup(page)) == [
        ("Mara Quill", "leader"),
        ("SPEAKER_00", "host"),
    ]
    assert not (app_home / "uploads").exists()


def test_an_upload_that_another_reader_begins_meanwhile_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page("ingest/upload/page.py")
    draw = st.file_uploader

    def begin_elsewhere(*args: Any, **options: Any) -> object:
        sys._getframe(1).f_globals["queue"].latest = Future()  # of the page, which has found the queue free before
        return draw(*args, **options)

    monkeypatch.setattr(st, "file_uploader", begin_elsewhere)
    rerun(page)
    assert "Add interviews" in shown(page)


def test_the_limits_of_uploads_stand_by_the_control_and_in_the_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_UPLOAD_MB", "1")
    page = open_page("ingest/upload/page.py")
    assert page.caption[0].value == "Up to 200 files and 1 MB at once. 0 of 5,000 MB for uploads are taken."
    page.file_uploader[0].upload("soup.md", SOUP.encode() * 2_000, "text/markdown").run()
    assert alerts(page) == ["These files have 2 MB, more than 1; add fewer at once, or set KB_UPLOAD_MB"]
    assert "Soup for a city" not in shown(page)


@pytest.mark.parametrize(("limit", "told"), [("200", "Done: 1 added."), ("1", "more than 1; add fewer at once")])
def test_the_memory_of_uploads_is_given_back_when_they_are_kept_and_when_they_are_too_much(
    limit: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_UPLOAD_MB", limit)
    kept: dict[str, int] = {}

    class Watched(MemoryUploadedFileManager):
        """Streamlit's own, of a session that stays."""

        def add_file(self, session_id: str, file: UploadedFileRec) -> None:
            super().add_file(session_id, file)
            kept[file.file_id] = len(file.data)

        def remove_file(self, session_id: str, file_id: str) -> None:
            super().remove_file(session_id, file_id)
            kept.pop(file_id)

    monkeypatch.setattr("streamlit.testing.v1.local_script_runner.MemoryUploadedFileManager", Watched)
    page = open_page("ingest/upload/page.py")
    page.file_uploader[0].upload("soup.md", SOUP.encode() + b" " * 1_000_000, "text/markdown").run()
    for button in [one for one in page.button if one.label == "Add it"]:
        assert sum(kept.values()) > 1_000_000
        button.click().run()
    for adding in [one for one in threading.enumerate() if "_ingest" in one.name]:
        adding.join(60)
    assert told in shown(page) or told in shown(rerun(page))
    assert kept == {}


def test_what_a_stopped_app_has_not_added_is_named_and_gone_on_with(app_home: Path) -> None:
    (app_home / "uploads").mkdir(parents=True)
    keep_uploads([Upload("soup.md", SOUP.encode())], app_home / "uploads")
    page = open_page("ingest/upload/page.py")
    assert "Uploaded but not added yet, since the app was stopped meanwhile: soup.md." in shown(page)
    page.button[0].click().run()
    for adding in [one for one in threading.enumerate() if "_ingest" in one.name]:
        adding.join(60)
    assert "Done: 1 added." in shown(rerun(page))
    assert "not added yet" not in shown(page)


def test_a_preview_holds_what_is_shown_and_not_the_transcript() -> None:
    long = SOUP.replace("speech about purpose.", "speech about purpose. " * 100_000)
    read = preview(Upload("soup.md", long.encode()), None, ("a file of two megabytes",))
    assert len(pickle.dumps(read)) < 100_000


def test_a_file_without_corrections_is_read_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ingest.reading")
    page = open_page("ingest/upload/page.py")
    page.file_uploader[0].upload("soup.md", SOUP.encode(), "text/markdown").run()
    assert "Soup for a city" in shown(page)
    rerun(page)
    (read,) = [one.getMessage() for one in caplog.records if one.name == "ingest.reading"]
    assert read.startswith("soup.md: ")


def add_and_wait(page: AppTest) -> None:
    """Press Add, and wait until the upload is added."""
    next(button for button in page.button if button.label.startswith("Add it")).click().run()
    for adding in [one for one in threading.enumerate() if "_ingest" in one.name]:
        adding.join(60)
    rerun(page)


def test_an_interview_without_a_known_leader_is_not_done(app_home: Path) -> None:
    labelled = SOUP.split("---\n")[2].replace("Tom Verity", "SPEAKER_00").replace("Mara Quill", "SPEAKER_01")
    page = open_page("ingest/upload/page.py")
    page.file_uploader[0].upload("soup.md", labelled.encode(), "text/markdown").run()
    add_and_wait(page)
    assert "Done:" not in shown(page)
    assert alerts(page) == [
        "Not done, since nobody is known to be interviewed: soup.md. Upload it again and answer “Who is being"
        " interviewed?”."
    ]
    (note,) = re.findall(r"<td>added</td><td>(.*?)</td>", markup(page))
    assert note.startswith("no leader is known: ")
    assert "--" not in note


def test_the_page_asks_who_is_interviewed_and_keeps_the_answer_with_the_upload(app_home: Path) -> None:
    labelled = SOUP.split("---\n")[2].replace("Tom Verity", "SPEAKER_00").replace("Mara Quill", "SPEAKER_01")
    page = open_page("ingest/upload/page.py")
    page.file_uploader[0].upload("soup.md", labelled.encode(), "text/markdown").run()
    (question,) = page.radio
    assert (question.label, question.options, question.value) == (
        "Who is being interviewed?",
        ["SPEAKER_01", "SPEAKER_00"],
        None,
    )
    question.set_value("SPEAKER_01").run()
    next(field for field in page.text_input if field.label == "The name of SPEAKER_01").set_value("Mara Quill").run()
    assert "<td>Mara Quill</td><td>leader</td>" in markup(page)
    assert "no leader is known" not in shown(page)
    add_and_wait(page)
    assert "Done: 1 added." in shown(page)
    assert '<td><a href="interview?id=soup">soup.md</a></td><td>added, 1 passage</td>' in markup(page)
    assert 'href="interview?id=soup&amp;correct=1" aria-label="Correct soup.md">Correct</a>' in markup(page)
    row = read_metadata(app_home / "uploads" / "metadata.csv").row_for("soup.md") or {}
    assert row["labels"] == "SPEAKER_01=Mara Quill (leader)"


def test_the_page_asks_nothing_where_the_leader_is_known() -> None:
    page = open_page("ingest/upload/page.py")
    page.file_uploader[0].upload("soup.md", SOUP.encode(), "text/markdown").run()
    assert "Soup for a city" in shown(page)
    assert list(page.radio) == []


def test_a_fault_of_a_reader_refers_to_the_log_and_not_to_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS, "markdown", Reader("faulty_reader", "Markdown"))
    page = open_page("ingest/upload/page.py")
    page.file_uploader[0].upload("soup.md", SOUP.encode(), "text/markdown").run()
    assert alerts(page) == ["soup.md: could not be read: an error in the reader for Markdown; the log shows where"]


def field(page: AppTest, label: str) -> TextInput:
    return next(one for one in page.text_input if one.label == label)


def test_facts_are_filled_with_what_the_file_tells_and_kept_with_the_upload(app_home: Path) -> None:
    page = open_page("ingest/upload/page.py")
    page.file_uploader[0].upload("soup.md", SOUP.encode(), "text/markdown").run()
    labels = ("Title", "Date", "Show", "Host", "Role of the leader", "Company of the leader", "Sector of the leader")
    assert [field(page, label).value for label in labels] == [
        "Soup for a city", "2019-05-04", "", "Tom Verity", "founder", "Ladle House", "food",
    ]  # fmt: skip
    assert "4 May 2019 · Not told: show" in shown(page).replace("\xa0", " ")
    for label, value in (("Title", "Soup"), ("Show", "Kitchen Table"), ("Sector of the leader", "charity")):
        field(page, label).set_value(value).run()
    field(page, "Address of the recording").set_value("https://a.example/soup.mp3").run()
    assert alerts(page) == []
    assert "soup.md: Soup" in shown(page)
    add_and_wait(page)
    assert "Done: 1 added." in shown(page)
    row = read_metadata(app_home / "uploads" / "metadata.csv").row_for("soup.md") or {}
    assert {name: row[name] for name in row if name != "file"} == {
        "title": "Soup",
        "show": "Kitchen Table",
        "media_url": "https://a.example/soup.mp3",
        "sector": "charity",
    }
    interview = open_page("kb/pages/interview.py", id="soup")
    interview.session_state["mending.correcting"] = True
    interview.run()
    assert field(interview, "Sector of the leader").value == "charity"
    assert field(interview, "Company of the leader").value == "Ladle House"


def test_a_fact_that_cannot_be_used_is_told_before_anything_is_added() -> None:
    page = open_page("ingest/upload/page.py")
    page.file_uploader[0].upload("soup.md", SOUP.encode(), "text/markdown").run()
    field(page, "Date").set_value("soon").run()
    assert alerts(page) == ["soon is no date; write it as 2021-03-04, 4 March 2021, 2021 or c. 2021"]
    assert [one.label for one in page.button if one.label.startswith("Add it")] == []


def test_a_role_is_given_to_a_leader_whom_only_the_talk_names() -> None:
    unnamed = SOUP.split("---\n")[2].replace("**Mara Quill:** [00:12]", "**Mara Quill (founder):** [00:12]")
    page = open_page("ingest/upload/page.py")
    page.file_uploader[0].upload("soup.md", unnamed.encode(), "text/markdown").run()
    assert "Not told: date, show, role, company, sector" in shown(page)
    field(page, "Role of the leader").set_value("founder").run()
    field(page, "Company of the leader").set_value("Ladle House").run()
    assert "Mara Quill founder, Ladle House" in shown(page)
