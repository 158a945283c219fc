"""Public sources, fetched from a small archive of the same shape on a local server."""

import gzip
import io
import resource
import tarfile
import threading
import zlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.cli.main import main
from ingest.metadata.table import read_metadata
from ingest.sources.catalogue import SOURCES, find_source
from ingest.sources.fetch import fetch_source
from kb.errors import FetchFailed

TALK = "**Adam Stacoviak:** Who are you?\n\n**Nora Bellweather:** An invented guest for a test.\n"


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
    kept = fetch_source(find_source("founders-talk"), tmp_path / "out", archive=f"{address}/all.tar.gz").folder
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
    kept = fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/good.tar.gz").folder
    for name in ("bad.tar.gz", "other.tar.gz"):
        with pytest.raises(FetchFailed, match="is damaged"):
            fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/{name}")
    assert kept.joinpath("founders-talk-1.md").read_text(encoding="utf-8") == TALK


def test_an_archive_that_is_damaged_in_the_middle_is_one_clear_line(server: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = server
    write_archive(folder / "all.tar.gz", **{"t/founderstalk/founders-talk-1.md": TALK * 1000})
    packer = zlib.compressobj(wbits=31)
    half = packer.compress(gzip.decompress(folder.joinpath("all.tar.gz").read_bytes())[:40_000])
    no_block = b"\xff" * 1000  # of deflate
    folder.joinpath("all.tar.gz").write_bytes(half + packer.flush(zlib.Z_FULL_FLUSH) + no_block)
    with pytest.raises(FetchFailed, match="is damaged"):
        fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/all.tar.gz")


@pytest.mark.parametrize("length", [1024, 1536, 1600, 2048])
def test_an_archive_that_was_cut_before_it_was_packed_is_not_taken_as_whole(
    length: int, server: tuple[str, Path], tmp_path: Path
) -> None:
    address, folder = server
    write_archive(folder / "all.tar.gz", **{f"t/founderstalk/founders-talk-{number}.md": TALK for number in (1, 2)})
    whole = gzip.decompress(folder.joinpath("all.tar.gz").read_bytes())
    folder.joinpath("all.tar.gz").write_bytes(gzip.compress(whole[:length]))
    with pytest.raises(FetchFailed, match="is damaged"):
        fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/all.tar.gz")
    assert not (tmp_path / "out").exists()


def test_an_archive_whose_last_bytes_are_missing_is_not_taken_as_whole(
    server: tuple[str, Path], tmp_path: Path
) -> None:
    address, folder = server
    write_archive(folder / "all.tar.gz", **{"t/founderstalk/founders-talk-1.md": TALK})
    folder.joinpath("all.tar.gz").write_bytes(folder.joinpath("all.tar.gz").read_bytes()[:-8])
    with pytest.raises(FetchFailed, match="is damaged"):
        fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/all.tar.gz")


def test_what_unpacks_to_gigabytes_is_refused_while_it_is_unpacked(server: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = server
    member = tarfile.TarInfo("t/founderstalk/film.mp4")
    member.size = 3_000_000_000
    zeros = gzip.compress(bytes(10_000_000))
    folder.joinpath("all.tar.gz").write_bytes(gzip.compress(member.tobuf()) + 300 * zeros)
    with pytest.raises(FetchFailed, match=r"unpacks to more than 1,500,000,000 bytes; nothing of it was kept"):
        fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/all.tar.gz")


def test_transcripts_are_counted_too_since_they_are_held_in_memory(server: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = server
    write_archive(
        folder / "all.tar.gz", **{f"t/founderstalk/founders-talk-{number}.md": "a" * 4_900_000 for number in range(62)}
    )
    with pytest.raises(FetchFailed, match="holds more than 300,000,000 bytes of transcripts; nothing of it was kept"):
        fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/all.tar.gz")


def test_a_transcript_that_left_the_collection_is_deleted_and_a_persons_own_stays(
    server: tuple[str, Path], tmp_path: Path
) -> None:
    address, folder = server
    talks = {f"t/founderstalk/founders-talk-{number}.md": f"{TALK}Number {number}." for number in range(1, 5)}
    write_archive(folder / "before.tar.gz", **talks)
    kept = fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/before.tar.gz").folder
    changed, own = kept / "founders-talk-3.md", kept / "founders-talk-mine.md"
    changed.write_text("my notes", encoding="utf-8")
    own.write_text("my own talk", encoding="utf-8")
    (kept / "other.md").write_text("another of mine", encoding="utf-8")
    with kept.joinpath("metadata.csv").open("a", encoding="utf-8") as table:
        table.write("other.md,My show,,,,\n")
    write_archive(folder / "after.tar.gz", **dict(list(talks.items())[:1]))
    fetched = fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/after.tar.gz")
    assert fetched.left == ("founders-talk-3.md", "founders-talk-mine.md")
    assert sorted(path.name for path in kept.iterdir()) == [
        "ATTRIBUTION.md", "founders-talk-1.md", "founders-talk-3.md", "founders-talk-mine.md", "metadata.csv",
        "other.md",
    ]  # fmt: skip
    assert (changed.read_text(encoding="utf-8"), own.read_text(encoding="utf-8")) == ("my notes", "my own talk")
    table_now = read_metadata(kept / "metadata.csv")
    assert [name for name, _ in table_now.rows] == ["founders-talk-1.md", "founders-talk-3.md", "other.md"]
    assert (table_now.row_for("founders-talk-3.md") or {})["licence"] == "CC BY-SA 4.0, Changelog Media LLC"


def test_the_interview_of_a_transcript_that_left_the_collection_is_removed_and_a_persons_own_is_told(
    server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address, folder = server
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    talks = {f"t/founderstalk/founders-talk-{number}.md": TALK * number for number in (1, 2)}
    write_archive(folder / "all.tar.gz", **talks)
    assert main(["fetch", "founders-talk", "--archive", f"{address}/all.tar.gz"]) == 0
    own = tmp_path / "home" / "sources" / "founders-talk" / "founders-talk-mine.md"
    own.write_text(TALK * 3, encoding="utf-8")
    talks.popitem()
    write_archive(folder / "all.tar.gz", **talks)
    capsys.readouterr()
    assert main(["fetch", "founders-talk", "--archive", f"{address}/all.tar.gz"]) == 0
    _, note, *lines = capsys.readouterr().out.splitlines()
    counts, removed = next((one, two) for one, two in pairwise(lines) if "unchanged" in one)
    stays = "not in the collection; it stays, since it was not fetched or was changed since"
    assert note == f"note: founders-talk-mine.md: {stays}"
    assert counts.startswith("1 added, 1 unchanged, 1 removed; ")
    assert removed == "removed: founders-talk-2.md"


def test_a_transcript_that_was_fetched_without_its_hash_stays_with_its_licence(
    server: tuple[str, Path], tmp_path: Path
) -> None:
    address, folder = server
    kept = tmp_path / "out" / "founders-talk"
    kept.mkdir(parents=True)
    (kept / "founders-talk-9.md").write_text(TALK, encoding="utf-8")
    (kept / "metadata.csv").write_text("file,licence\nfounders-talk-8.md,CC\nfounders-talk-9.md,CC\n")
    write_archive(folder / "all.tar.gz", **{"t/founderstalk/founders-talk-1.md": TALK})
    assert fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/all.tar.gz").left == ("founders-talk-9.md",)
    assert [name for name, _ in read_metadata(kept / "metadata.csv").rows] == [
        "founders-talk-1.md", "founders-talk-9.md",
    ]  # fmt: skip


def test_columns_that_a_person_added_stay(server: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = server
    write_archive(folder / "all.tar.gz", **{"t/founderstalk/founders-talk-1.md": TALK})
    kept = tmp_path / "out" / "founders-talk"
    kept.mkdir(parents=True)
    (kept / "metadata.csv").write_text("file,licence,guest\nfounders-talk-1.md,old,Nora Bellweather\n")
    fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/all.tar.gz")
    row = read_metadata(kept / "metadata.csv").row_for("founders-talk-1.md") or {}
    assert (row["guest"], row["licence"]) == ("Nora Bellweather", "CC BY-SA 4.0, Changelog Media LLC")


@pytest.mark.parametrize("made", ["a file in the way", "a folder in the way", "a broken table"])
def test_a_folder_that_cannot_be_written_is_one_clear_line_and_an_exit_code(
    made: str, server: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address, folder = server
    write_archive(folder / "all.tar.gz", **{"t/founderstalk/founders-talk-1.md": TALK})
    target = tmp_path / "out" / "founders-talk"
    if made == "a file in the way":
        (tmp_path / "out").write_text("not a folder")
        line = f"Nothing can be kept in {target}: Not a directory; free some space there, or choose another folder"
    elif made == "a folder in the way":
        (target / "founders-talk-1.md").mkdir(parents=True)
        line = f"Nothing can be kept in {target}: Is a directory; free some space there, or choose another folder"
    else:
        target.mkdir(parents=True)
        (target / "metadata.csv").write_text("guest\nAda\n")
        line = f"{target}/metadata.csv cannot be used (metadata.csv has no column that names the files"
    assert main(["fetch", "founders-talk", "--archive", f"{address}/all.tar.gz", "--to", str(tmp_path / "out")]) == 2
    *_, told = capsys.readouterr().err.splitlines()
    assert told.startswith(f"kb-ingest: {line}")


def test_a_full_disk_leaves_each_file_as_it_was(
    server: tuple[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address, folder = server
    write_archive(folder / "small.tar.gz", **{"t/founderstalk/founders-talk-1.md": TALK})
    write_archive(folder / "large.tar.gz", **{"t/founderstalk/founders-talk-1.md": TALK * 10_000})
    kept = fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/small.tar.gz").folder
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(FetchFailed, match=r"Nothing can be kept in .*: File too large; free some space there"):
            fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/large.tar.gz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert (kept / "founders-talk-1.md").read_text(encoding="utf-8") == TALK
    assert len(list(kept.iterdir())) == 3


@pytest.mark.parametrize("archive", ["http://[::1", "http://127.0.0.1:port/x.tar.gz"])
def test_what_is_no_web_address_is_one_clear_line(
    archive: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "founders-talk", "--archive", archive, "--to", str(tmp_path)]) == 2
    *_, told = capsys.readouterr().err.splitlines()
    assert told.startswith(f"kb-ingest: '{archive}' is not a web address (Invalid")
    assert told.endswith("check what --archive says")


def test_an_archive_without_transcripts_is_refused(server: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = server
    write_archive(folder / "empty.tar.gz", **{"t/README.md": "hello"})
    with pytest.raises(FetchFailed, match="holds no transcripts in founderstalk/"):
        fetch_source(SOURCES[0], tmp_path / "out", archive=f"{address}/empty.tar.gz")


def test_an_unknown_source_lists_the_known_ones() -> None:
    with pytest.raises(FetchFailed, match="choose one of: founders-talk, "):
        find_source("nothing")
