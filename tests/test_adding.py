"""kb-ingest add URL: choose, fetch, keep, add; again tomorrow only what is new; nothing half kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from published import SOUP_VTT, Publisher, Served, make_episode, make_feed, publish, serve_podcast

import ingest.cli.adding
from ingest.cli.main import main
from ingest.metadata.table import read_metadata
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings
from kb.storage.waiting import list_waiting

MORE = make_episode(
    4, "Salt at last", "Mon, 05 Aug 2024 08:00:00 +0000", '<podcast:transcript url="/soup.vtt" type="text/vtt"/>'
)


@pytest.fixture
def running() -> Iterator[Publisher]:
    with publish() as publisher:
        yield publisher


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KB_LINKS_PRIVATE", "1")
    monkeypatch.delenv("KB_AUDIO_MODEL", raising=False)
    return tmp_path / "home"


def kept(folder: Path) -> dict[str, str]:
    """Titles of what is kept in a folder, by guid."""
    rows = read_metadata(folder / "metadata.csv").rows
    assert {name for name, _ in rows} == {path.name for path in folder.iterdir() if path.suffix in (".vtt", ".json")}
    return {row["guid"]: row["title"] for _, row in rows}


def test_a_feed_is_listed_before_anything_is_chosen(
    running: Publisher, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["add", serve_podcast(running)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Kitchen Table",
        "1\t2024-07-01\tno transcript\tOnly a recording",
        "2\t2024-06-03\ttranscript (vtt)\tBread & butter",
        "3\t2024-05-06\ttranscript (json)\tSoup for a city",
        "Add some with --choose 1,3, what is new of the newest with --latest 5, or all with --all",
    ]
    assert not home.exists()


def test_chosen_episodes_are_added_with_their_facts(running: Publisher, home: Path) -> None:
    assert main([serve_podcast(running), "--choose", "3"]) == 0
    with closing(KnowledgeBase.open(Settings(home=home))) as knowledge_base:
        (interview,) = knowledge_base.interviews()
        turns = knowledge_base.transcript(interview.id).turns
    assert (interview.title, interview.show, str(interview.date)) == ("Soup for a city", "Kitchen Table", "2024-05-06")
    assert list(interview.leader_names) == ["Mara Quill"]
    assert (interview.host, interview.media_url) == ("Tom Verity", f"{running.address}/1.mp3")
    assert interview.licence == "cc-by-4.0, https://creativecommons.org/licenses/by/4.0/"
    assert [turn.start for turn in turns] == [1.0, 7.5]


def test_tomorrow_only_what_is_new_is_fetched(
    running: Publisher, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = serve_podcast(running)
    assert main([feed, "--all"]) == 0
    assert kept(home / "uploads") == {"kitchen-2": "Bread & butter", "kitchen-1": "Soup for a city"}
    running.asked.clear()
    assert main([feed, "--all"]) == 0
    assert "nothing new" in capsys.readouterr().out
    assert running.asked == ["/feed.xml"]

    running.serves["/feed.xml"] = Served(make_feed(running.address, more=MORE), "application/rss+xml")
    assert main([feed, "--latest", "2"]) == 0
    assert running.asked == ["/feed.xml", "/feed.xml", "/soup.vtt"]
    assert set(kept(home / "uploads")) == {"kitchen-1", "kitchen-2", "kitchen-4"}
    capsys.readouterr()
    main([feed])
    assert "added already\tSoup for a city" in capsys.readouterr().out


def test_an_episode_whose_file_was_deleted_is_new_again(running: Publisher, home: Path) -> None:
    feed = serve_podcast(running)
    main([feed, "--all"])
    for path in (home / "uploads").glob("bread*"):
        path.unlink()
    running.asked.clear()
    assert main([feed, "--all"]) == 0
    assert running.asked == ["/feed.xml", "/bread.vtt"]


def test_an_episode_that_is_named_by_number_is_fetched_again(running: Publisher, home: Path) -> None:
    feed = serve_podcast(running)
    main([feed, "--choose", "2-3"])
    running.serves["/bread.vtt"] = Served(SOUP_VTT.replace("posters", "leaflets"))
    assert main([feed, "--choose", "2"]) == 0
    (path,) = (home / "uploads").glob("bread*")
    assert "leaflets" in path.read_text(encoding="utf-8")
    assert len(kept(home / "uploads")) == 2


def test_a_latest_that_counts_what_is_there_takes_no_older_one(running: Publisher, home: Path) -> None:
    feed = serve_podcast(running)
    assert main([feed, "--latest", "1"]) == 0
    assert main([feed, "--latest", "1"]) == 0
    assert set(kept(home / "uploads")) == {"kitchen-2"}


def test_one_that_fails_is_named_and_does_not_stop_the_others(
    running: Publisher, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = serve_podcast(running)
    running.serves["/bread.vtt"] = Served(status=500)
    assert main([feed, "--choose", "1,2,3"]) == 1
    told = capsys.readouterr().out
    assert "1 added, 2 refused" in told
    assert "refused: Only a recording: it publishes no transcript; to have it transcribed here, run: pip" in told
    assert f"refused: Bread & butter: {running.address}/bread.vtt answered 500: try again later" in told
    assert set(kept(home / "uploads")) == {"kitchen-1"}


def test_files_may_be_kept_in_a_folder_of_ones_own(running: Publisher, home: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    assert main(["add", serve_podcast(running), "--all", "--into", str(mine)]) == 0
    assert set(kept(mine)) == {"kitchen-1", "kitchen-2"}
    assert not (home / "uploads").exists()
    assert main(["add", str(mine)]) == 0  # unchanged: their facts are in the folder's table
    with closing(KnowledgeBase.open(Settings(home=home))) as knowledge_base:
        assert {one.show for one in knowledge_base.interviews()} == {"Kitchen Table"}


def test_what_the_user_states_wins_over_the_feed(running: Publisher, home: Path, tmp_path: Path) -> None:
    running.serves["/a.vtt"] = Served(SOUP_VTT.replace("Mara Quill", "SPEAKER_01"))
    assert main([f"{running.address}/a.vtt", "--speakers", "SPEAKER_01=Mara Quill", "--leader", "Mara Quill"]) == 0
    with closing(KnowledgeBase.open(Settings(home=home))) as knowledge_base:
        (interview,) = knowledge_base.interviews()
        turns = knowledge_base.transcript(interview.id).turns
    assert {turn.speaker: turn.role for turn in turns}["Mara Quill"] == "leader"
    assert interview.url == f"{running.address}/a.vtt"


def test_many_are_added_batch_by_batch(running: Publisher, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest.cli.adding, "BATCH", 1)
    assert main([serve_podcast(running), "--all"]) == 0
    assert len(kept(home / "uploads")) == 2


def test_what_a_stopped_run_kept_is_added_by_the_next(
    running: Publisher, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = serve_podcast(running)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("ingest.upload.desk.UploadQueue._begin", stop)  # right after the files are kept
        assert main([feed, "--choose", "3"]) == 130
    assert len(list_waiting(home / "uploads")) == 1
    assert main([feed, "--all"]) == 0
    assert list_waiting(home / "uploads") == {}
    assert "2 added" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ftp://kitchen.example/a"], "is not a web address; it must begin with https:// or http://"),
        (["http://nowhere.invalid/a"], "nowhere.invalid cannot be found; check the address and the network"),
        (["https://user:hush@kitchen.example/"], "An address with a user's name or a password in it is not fetched"),
        (["http://169.254.169.254/latest"], "169.254.169.254 is no public address"),
        (["FEED", "--choose", "4"], "--choose wants numbers from 1 to 3, as in 1,3,5-7, and got '4'"),
        (["FEED", "--choose", "3-1"], "--choose wants numbers from 1 to 3"),
        (["FEED", "--choose", "one"], "--choose wants numbers from 1 to 3"),
        (["FEED", "--latest", "0"], "--latest wants a number from 1 on"),
        (["FEED", "FEED"], "One link is added at a time"),
        (["FEED", "--all", "--metadata", "none.csv"], "none.csv cannot be opened"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    running: Publisher, home: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    feed = serve_podcast(running)
    assert main(["add", *(feed if word == "FEED" else word for word in words)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert told in line
    assert "hush" not in line
    assert not (home / "uploads").exists()


def test_this_machine_is_no_place_for_links_unless_that_is_set(
    running: Publisher, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KB_LINKS_PRIVATE")
    assert main(["add", serve_podcast(running)]) == 2
    assert capsys.readouterr().err == (
        "kb-ingest: 127.0.0.1 is no public address;"
        " where links may lead to machines of your own network, set KB_LINKS_PRIVATE=1\n"
    )
    assert running.asked == []
    monkeypatch.setenv("KB_LINKS_PRIVATE", "yes")
    assert main(["add", serve_podcast(running)]) == 2
    assert "KB_LINKS_PRIVATE is 'yes'; set it to 1 or leave it out" in capsys.readouterr().err


def test_a_recording_without_a_model_says_what_to_install_and_to_set(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk = tmp_path / "talk.mp3"
    talk.write_bytes(b"ID3" + b"\0" * 100)
    assert main([str(talk)]) == 2
    assert capsys.readouterr().err == (
        'kb-ingest: This is a recording; to have it transcribed here, run: pip install "fusion-kb[audio]";'
        " then set KB_AUDIO_MODEL to a speech model's folder or name\n"
    )
    assert main([str(talk), str(tmp_path)]) == 2
    assert "Recordings are transcribed by themselves" in capsys.readouterr().err
    assert not home.exists()
