"""Recordings: what is one, what a model needs, and what is heard, marked as a machine's and with its times."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from published import Served, make_episode, publish
from tiny_whisper import make_model, make_recording

from ingest.cli.main import main
from ingest.links.download import Downloader
from ingest.links.reader import LinkReader
from ingest.metadata.table import read_metadata
from ingest.readers import read_script
from ingest.readers.recordings.vtt import Cue, write_vtt
from ingest.readers.recordings.whisper import IN_FOLDER, MAX_HOURS, Transcriber, is_recording
from kb.errors import ModelMissing, UnreadableFile
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

HOW = 'to have it transcribed here, run: pip install "fusion-kb[audio]"; then set KB_AUDIO_MODEL'


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("faster_whisper", reason="faster-whisper is not installed")
    return make_model(tmp_path_factory.mktemp("speech") / "tiny")


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "Soup talk.wav"
    path.write_bytes(make_recording())
    return path


@pytest.fixture
def installed() -> None:
    pytest.importorskip("faster_whisper", reason="faster-whisper is not installed")


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (b"ID3\x04\0\0\0\0\0\0\0\0", True),
        (b"\xff\xfb\x90\x00", True),
        (b"\0\0\0\x20ftypM4A \0", True),
        (b"RIFF\x24\0\0\0WAVEfmt ", True),
        (b"RIFF\x24\0\0\0AVI LIST", False),
        ("WEBVTT".encode("utf-16"), False),  # begins with FF FE
        (b"#EXTM3U\nhttp://169.254.169.254/", False),
        (b"ffconcat version 1.0\nfile /etc/passwd", False),
        (b"\xff", False),
        (b"", False),
    ],
)
def test_a_recording_is_told_by_its_first_bytes(data: bytes, is_one: bool) -> None:
    assert is_recording(data) is is_one


def test_captions_are_read_as_they_were_written() -> None:
    cues = [Cue(0.0, 1.5, " Soup & <bread>\n --> salt "), Cue(3_661.25, 3_661.25, "Later"), Cue(5.0, 6.0, "  ")]
    script = read_script(write_vtt(cues, "en", "a program\nof two lines"), "talk.vtt")
    assert [(line.start, line.text) for line in script.lines] == [(0.0, "Soup & <bread> -> salt"), (3661.25, "Later")]
    assert script.card == {"language": "en"}
    assert script.warnings == ()


def test_without_a_model_one_line_says_what_to_install_and_to_set(talk: Path) -> None:
    with pytest.raises(ModelMissing, match=f"^This is a recording; {re.escape(HOW)}"):
        Transcriber(None).transcribe(talk)


def test_a_folder_that_is_no_model_is_refused_and_nothing_is_downloaded(tmp_path: Path, talk: Path) -> None:
    for name in (str(tmp_path / "none"), "./none", "~/none-of-this", "a\\b"):
        with pytest.raises(ModelMissing, match="is no folder; name the folder of a model, or a model"):
            Transcriber(name).transcribe(talk)
    for present in range(len(IN_FOLDER)):
        with pytest.raises(ModelMissing, match=f"holds no {IN_FOLDER[present]}"):
            Transcriber(str(tmp_path)).check()
        (tmp_path / IN_FOLDER[present]).touch()


def test_without_the_package_one_line_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "faster_whisper", None)
    for file in IN_FOLDER:
        (tmp_path / file).touch()
    with pytest.raises(ModelMissing, match=r'is not installed; run: pip install "fusion-kb\[audio\]"$'):
        Transcriber(str(tmp_path)).transcribe(tmp_path / "talk.wav")


@pytest.mark.usefixtures("installed")
def test_a_folder_whose_files_are_no_model_is_one_line(tmp_path: Path, talk: Path) -> None:
    for file in IN_FOLDER:
        (tmp_path / file).touch()
    with pytest.raises(ModelMissing, match="cannot be loaded; set it to the folder of a CTranslate2 Whisper model"):
        Transcriber(str(tmp_path)).transcribe(talk)


def test_what_is_heard_has_times_and_is_marked(model: Path, talk: Path) -> None:
    shares: list[float] = []
    heard = Transcriber(str(model), skip_silence=False).transcribe(talk, shares.append)
    assert (heard.machine, heard.language) == ("faster-whisper, tiny", "en")
    assert heard.captions.startswith(b"WEBVTT\nLanguage: en\n\nNOTE A machine's transcript: faster-whisper, tiny\n")
    assert b" --> " in heard.captions
    assert shares
    assert all(0 <= share <= 1 for share in shares)


def test_silence_and_tones_are_not_taken_for_words(model: Path, talk: Path) -> None:
    with pytest.raises(UnreadableFile, match="no speech was heard"):
        Transcriber(str(model)).transcribe(talk)


def test_what_cannot_be_decoded_is_refused(model: Path, tmp_path: Path) -> None:
    transcriber = Transcriber(str(model))
    for data, told in (
        (b"ID3" + b"\0" * 200, "cannot be decoded|there is no sound"),
        (b"\0\0\0\x20ftypM4A " + b"\0" * 200, "cannot be decoded|there is no sound"),
        (b"#EXTM3U\nhttp://127.0.0.1/\n", "no recording in MP3, M4A, MP4 or WAV"),
    ):
        (tmp_path / "a").write_bytes(data)
        with pytest.raises(UnreadableFile, match=told):
            transcriber.transcribe(tmp_path / "a")


def test_a_recording_that_is_too_long_is_refused_before_it_is_decoded(
    model: Path, talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.readers.recordings.whisper.MAX_HOURS", 1.5 / 3600)
    with pytest.raises(UnreadableFile, match=r"longer than .* hours; split it"):
        Transcriber(str(model)).transcribe(talk)
    assert MAX_HOURS == 6


def hear_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the model hear words in a tone."""
    real = Transcriber.__init__
    monkeypatch.setattr(Transcriber, "__init__", lambda self, name: real(self, name, skip_silence=False))


