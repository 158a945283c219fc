"""Restore a backup: everything is checked as if a stranger had written it, and all of it or nothing is kept."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import zipfile
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sqlalchemy.exc import DataError, IntegrityError

from kb.embedding.arrays import Vectors
from kb.embedding.protocol import DEFAULT_NAME, Embedder
from kb.errors import BadBackup, IndexMismatch, StoreUnavailable
from kb.model import Interview, Passage
from kb.settings import Settings
from kb.storage.archive import (
    ARRAYS,
    BLOCK,
    CATALOG,
    CHECKED,
    MANIFEST,
    OWN,
    PART,
    VECTORS,
    forged,
    list_files,
    open_archive,
)
from kb.storage.array_file import read_arrays
from kb.storage.backup import FORMAT, TOKENS
from kb.storage.catalog import Catalog
from kb.storage.damage import DamagedRow
from kb.storage.database import Database
from kb.storage.doctor import examine_stores
from kb.storage.migrations import can_upgrade, upgrade
from kb.storage.schema import SCHEMA_VERSION
from kb.storage.sqlite import SqliteDatabase, copy_checked, move_paths
from kb.storage.stores import Stores, open_database
from kb.storage.token_store import TokenStore
from kb.storage.vector_store import open_vectors

log = logging.getLogger(__name__)

MARGIN = 3  # the stores take up to so many times the size of the catalog and the vectors while they are written


@dataclass(frozen=True, slots=True)
class Manifest:
    """How a backup was made."""

    format: int
    schema: str
    fingerprint: str
    home: str  # absolute path of the home folder that was backed up


def read_backup(file: Path, settings: Settings, embedder: Embedder) -> None:
    """Restore a backup into an empty home folder and empty stores; they stay empty if it fails.

    Raises BadBackup when the file is damaged or forged or the target is not empty, IndexMismatch when it was made with
    another model or schema, BadSetting, ModelMissing, or StoreUnavailable when it cannot be written.
    """
    home = settings.home
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise BadBackup(f"KB_HOME {home} is not empty; set KB_HOME to a new folder and restore into that")
    with (
        open_archive(file) as archive,
        closing(open_database(home, settings.catalog_url, settings.catalog_timeout)) as database,
    ):
        if not database.is_empty():
            raise BadBackup(
                f"There is a catalog at {database.location} already; {database.remedy} and restore into that"
            )
        manifest = _read_manifest(archive, file)
        _check_manifest(manifest, embedder.fingerprint)
        _check_space(archive, home)
        try:
            _restore(archive, manifest, settings, embedder, database)
        except (OSError, sqlite3.OperationalError) as error:
            line = f"The backup cannot be restored into {home}: {error}; change that and try again"
            raise StoreUnavailable(line).logged(log, error) from error


def _read_manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    read = json.loads(archive.read(MANIFEST))
    match read:
        case {"format": int(made), "schema": str(schema), "fingerprint": str(fingerprint), "home": str(home)}:
            if _is_path(home):
                return Manifest(made, schema, fingerprint, home)
    raise forged(file, f"{MANIFEST} is not complete")


def _check_manifest(manifest: Manifest, fingerprint: str) -> None:
    made = (manifest.format, manifest.schema, manifest.fingerprint)
    wanted = (FORMAT, SCHEMA_VERSION, fingerprint)
    upgraded = SCHEMA_VERSION if can_upgrade(manifest.schema) else manifest.schema
    if (manifest.format, upgraded, manifest.fingerprint) != wanted:
        raise IndexMismatch(
            f"The backup was made with format, schema and model {made}, and this is {wanted};"
            " set KB_EMBED_MODEL as it was, or ingest again"
        )


def _check_space(archive: zipfile.ZipFile, home: Path) -> None:
    """Raise StoreUnavailable when the disk cannot take what the entries are said to unpack to."""
    there = next(folder for folder in (home, *home.absolute().parents) if folder.exists())
    sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    wanted, free = sum(sizes.values()) + MARGIN * (sizes[CATALOG] + sizes[VECTORS]), shutil.disk_usage(there).free
    if wanted > free:
        raise StoreUnavailable(
            f"The backup cannot be restored into {home}: it takes up to {wanted:,} bytes, and {free:,} are free;"
            " set KB_HOME to a folder with more space"
        )


def _restore(
    archive: zipfile.ZipFile, manifest: Manifest, settings: Settings, embedder: Embedder, database: Database
) -> None:
    """Restore all stores, the catalog last: without it, the others are not used. Delete what was written on failure."""
    home = settings.home
    with ExitStack() as undone:
        undone.callback(_delete_entries, home, _list_entries(archive), is_new=not home.exists())
        home.mkdir(parents=True, exist_ok=True)
        with closing(open_vectors(settings, manifest.fingerprint)) as vectors:
            if vectors.count():
                server = settings.chroma_url
                raise BadBackup(f"The Chroma server {server} holds vectors already; restore with an empty one")
            with closing(_read_catalog(archive, manifest, home)) as catalog:
                rows = _read_vectors(archive, home, catalog, embedder)
                for entry, path in list_files(archive):
                    _extract(archive, entry, home / path)
                undone.callback(_remove_vectors, settings, manifest.fingerprint, [passage.id for _, passage, _ in rows])
                vectors.write(rows)
                _examine(archive, Stores(catalog, vectors, _open_tokens(home, embedder)))
            database.import_from(home / CHECKED)
        for name in (PART, ARRAYS):
            (home / name).unlink(missing_ok=True)
        undone.pop_all()


def _list_entries(archive: zipfile.ZipFile) -> set[str]:
    """List the entries of the home folder that a restore writes."""
    return OWN | {path.parts[0] for _, path in list_files(archive)}


def _delete_entries(home: Path, names: set[str], *, is_new: bool) -> None:
    for name in names:
        path = home / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if is_new and home.exists() and not any(home.iterdir()):
        home.rmdir()


def _read_catalog(archive: zipfile.ZipFile, manifest: Manifest, home: Path) -> Catalog:
    """Copy the rows of the catalog into a new one, which has nothing else; return that. Raises BadBackup."""
    part, checked = home / PART, home / CHECKED
    _extract(archive, archive.getinfo(CATALOG), part)
    with ExitStack() as opened:
        catalog = Catalog(SqliteDatabase(checked))
        opened.callback(catalog.close)
        try:
            catalog.database.create_tables()
            copy_checked(part, catalog.database, lambda copy: upgrade(copy, home))
            move_paths(checked, manifest.home, str(home.resolve()))
            catalog.facts.prepare(manifest.fingerprint)
            catalog.generation()
            catalog.mends.check()
            catalog.second_sources.move(manifest.home, str(home.resolve()))
            others = [(key, one.path) for key, own in catalog.second_sources.all().items() for one in own]
            files = [*((one.interview_id, one.path) for one in catalog.sources()), *others]
        except StoreUnavailable as error:
            if isinstance(error, DamagedRow) or isinstance(error.__cause__, IntegrityError | DataError):
                raise forged(str(archive.filename), str(error).partition(";")[0]) from error
            raise
        except sqlite3.IntegrityError as error:
            raise forged(str(archive.filename), "two interviews have the same file") from error
        if wrong := next((interview_id for interview_id, path in files if not _is_path(path)), None):
            raise forged(str(archive.filename), f"the file of {wrong} has no absolute path")
        opened.pop_all()
    return catalog


def _read_vectors(
    archive: zipfile.ZipFile, home: Path, catalog: Catalog, embedder: Embedder
) -> list[tuple[Interview, Passage, Vectors]]:
    """Read the vector of each passage. Raises BadBackup when one is missing, more than one, or none at all."""
    file = str(archive.filename)
    _extract(archive, archive.getinfo(VECTORS), home / ARRAYS)
    stored = read_arrays(home / ARRAYS, file)
    passages = [
        (interview, passage) for interview in catalog.interviews() for passage in catalog.passages_of(interview.id)
    ]
    if set(stored) != {passage.id for _, passage in passages}:
        raise forged(file, "its vectors are not those of its passages")
    if stored and len(next(iter(stored.values()))) != len(embedder.encode_query("size").vector):
        raise forged(file, "its vectors have another number of dimensions than the model's")
    return [(interview, passage, stored[passage.id]) for interview, passage in passages]


def _open_tokens(home: Path, embedder: Embedder) -> TokenStore:
    return TokenStore.open(home / TOKENS, is_bundled_model=embedder.name == DEFAULT_NAME)


def _examine(archive: zipfile.ZipFile, stores: Stores) -> None:
    """Raise BadBackup when the doctor finds anything."""
    if findings := examine_stores(stores):
        raise forged(str(archive.filename), findings[0].text.partition(";")[0])


def _remove_vectors(settings: Settings, fingerprint: str, passage_ids: list[str]) -> None:
    """Remove vectors from a server; those of the home folder are deleted with it."""
    if settings.chroma_url is None:
        return
    with suppress(StoreUnavailable), closing(open_vectors(settings, fingerprint)) as vectors:  # the first error counts
        vectors.remove(passage_ids)


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, path.open("xb") as target:
        shutil.copyfileobj(source, target, BLOCK)
        if target.tell() != entry.file_size:
            raise forged(str(archive.filename), f"{entry.filename} is not as long as it says")


def _is_path(path: str) -> bool:
    """Whether a path is absolute and leads straight to its file."""
    return path.startswith("/") and ".." not in PurePosixPath(path).parts and "\0" not in path
