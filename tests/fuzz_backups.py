"""Forge backups whose checksum agrees, and see that each is refused in one line, or restored whole.

`make fuzz` runs it for as long as one likes: python tests/fuzz_backups.py --seconds 300.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import logging
import random
import sqlite3
import struct
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from conftest import SOUP, STEEL

from ingest.pipeline import ingest_paths
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

Members = dict[str, bytes]
Forge = Callable[[Members, random.Random], Members]
NAMES = (
    "../out", "files/../../out", "/out", "files//out", "files/./out", "files/a\\..\\b", "files/NUL", "files/com1",
    "files/C:/x", "files/Chroma/x",
    "files/chroma/x", "files/writer.lock", "files/catalog.id", "files/catalog.sqlite", "files/catalog.sqlite.part",
    "files/catalog.sqlite.checked", "files/catalog.sqlite-wal", "files/chroma.damaged/x", "files/unfinished",
    "files/tokens/0000.codes", "files/uploads", "files/uploads/soup.md/x", "files/a\nb", "other", "files",
    "files/", "manifest.json/x",
    "files/" + "x" * 300, "files/" + "y/" * 3_000 + "z", "files/\u202eb", "files/tokens/" + "0" * 32 + ".codes",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None,
    0,
    -1,
    1,
    2.5,
    True,
    "",
    "x",
    "/",
    "4",
    [],
    {},
    [[1]],
    10**30,
    "\ud800",
    "/a/../b",
    float("nan"),
)
CELLS: tuple[Any, ...] = (
    None, 0, -1, 2**62, -(2**63), 1.5, float("inf"), "", "x", "[]", "{}", "[[0,0,1]]", "[[0,-5,99999]]", "nul\0",
    b"\xff\xfe", b"", b"\0" * 8, "null", "[[1,2]]", "../x", "/a/../../b", "9" * 400, "2019-99-99",
)  # fmt: skip
HOSTILE = (
    "CREATE TRIGGER bad AFTER INSERT ON facts BEGIN DELETE FROM turns; END",
    "CREATE VIEW more AS SELECT * FROM turns",
    "DROP TABLE asked",
    "DROP TRIGGER passage_added",
    "ALTER TABLE turns ADD more TEXT",
    "ALTER TABLE turns RENAME text TO words",
    "DROP TABLE asked; CREATE VIEW asked AS SELECT 1 AS number, 'a' AS session, 'b' AS question",
    "DELETE FROM facts",
    "DELETE FROM turns",
    "DELETE FROM passages",
    "DELETE FROM token_files",
    "DELETE FROM interviews",
    "UPDATE interviews SET path = 'uploads/' || id",
    "UPDATE interviews SET path = path || '/../../out'",
    "UPDATE token_files SET name = '../../' || name",
    "INSERT INTO pending VALUES ('soup')",
    "INSERT INTO facts VALUES ('home', 'x')",
    "UPDATE facts SET value = 'x'",
    "UPDATE turns SET text = text || '!'",
    "UPDATE passages SET text = upper(text)",
    "PRAGMA user_version = 7",
    "PRAGMA encoding = 'UTF-16'",
)


def read_members(file: Path) -> Members:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(members: Members, file: Path, kind: int = zipfile.ZIP_STORED) -> None:
    """Write an archive with these members, and a checksum that agrees."""
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, kind)
        archive.comment = b"0" * 64
    seal(file)


def seal(file: Path) -> None:
    """Make the checksum agree."""
    data = file.read_bytes()[:-64]
    file.write_bytes(data + hashlib.sha256(data).hexdigest().encode())


def find_index(data: bytes | bytearray) -> int:
    """Where the list of entries begins."""
    start: int = struct.unpack_from("<L", data, len(data) - 64 - 6)[0]
    return start


def lose_member(members: Members, chance: random.Random) -> Members:
    lost = chance.choice(sorted(members))
    return {name: data for name, data in members.items() if name != lost}


def add_name(members: Members, chance: random.Random) -> Members:
    return {**members, chance.choice(NAMES): chance.choice((b"", b"x" * 64))}


def spoil_member(members: Members, chance: random.Random) -> Members:
    name = chance.choice(sorted(members))
    data = bytearray(members[name])
    for _ in range(chance.choice((1, 3, 30)) if data else 0):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.3:
        data = data[: chance.randrange(len(data) + 1)]
    return {**members, name: bytes(data)}


def swap_members(members: Members, chance: random.Random) -> Members:
    one, other = chance.sample(sorted(members), 2)
    return {**members, one: members[other], other: members[one]}


def forge_manifest(members: Members, chance: random.Random) -> Members:
    manifest = json.loads(members["manifest.json"])
    manifest[chance.choice(sorted(manifest))] = chance.choice(VALUES)
    whole = (json.dumps(manifest), json.dumps(chance.choice(VALUES)), "[" * 100_000, "", "{", "NaN", "1" * 10_000)
    text = chance.choice(whole) if chance.random() < 0.3 else whole[0]
    return {**members, "manifest.json": text.encode("utf-8", "surrogatepass")}


def forge_vectors(members: Members, chance: random.Random) -> Members:
    with np.load(io.BytesIO(members["vectors.npz"])) as arrays:
        ids, vectors = arrays["ids"], arrays["vectors"].copy()
    ways: list[dict[str, Any]] = [
        {"ids": ids, "vectors": vectors * np.float32("nan")},
        {"ids": ids, "vectors": vectors * 0},
        {"ids": ids, "vectors": vectors * np.float32("inf")},
        {"ids": ids, "vectors": vectors[:, :3]},
        {"ids": ids, "vectors": vectors[:-1]},
        {"ids": ids[:-1], "vectors": vectors[:-1]},
        {"ids": np.array([ids[0]] * len(ids)), "vectors": vectors},
        {"ids": np.array([*ids, "more:1"]), "vectors": np.concatenate([vectors, vectors[:1]])},
        {"ids": ids.astype(object), "vectors": vectors},
        {"ids": ids, "vectors": vectors.astype(object)},
        {"ids": ids, "vectors": vectors.astype(np.float64)},
        {"ids": ids, "vectors": vectors.astype(np.complex64)},
        {"ids": ids, "vectors": vectors.reshape(-1)},
        {"ids": np.arange(len(ids)), "vectors": vectors},
        {"ids": ids, "vectors": np.asfortranarray(vectors)},
        {"ids": ids},
        {"ids": ids, "vectors": vectors, "more": ids},
    ]
    stream = io.BytesIO()
    save = np.savez_compressed if chance.random() < 0.1 else np.savez
    save(stream, **chance.choice(ways))
    return {**members, "vectors.npz": stream.getvalue()}


def claim_a_huge_array(members: Members, chance: random.Random) -> Members:
    data = members["vectors.npz"].replace(
        b"(3, 384)", chance.choice((b"(9,9384)", b"(-3,384)", b"(3, 1e9)", b"(1<<40,)"))
    )
    return {**members, "vectors.npz": data}


def forge_catalog(members: Members, chance: random.Random) -> Members:
    """Change the catalog by a statement, or a cell of it."""
    with TemporaryDirectory() as place:
        path = Path(place) / "catalog"
        path.write_bytes(members["catalog.sqlite"])
        with closing(sqlite3.connect(path)) as connection:
            try:
                if chance.random() < 0.4:
                    connection.executescript(chance.choice(HOSTILE))
                else:
                    _change_cell(connection, chance)
                connection.commit()
            except sqlite3.Error:
                connection.rollback()
        return {**members, "catalog.sqlite": path.read_bytes()}


def _change_cell(connection: sqlite3.Connection, chance: random.Random) -> None:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'")
    table = chance.choice(sorted(name for (name,) in rows if not name.startswith("passage_words")))
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    value = chance.choice(CELLS)
    if chance.random() < 0.2:
        connection.execute(f"UPDATE {table} SET \"{chance.choice(columns)}\" = CAST(x'ff80' AS TEXT)")
    else:
        connection.execute(f'UPDATE {table} SET "{chance.choice(columns)}" = ?', (value,))


WAYS: tuple[Forge, ...] = (
    lose_member, add_name, spoil_member, spoil_member, swap_members, forge_manifest, forge_vectors, claim_a_huge_array,
    forge_catalog, forge_catalog, forge_catalog,
)  # fmt: skip


def spoil_archive(file: Path, chance: random.Random) -> None:
    """Change bytes of the archive itself, most of them in its list of entries."""
    data = bytearray(file.read_bytes())
    first = find_index(data) if chance.random() < 0.7 else 0
    for _ in range(chance.choice((1, 1, 4))):
        data[chance.randrange(first, len(data) - 64)] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
    file.write_bytes(data)
    seal(file)


def find_fault(file: Path, home: Path) -> str:
    """What breaks a rule in how a forged backup is taken, if anything."""
    try:
        KnowledgeBase.restore(file, Settings(home=home))
    except KBError as error:
        if "\n" in str(error) or len(str(error)) > 2_000:
            return f"more than a line: {str(error)[:200]!r}"
        return "something was left of a refused backup" if home.exists() else ""
    except BaseException as error:  # noqa: BLE001 - every kind is a fault here
        return f"{type(error).__name__}: {error}"[:300]
    with closing(KnowledgeBase.open(Settings(home=home))) as restored:
        problems = [finding.text for finding in restored.examine() if finding.is_problem]
        left = [path.name for path in home.iterdir() if path.name.startswith("catalog.sqlite.")]
    return f"restored, with problems: {problems[:1]}{left}" if problems or left else ""


def make_backup(folder: Path) -> Path:
    uploads = folder / "home" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "soup.md").write_text(SOUP, encoding="utf-8")
    (folder / "steel.md").write_text(STEEL, encoding="utf-8")
    with closing(KnowledgeBase.open(Settings(home=folder / "home"))) as filled:
        ingest_paths([uploads, folder / "steel.md"], filled)
        filled.back_up(folder / "kb.zip")
    return folder / "kb.zip"


def try_backup(members: Members, number: int) -> str:
    """What is wrong with how the backup of a round is taken, if anything. The same number makes the same backup."""
    chance = random.Random(number)
    with TemporaryDirectory(prefix="kb-fuzz-") as place:
        file = Path(place) / "kb.zip"
        way = chance.choice(WAYS)
        write_members(way(members, chance), file, chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
        if is_spoilt := chance.random() < 0.3:
            spoil_archive(file, chance)
        fault = find_fault(file, Path(place) / "restored")
        outside = sorted(path.name for path in Path(place).iterdir() if path.name not in ("kb.zip", "restored"))
        fault = fault or (f"written outside: {outside}" if outside else "")
    return f"{way.__name__}{' and spoil_archive' * is_spoilt}: {fault}" if fault else ""


def main() -> int:
    """Go on until the time is over, and name the rounds that break a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--first", type=int, default=0, help="number of the first round")
    options = parser.parse_args()
    logging.getLogger().addHandler(logging.NullHandler())  # else each refusal is printed with its traceback
    until, number, broken = time.monotonic() + options.seconds, options.first, 0
    with TemporaryDirectory(prefix="kb-fuzz-") as place:
        members = read_members(make_backup(Path(place)))
        while time.monotonic() < until:
            if fault := try_backup(members, number):
                broken += 1
                print(f"round {number}: {fault}", flush=True)
            number += 1
    print(f"{number - options.first:,} rounds, {broken} with faults")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