def test_a_recording_is_added_and_not_heard_twice(
    model: Path, talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KB_AUDIO_MODEL", str(model))
    hear_all(monkeypatch)
    assert main([str(talk)]) == 0
    told = capsys.readouterr().out
    assert "note: Soup talk-" in told
    assert ".vtt: a machine's transcript (faster-whisper, tiny): words and names may be misheard" in told
    ((name, row),) = read_metadata(tmp_path / "home" / "uploads" / "metadata.csv").rows
    assert (row["title"], row["transcribed_by"], row["language"]) == ("Soup talk", "faster-whisper, tiny", "en")
    assert (tmp_path / "home" / "uploads" / name).is_file()
    with closing(KnowledgeBase.open(Settings(home=tmp_path / "home"))) as knowledge_base:
        (interview,) = knowledge_base.interviews()
        assert knowledge_base.transcript(interview.id).turns[0].start is not None

    monkeypatch.setattr(Transcriber, "transcribe", lambda *_: pytest.fail("it was heard again"))
    assert main([str(talk)]) == 0
    assert "1 unchanged" in capsys.readouterr().out


def test_an_episode_without_a_transcript_is_heard_where_it_is_chosen(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with publish() as running:
        item = make_episode(1, "Soup", "Mon, 06 May 2024 08:00:00 GMT", recording=f"{running.address}/1.wav")
        running.serves["/feed.xml"] = Served(f"<rss><channel><title>Kitchen</title>{item}</channel></rss>")
        running.serves["/1.wav"] = Served(make_recording(), "audio/wav")
        transcriber = Transcriber(str(model), skip_silence=False)
        reader = LinkReader(Downloader(private=True), transcriber=transcriber)
        (offered,) = reader.open(f"{running.address}/feed.xml").items
        assert reader.can_fetch(offered)
        arrival = reader.fetch(offered)
        assert arrival.name.endswith(".vtt")
        assert arrival.facts["transcribed_by"] == "faster-whisper, tiny"
        assert arrival.facts["fetched_from"] == arrival.facts["media_url"] == f"{running.address}/1.wav"
