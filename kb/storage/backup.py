"""Write a knowledge base to one file with a checksum, and restore it.

The file is a zip archive: a manifest, the catalog, the vectors as arrays, the token files, and all other files of the
home folder, such as uploads. Its comment, the last bytes of the file, is the SHA-256 of everything before.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kb.arrays import Vectors
from kb.errors import BadBackup, IndexMismatch, StoreUnavailable
from kb.model import Interview, Passage
from kb.settings import Settings
from kb.storage.catalog import Catalog
from kb.storage.database import Database
from kb.storage.migrations import can_upgrade, upgrade
from kb.storage.schema import SCHEMA_VERSION
from kb.storage.sqlite import SqliteDatabase
from kb.storage.stores import open_database
from kb.storage.vector_store import VectorStore, open_vectors

log = logging.getLogger(__name__)

FORMAT = 1
CATALOG, VECTORS, MANIFEST = "catalog.sqlite", "vectors.npz", "manifest.json"
# Entries of the home folder that are not copied: their data is written in another form.
MADE_ANEW = {CATALOG, f"{CATALOG}-wal", f"{CATALOG}-shm", "catalog.id", "chroma", "writer.lock", "unfinished"}
DIGEST = 64  # hexadecimal digits of a SHA-256
BLOCK = 2**20


def write_backup(file: Path, home: Path, catalog: Catalog, vectors: VectorStore) -> None:
    """Write a complete backup or no file. The caller holds the writer's lock. Raises BadBackup, StoreUnavailable."""
    if file.exists():
        raise BadBackup(f"There is a file {file} already; name another")
    part = file.with_name(f"{file.name}.part")
    try:
        _write_archive(part, home, catalog, vectors)
        with part.open("r+b") as stream:
            stream.seek(-DIGEST, io.SEEK_END)
            stream.write(_hash_before_comment(part).encode())
        part.replace(file)
    except OSError as error:
        raise StoreUnavailable(f"The backup {file} cannot be written: {error}").logged(log, error) from error
    finally:
        part.unlink(missing_ok=True)


def read_backup(file: Path, settings: Settings, fingerprint: str) -> None:
    """Restore a backup into an empty home folder and empty stores; they stay empty if it fails.

    Raises BadBackup when the file is damaged or the target is not empty, IndexMismatch when it was made with another
    model or schema, BadSetting, or StoreUnavailable when it cannot be written.
    """
    home = settings.home
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise BadBackup(f"KB_HOME {home} is not empty; set KB_HOME to a new folder and restore into that")
    _check_digest(file)
    with (
        closing(open_database(home, settings.catalog_url, settings.catalog_timeout)) as database,
        zipfile.ZipFile(file) as archive,
    ):
        if not database.is_empty():
            raise BadBackup(
                f"There is a catalog at {database.location} already; {database.remedy} and restore into that"
            )
        manifest = json.loads(archive.read(MANIFEST))
        _check_manifest(manifest, fingerprint)
        try:
            _restore(archive, manifest, settings, database)
        except (OSError, sqlite3.Error) as error:
            line = f"The backup cannot be restored into {home}: {error}; change that and try again"
            raise StoreUnavailable(line).logged(log, error) from error


def _write_archive(part: Path, home: Path, catalog: Catalog, vectors: VectorStore) -> None:
    with TemporaryDirectory(dir=part.parent) as folder, _create_archive(part) as archive:
        copy = Path(folder) / CATALOG
        catalog.database.copy_to(copy)
        fingerprint = catalog.facts.fingerprint()
        manifest = {"format": FORMAT, "schema": SCHEMA_VERSION, "fingerprint": fingerprint, "home": str(home.resolve())}
        archive.writestr(MANIFEST, json.dumps(manifest))
        archive.write(copy, CATALOG, zipfile.ZIP_DEFLATED)
        with archive.open(VECTORS, "w", force_zip64=True) as stream:
            texts = {one.id: one.text for card in catalog.interviews() for one in catalog.passages_of(card.id)}
            found = vectors.get_vectors(texts)
            rows = np.stack(list(found.values())) if found else np.empty((0, 0), dtype=np.float32)
            np.savez(stream, ids=np.array(list(found), dtype=np.str_), vectors=rows)
        for path, name in _other_files(home, {part, Path(folder)}):
            archive.write(path, name)
        archive.comment = b"0" * DIGEST


def _create_archive(path: Path) -> zipfile.ZipFile:
    """Create an archive in which a file older than 1980, the first year of the format, is of 1980."""
    return zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, strict_timestamps=False)


