"""The field for links on the page of uploads, driven without a browser: lists, progress, previews, refusals."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from published import Publisher, Served, publish, serve_podcast
from screens import alerts, open_page, rerun, shown
from streamlit.testing.v1 import AppTest

PAGE = "ingest/upload/page.py"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KB_LINKS_PRIVATE", "1")
    monkeypatch.delenv("KB_AUDIO_MODEL", raising=False)
    yield tmp_path / "home"
    st.cache_resource.clear()


@pytest.fixture
def running() -> Iterator[Publisher]:
    with publish() as publisher:
        yield publisher


def look_up(page: AppTest, address: str) -> AppTest:
    page.text_input[0].set_value(address)
    next(button for button in page.button if button.label == "Look it up").click()
    return settle(page)


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    return settle(page)


def settle(page: AppTest) -> AppTest:
    """Run the page, wait for what it began in the background, and run it again."""
    rerun(page)
    for one in threading.enumerate():
        if one.name == "arriving" or "_ingest" in one.name:
            one.join(60)
    return rerun(page)


def test_episodes_are_chosen_fetched_previewed_and_added(running: Publisher, home: Path) -> None:
    page = look_up(open_page(PAGE), serve_podcast(running))
    assert "Kitchen Table3 items, 2 to be had and not added yet" in shown(page)
    assert "Bread & butter3 June 2024 · transcript (vtt)" in shown(page)
    boxes = {box.label: box for box in page.checkbox}
    assert [boxes[f"Choose item {number}"].disabled for number in (1, 2, 3)] == [True, False, False]
    assert not [button for button in page.button if button.label.startswith("Fetch")]
    boxes["Choose item 3"].check()
    page = press(rerun(page), "Fetch 1")
    assert "Mara Quill" in shown(page)
    assert not list((home / "uploads").glob("soup*"))

    page = press(page, "Add it")
    assert "Done: 1 added." in shown(page)
    assert [path.suffix for path in (home / "uploads").glob("soup*")] == [".json"]
    assert "fetched_from" in (home / "uploads" / "metadata.csv").read_text(encoding="utf-8")
    page = look_up(page, f"{running.address}/feed.xml")
    assert "Soup for a city6 May 2024 · added already" in shown(page)
    assert "3 items, 1 to be had and not added yet" in shown(page)


def test_all_that_is_new_may_be_chosen_at_once_and_what_fails_is_named(running: Publisher) -> None:
    feed = serve_podcast(running)
    running.serves["/bread.vtt"] = Served(status=500)
    page = look_up(open_page(PAGE), feed)
    next(box for box in page.checkbox if box.label == "Choose all 2 with a transcript that are new").check()
    page = press(rerun(page), "Fetch 2")
    assert alerts(page) == [f"Bread & butter: {running.address}/bread.vtt answered 500: try again later"]
    assert "Mara Quill" in shown(page)


def test_a_file_is_previewed_at_once_and_corrections_hold(running: Publisher, home: Path) -> None:
    running.serves["/talk.txt"] = Served("SPEAKER_00: How is it?\n\nSPEAKER_01: Very fine, thank you all.\n" * 3)
    page = look_up(open_page(PAGE), f"{running.address}/talk.txt")
    assert "Note: no leader is known" in shown(page)
    page.text_input[1].set_value("Mara Quill")
    page = settle(page)
    page.segmented_control[0].set_value("leader")
    page = press(settle(page), "Add it")
    assert "Done: 1 added." in shown(page)
    table = (home / "uploads" / "metadata.csv").read_text(encoding="utf-8")
    assert "Mara Quill" in table
    assert f"{running.address}/talk.txt" in table


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("ftp://kitchen.example", "ftp://kitchen.example is not a web address; it must begin with https:// or http://"),
        ("http://169.254.169.254/", "169.254.169.254 is no public address"),
        ("https://nowhere.invalid/", "nowhere.invalid cannot be found; check the address and the network"),
        ("<b>x</b>", "<b>x</b> is not a web address; it must begin with https:// or http://"),
    ],
)
def test_a_refusal_is_one_line_and_goes_with_the_next_link(running: Publisher, address: str, told: str) -> None:
    page = look_up(open_page(PAGE), address)
    assert alerts(page) == [told]
    assert alerts(look_up(page, serve_podcast(running))) == []


def test_a_recording_says_what_is_needed_to_transcribe_it(running: Publisher) -> None:
    needed = 'run: pip install "fusion-kb[audio]"; then set KB_AUDIO_MODEL to a speech model\'s folder or name'
    running.serves["/talk.mp3"] = Served(b"ID3", "audio/mpeg")
    page = look_up(open_page(PAGE), f"{running.address}/talk.mp3")
    assert alerts(page) == [f"Talk: it publishes no transcript; to have it transcribed here, {needed}"]
    page = open_page(PAGE)
    page.file_uploader[0].upload("talk.mp3", b"ID3" + b"\0" * 50, "audio/mpeg").run()
    assert alerts(page) == [f"talk.mp3: a recording is no transcript; to have it transcribed here, {needed}"]


def test_a_recording_whose_model_is_not_there_is_refused_in_one_line(
    running: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_AUDIO_MODEL", str(tmp_path / "none"))
    page = open_page(PAGE)
    page.file_uploader[0].upload("talk.mp3", b"ID3" + b"\0" * 50, "audio/mpeg").run()
    page = press(page, "Transcribe 1 recording")
    assert f"KB_AUDIO_MODEL={tmp_path / 'none'} is no folder; name the folder of a model, or a model" in alerts(page)
