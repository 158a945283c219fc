"""Write a knowledge base to one file with a checksum.

The file is a zip archive: a manifest, the catalog, the vectors as arrays, the token files, and all other files of the
home folder, such as uploads. Its comment, the last bytes of the file, is the SHA-256 of everything before.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kb.errors import BadBackup, StoreUnavailable
from kb.storage.archive import (
    CATALOG,
    DIGEST,
    FILES,
    MADE_ANEW,
    MANIFEST,
    VECTORS,
    hash_before_comment,
    is_own_name,
    is_portable,
)
from kb.storage.aside import is_aside
from kb.storage.catalog import Catalog
from kb.storage.schema import SCHEMA_VERSION
from kb.storage.token_file import SUFFIX
from kb.storage.vector_store import VectorStore

log = logging.getLogger(__name__)

FORMAT = 1
TOKENS = "tokens"  # in the home folder
REPAIR = "run kb doctor --repair, and kb backup again"


def write_backup(file: Path, home: Path, catalog: Catalog, vectors: VectorStore) -> None:
    """Write a complete backup or no file. The caller holds the writer's lock. Raises BadBackup, StoreUnavailable."""
    if file.exists():
        raise BadBackup(f"There is a file {file} already; name another")
    part = file.with_name(f"{file.name}.part")
    try:
        _write_archive(part, home, catalog, vectors)
        with part.open("r+b") as stream:
            stream.seek(-DIGEST, io.SEEK_END)
            stream.write(hash_before_comment(part).encode())
        part.replace(file)
    except OSError as error:
        raise StoreUnavailable(f"The backup {file} cannot be written: {error}").logged(log, error) from error
    finally:
        part.unlink(missing_ok=True)


def _write_archive(part: Path, home: Path, catalog: Catalog, vectors: VectorStore) -> None:
    with TemporaryDirectory(dir=part.parent) as folder, _create_archive(part) as archive:
        copy = Path(folder) / CATALOG
        catalog.database.copy_to(copy)
        fingerprint = catalog.facts.fingerprint()
        manifest = {"format": FORMAT, "schema": SCHEMA_VERSION, "fingerprint": fingerprint, "home": str(home.resolve())}
        archive.writestr(MANIFEST, json.dumps(manifest))
        archive.write(copy, CATALOG, zipfile.ZIP_DEFLATED)
        with archive.open(VECTORS, "w", force_zip64=True) as stream:
            _write_vectors(stream, catalog, vectors)
        listed = catalog.token_files.names()
        for path, name in _other_files(home, {part, Path(folder)}, listed):
            archive.write(path, name)
            listed.discard(path.name)
        if listed:
            raise StoreUnavailable(f"The token vectors {min(listed)} are not there; {REPAIR}")
        archive.comment = b"0" * DIGEST


def _write_vectors(stream: Any, catalog: Catalog, vectors: VectorStore) -> None:
    texts = {one.id: one.text for card in catalog.interviews() for one in catalog.passages_of(card.id)}
    found = vectors.get_vectors(texts)
    if len(found) < len(texts):
        raise StoreUnavailable(f"{len(texts) - len(found):,} passages have no vector; {REPAIR}")
    rows = np.stack(list(found.values())) if found else np.empty((0, 0), dtype=np.float32)
    np.savez(stream, ids=np.array(list(found), dtype=np.str_), vectors=rows)


def _create_archive(path: Path) -> zipfile.ZipFile:
    """Create an archive in which a file older than 1980, the first year of the format, is of 1980."""
    return zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, strict_timestamps=False)


def _other_files(home: Path, own: set[Path], listed: set[str]) -> Iterator[tuple[Path, str]]:
    """Yield the other files of the home folder, except the backup itself and token files that are not listed.

    Raises BadBackup for one whose name no backup can hold.
    """
    ours = {path.resolve() for path in own}
    for path in sorted(home.rglob("*")):
        name = PurePosixPath(path.relative_to(home).as_posix())
        is_ours = not ours.isdisjoint((path.resolve(), path.parent.resolve()))
        is_left = name.parts[0] == TOKENS and SUFFIX in path.name and path.name not in listed
        if not path.is_file() or is_ours or is_left or name.parts[0] in MADE_ANEW or is_aside(name.parts[0]):
            continue
        if not is_portable(name) or is_own_name(name.parts[0]):
            raise BadBackup(f"The file {str(name)!r} in KB_HOME has a name that no backup can hold; rename it")
        yield path, f"{FILES}/{name}"