def _other_files(home: Path, own: set[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the other files of the home folder, except the backup itself."""
    ours = {path.resolve() for path in own}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home)
        is_ours = not ours.isdisjoint((path.resolve(), path.parent.resolve()))
        if path.is_file() and not is_ours and name.parts[0] not in MADE_ANEW:
            yield path, f"files/{name.as_posix()}"


def _restore(archive: zipfile.ZipFile, manifest: dict[str, Any], settings: Settings, database: Database) -> None:
    """Restore all stores, the catalog last: without it, the others are not used. Delete what was written on failure."""
    home = settings.home
    with ExitStack() as undone:
        undone.callback(_delete_entries, home, _list_entries(archive), is_new=not home.exists())
        home.mkdir(parents=True, exist_ok=True)
        with closing(open_vectors(settings, manifest["fingerprint"])) as vectors:
            if vectors.count():
                server = settings.chroma_url
                raise BadBackup(f"The Chroma server {server} holds vectors already; restore with an empty one")
            part = _restore_files(archive, manifest, home)
            _restore_rows(archive, part, vectors, database)
        undone.pop_all()


def _list_entries(archive: zipfile.ZipFile) -> set[str]:
    """List the entries of the home folder that a restore writes."""
    own = {"chroma", *(f"{CATALOG}.part{end}" for end in ("", "-wal", "-shm"))}
    return own | {path.parts[0] for _, path in _list_files(archive)}


def _list_files(archive: zipfile.ZipFile) -> Iterator[tuple[str, PurePosixPath]]:
    """Yield the other files of the home folder: their name in the archive, and their path in the folder."""
    for name in archive.namelist():
        inside = PurePosixPath(name)
        if inside.parts[0] == "files" and ".." not in inside.parts:
            yield name, inside.relative_to("files")


def _delete_entries(home: Path, names: set[str], *, is_new: bool) -> None:
    for name in names:
        path = home / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if is_new and home.exists() and not any(home.iterdir()):
        home.rmdir()


def _restore_files(archive: zipfile.ZipFile, manifest: dict[str, Any], home: Path) -> Path:
    """Write the files of the home folder, and the catalog under another name, which is returned."""
    part = home / f"{CATALOG}.part"
    _extract(archive, CATALOG, part)
    for name, path in _list_files(archive):
        _extract(archive, name, home / path)
    _move_home(part, manifest["home"], str(home.resolve()))
    with closing(SqliteDatabase(part)) as copy:
        upgrade(copy, home)
    return part


def _restore_rows(archive: zipfile.ZipFile, part: Path, vectors: VectorStore, database: Database) -> None:
    """Write the vectors, then the catalog."""
    with closing(Catalog(SqliteDatabase(part))) as catalog:
        rows = _read_vectors(archive, catalog)
    with ExitStack() as undone:
        undone.callback(_remove_vectors, vectors, [passage.id for _, passage, _ in rows])
        vectors.write(rows)
        database.import_from(part)
        undone.pop_all()


def _read_vectors(archive: zipfile.ZipFile, catalog: Catalog) -> list[tuple[Interview, Passage, Vectors]]:
    with archive.open(VECTORS) as stream:
        arrays = np.load(io.BytesIO(stream.read()), allow_pickle=False)
        stored: dict[str, Vectors] = dict(zip(arrays["ids"].tolist(), arrays["vectors"], strict=True))
    return [
        (interview, one, stored[one.id])
        for interview in catalog.interviews()
        for one in catalog.passages_of(interview.id)
        if one.id in stored
    ]


def _remove_vectors(vectors: VectorStore, passage_ids: list[str]) -> None:
    with suppress(StoreUnavailable):  # the first error is the one to tell
        vectors.remove(passage_ids)


def _move_home(catalog: Path, before: str, after: str) -> None:
    """Change the paths of files in the old home folder to the new one."""
    with closing(sqlite3.connect(catalog)) as connection, connection:
        connection.execute(
            "UPDATE interviews SET path = ?2 || substr(path, length(?1) + 1)"
            " WHERE substr(path, 1, length(?1) + 1) = ?3",
            (before, after, f"{before}/"),
        )


def _extract(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, BLOCK)


def _check_digest(file: Path) -> None:
    try:
        with file.open("rb") as stream:
            stream.seek(-DIGEST, io.SEEK_END)
            is_whole = stream.read().decode("ascii", "replace") == _hash_before_comment(file)
    except OSError as error:
        line = f"The backup {file} cannot be read: {error.strerror or error}"
        raise BadBackup(line).logged(log, error) from error
    if not is_whole or not zipfile.is_zipfile(file):
        raise BadBackup(f"The backup {file} is damaged or no backup: its checksum does not agree; use another copy")


def _check_manifest(manifest: dict[str, Any], fingerprint: str) -> None:
    made = (manifest["format"], manifest["schema"], manifest["fingerprint"])
    wanted = (FORMAT, SCHEMA_VERSION, fingerprint)
    upgraded = SCHEMA_VERSION if can_upgrade(manifest["schema"]) else manifest["schema"]
    if (made[0], upgraded, made[2]) != wanted:
        raise IndexMismatch(
            f"The backup was made with format, schema and model {made}, and this is {wanted};"
            " set KB_EMBED_MODEL as it was, or ingest again"
        )


def _hash_before_comment(file: Path) -> str:
    digest = hashlib.sha256()
    left = file.stat().st_size - DIGEST
    with file.open("rb") as stream:
        while left > 0:
            block = stream.read(min(BLOCK, left))
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()
