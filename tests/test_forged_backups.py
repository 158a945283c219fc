"""A backup whose checksum agrees but which this program did not write is refused whole, and nothing of it is left."""

from __future__ import annotations

import io
import random
import sqlite3
import stat
import struct
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import fuzz_backups
import pytest
from conftest import SOUP
from fuzz_backups import Members, find_index, read_members, seal, write_members
from servers import Postgres

from ingest.pipeline import ingest_paths
from kb.errors import BadBackup, KBError, StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

# Rows are copied into a new catalog: what is not a row is left behind.
HARMLESS = (
    "PRAGMA", "INSERT INTO facts", "DELETE FROM facts", "DROP TRIGGER", "ALTER TABLE turns ADD",
    "UPDATE turns SET text = text",
)  # fmt: skip


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Members:
    return read_members(fuzz_backups.make_backup(tmp_path_factory.mktemp("good")))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kb.zip"


def refuse(file: Path, home: Path) -> str:
    """The line in which a backup is refused; the home folder is not there, as before."""
    with pytest.raises(KBError) as caught:
        KnowledgeBase.restore(file, Settings(home=home))
    assert not home.exists()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_members_of_a_backup_are_enough_to_restore_it(members: Members, file: Path, tmp_path: Path) -> None:
    write_members(members, file)
    assert fuzz_backups.find_fault(file, tmp_path / "home") == ""


@pytest.mark.parametrize("name", sorted({*fuzz_backups.NAMES} - {"files/\u202eb"}))
def test_a_name_that_leads_elsewhere_is_refused(members: Members, file: Path, tmp_path: Path, name: str) -> None:
    write_members({**members, name: b"x" * 64}, file)
    if name.startswith("files/tokens/"):  # a file that nothing is listed in
        name = "token vectors that nothing is listed in"
    assert "is none that this program wrote" in refuse(file, tmp_path / "home")
    assert [path.name for path in tmp_path.iterdir()] == ["kb.zip"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR])
def test_what_is_no_plain_file_is_refused(members: Members, file: Path, tmp_path: Path, kind: int) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        link = zipfile.ZipInfo("files/link")
        link.external_attr = (kind | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.comment = b"0" * 64
    seal(file)
    assert "'files/link' is no plain file" in refuse(file, tmp_path / "home")


def test_an_encrypted_entry_is_refused(members: Members, file: Path, tmp_path: Path) -> None:
    write_members(members, file)
    data = bytearray(file.read_bytes())
    data[find_index(data) + 8] |= 1
    file.write_bytes(data)
    seal(file)
    assert "is encrypted" in refuse(file, tmp_path / "home")


def test_a_million_entries_are_refused_before_they_are_read(file: Path, tmp_path: Path) -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    index = entry * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(index), 0, 64)
    file.write_bytes(index + end + b"0" * 64)
    seal(file)
    assert "it has more than 300,000 entries" in refuse(file, tmp_path / "home")


def test_what_is_said_to_unpack_to_more_than_the_disk_has_is_refused(
    members: Members, file: Path, tmp_path: Path
) -> None:
    write_members({**members, "files/bomb": b"\0" * 1_000}, file, zipfile.ZIP_DEFLATED)
    data = bytearray(file.read_bytes())
    for name in ("files/bomb", "catalog.sqlite", "vectors.npz"):
        entry = data.find(name.encode(), find_index(data)) - 46
        data[entry + 24 : entry + 28] = b"\xfe\xff\xff\xff"  # its size: 4 GB
    file.write_bytes(data)
    seal(file)
    said = refuse(file, tmp_path / "home")
    assert "bytes, and" in said or "is none that this program wrote" in said


def test_an_array_whose_header_is_not_closed_is_refused(members: Members, file: Path, tmp_path: Path) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(members["vectors.npz"])) as arrays, zipfile.ZipFile(written, "w") as spoilt:
        for name in arrays.namelist():
            spoilt.writestr(name, arrays.read(name).replace(b", }", b", ("))
    write_members({**members, "vectors.npz": written.getvalue()}, file)
    assert "its entries cannot be read" in refuse(file, tmp_path / "home")


