"""Public sources, fetched from a small archive of the same shape on a local server."""

import io
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest.metadata.table import read_metadata
from ingest.sources import SOURCES, fetch_source, find_source
from kb.errors import FetchFailed

TALK = "**Adam Stacoviak:** Who are you?\n\n**Guest Person:** An invented guest for a test.\n"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is the base class's
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    folder = tmp_path / "server"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", folder
        running.shutdown()
        thread.join()


def write_archive(path: Path, **files: str) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


def test_every_source_names_its_licence() -> None:
    assert len({source.name for source in SOURCES}) == len(SOURCES) >= 3
    assert all(source.licence and source.licence_url.startswith("https://") for source in SOURCES)


def test_a_fetch_keeps_transcripts_licence_and_addresses(server: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = server
    files = {
        "transcripts-master/founderstalk/founders-talk-1.md": TALK,
        "transcripts-master/founderstalk/practical-ai-2.md": "another show",
        "transcripts-master/podcast/the-changelog-3.md": "another folder",
        "transcripts-master/founderstalk/../../founders-talk-9.md": "a path that leads out",
        "transcripts-master/README.md": "not a transcript",
    }
    write_archive(folder / "all.tar.gz", **files)
    kept = fetch_source(find_source("founders-talk"), tmp_path / "out", archive=f"{address}/all.tar.gz")
    assert sorted(path.name for path in kept.iterdir()) == ["ATTRIBUTION.md", "founders-talk-1.md", "metadata.csv"]
    assert kept.joinpath("founders-talk-1.md").read_text(encoding="utf-8") == TALK
    assert "CC BY-SA 4.0" in kept.joinpath("ATTRIBUTION.md").read_text(encoding="utf-8")
    row = read_metadata(kept / "metadata.csv").row_for("founders-talk-1.md") or {}
    assert "https://changelog.com/founderstalk/1" in row.values()


def test_no_network_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(
        FetchFailed, match=r"http://127\.0\.0\.1:9/x\.tar\.gz cannot be reached .*; check the network"
    ) as caught:
        fetch_source(SOURCES[0], tmp_path, archive="http://127.0.0.1:9/x.tar.gz")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_archive_says_what_the_server_answered(server: tuple[str, Path], tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="answered 404; try again later"):
        fetch_source(SOURCES[0], tmp_path / "out", archive=f"{server[0]}/gone.tar.gz")


def test_a_damaged_archive_loses_nothing_that_was_there(server: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = server
    write_archive(folder / "good.tar.gz", **{"t/founderstalk/founders-talk-1.md": TALK})
    folder.joinpath("bad.tar.gz").write_bytes(folder.joinpath("good.tar.gz").read_bytes()[:60])
    folder.joinpath("other.tar.gz").write_bytes(b"<html>not an archive</html>")
    kept = fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/good.tar.gz")
    for name in ("bad.tar.gz", "other.tar.gz"):
        with pytest.raises(FetchFailed, match="is damaged"):
            fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/{name}")
    assert kept.joinpath("founders-talk-1.md").read_text(encoding="utf-8") == TALK


def test_an_archive_without_transcripts_is_refused(server: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = server
    write_archive(folder / "empty.tar.gz", **{"t/README.md": "hello"})
    with pytest.raises(FetchFailed, match="holds no transcripts in founderstalk/"):
        fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/empty.tar.gz")


def test_an_unknown_source_lists_the_known_ones() -> None:
    with pytest.raises(FetchFailed, match="choose one of: founders-talk, "):
        find_source("nothing")