@pytest.mark.parametrize("statement", fuzz_backups.HOSTILE)
def test_a_hostile_catalog_is_refused_or_leaves_nothing_of_it(
    members: Members, file: Path, tmp_path: Path, statement: str
) -> None:
    path = tmp_path / "catalog"
    path.write_bytes(members["catalog.sqlite"])
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statement)
    write_members({**members, "catalog.sqlite": path.read_bytes()}, file)
    if statement.startswith(HARMLESS):
        assert fuzz_backups.find_fault(file, tmp_path / "home") == ""
    else:
        said = refuse(file, tmp_path / "home")
        assert "is none that this program wrote" in said or "was written by another version of this program" in said


@pytest.mark.parametrize("number", range(0, 60))
def test_a_forged_backup_is_refused_or_restored_whole(members: Members, number: int) -> None:
    assert fuzz_backups.try_backup(members, number) == ""


def test_a_forged_backup_leaves_a_database_and_a_server_empty(
    members: Members, file: Path, shared_settings: Settings, postgres: Postgres
) -> None:
    forges = (fuzz_backups.forge_vectors, fuzz_backups.swap_members, fuzz_backups.claim_a_huge_array)
    for number in range(9):
        write_members(forges[number % 3](members, random.Random(number)), file)
        with pytest.raises(KBError) as caught:
            KnowledgeBase.restore(file, shared_settings)
        assert "\n" not in str(caught.value)
        assert not shared_settings.home.exists()
    write_members(members, file)
    KnowledgeBase.restore(file, shared_settings)
    with closing(KnowledgeBase.open(shared_settings)) as restored:
        assert not any(finding.is_problem for finding in restored.examine())


def test_a_name_that_no_backup_can_hold_is_named_when_it_is_written(
    filled: KnowledgeBase, settings: Settings, file: Path
) -> None:
    odd = settings.home / "uploads" / "a\\b.md"
    odd.parent.mkdir()
    odd.write_text(SOUP, encoding="utf-8")
    with pytest.raises(BadBackup, match="has a name that no backup can hold; rename it"):
        filled.back_up(file)
    assert not file.exists()
    odd.rename(odd.with_name("Q: con.md"))
    filled.back_up(file)
    KnowledgeBase.restore(file, replace(settings, home=file.parent / "other"))


def test_stores_that_do_not_agree_are_not_backed_up(filled: KnowledgeBase, file: Path) -> None:
    filled._stores.vectors.remove([filled._catalog.passages_of("soup")[0].id])
    with pytest.raises(StoreUnavailable, match="1 passages have no vector; run kb doctor --repair"):
        filled.back_up(file)
    filled.repair()
    filled.back_up(file)


def test_a_change_that_was_broken_off_is_completed_before_a_backup(
    filled: KnowledgeBase, interviews_folder: Path, file: Path
) -> None:
    filled._catalog.token_files.begin("soup")
    filled.back_up(file)
    KnowledgeBase.restore(file, Settings(home=file.parent / "other"))
    with closing(KnowledgeBase.open(Settings(home=file.parent / "other"))) as restored:
        assert restored.examine() == []
        assert [one.outcome for one in ingest_paths([interviews_folder], restored).files] == ["unchanged"] * 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mended:soup", "no JSON"),
        ("mended:soup", '{"facts": {"title": 7}, "leaders": {}}'),
        ("mended:soup", '{"facts": {"id": "steel"}, "leaders": {}}'),
        ("mended:soup", '{"facts": {"date": "soon"}, "leaders": {}}'),
        ("mended:soup", '{"facts": {"media_url": "javascript:alert(1)"}, "leaders": {}}'),
        ("mended:soup", '{"facts": {}, "leaders": {"Mara Quill": []}}'),
        ("mended:soup", "[" * 100_000),
        ("removed:0", '{"path": "/a.md", "sha256": "0"}'),
        ("removed:0", "[]"),
    ],
)
def test_a_forged_change_by_a_person_is_refused(
    members: Members, file: Path, tmp_path: Path, key: str, value: str
) -> None:
    path = tmp_path / "catalog"
    path.write_bytes(members["catalog.sqlite"])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO facts VALUES (?, ?)", (key, value))
    write_members({**members, "catalog.sqlite": path.read_bytes()}, file)
    assert "is none that this program wrote" in refuse(file, tmp_path / "home")
