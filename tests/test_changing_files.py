"""A file that changes while it is read: what is stored is one version of it, whole."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import SOUP

from ingest.files import SETTLED, read_bytes
from ingest.pipeline import ingest_paths
from kb.errors import UnreadableFile
from kb.knowledge_base import KnowledgeBase

VERSIONS = [SOUP.replace("posters", f"posters of kind {number}").encode() * (1 + number % 3) for number in range(40)]
stalls = [0.0]  # seconds between two parts: a busy machine may halt the writer


def write_in_parts(path: Path, data: bytes, size: int) -> None:
    """Write over a file in parts; no part comes so late that a reader must take it for the last one."""
    for first in range(0, len(data), size):
        begun = time.monotonic()
        with path.open("ab" if first else "wb") as file:
            file.write(data[first : first + size])
        time.sleep(0.002)
        stalls.append(time.monotonic() - begun)


def write_in_halves(path: Path, data: bytes) -> None:
    write_in_parts(path, data, len(data) // 2 + 1)


def grow(path: Path, data: bytes) -> None:
    write_in_parts(path, data, 200)


def replace_whole(path: Path, data: bytes) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)


@contextmanager
def writing(path: Path, write: Callable[[Path, bytes], None]) -> Iterator[threading.Event]:
    """Write one version after the other beside the caller, with pauses, until all are written."""
    done = threading.Event()

    def run() -> None:
        for number, version in enumerate(VERSIONS):
            write(path, version)
            time.sleep(0.12 if number % 8 == 7 else 0.002)
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    yield done
    thread.join()


@pytest.mark.parametrize("write", [write_in_halves, grow, replace_whole])
def test_what_is_read_of_a_file_that_is_being_written_is_a_version_of_it(
    tmp_path: Path, write: Callable[[Path, bytes], None]
) -> None:
    path = tmp_path / "talk.md"
    path.write_bytes(VERSIONS[0])
    told, wrong = set(), []
    with writing(path, write) as done:
        while not done.is_set():
            try:
                wrong += [one for one in [read_bytes(path)] if one not in VERSIONS]
            except UnreadableFile as error:
                told.add(str(error).partition(": ")[2])
    assert wrong == [] or max(stalls) > SETTLED / 2
    assert told <= {"it changes while it is read; try again when it is complete"}
    assert read_bytes(path) == VERSIONS[-1]


def test_the_stored_words_and_the_stored_hash_are_of_one_version(knowledge_base: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "talk.md"
    path.write_bytes(VERSIONS[0])
    ingest_paths([path], knowledge_base)
    hashes = {hashlib.sha256(version).hexdigest(): version for version in VERSIONS}
    wrong = []
    with writing(path, write_in_halves) as done:
        while not done.is_set():
            ingest_paths([path], knowledge_base)
            transcript = knowledge_base.transcript("talk")
            version = hashes.get(transcript.interview.source_hash, b"")
            kind = version.decode().partition("posters of kind ")[2].partition(" ")[0]
            wrong += [] if any(f"posters of kind {kind} " in turn.text for turn in transcript.turns) else [kind]
    assert wrong == [] or max(stalls) > SETTLED / 2
    ingest_paths([path], knowledge_base)
    assert hashes[knowledge_base.transcript("talk").interview.source_hash] == VERSIONS[-1]


def test_a_file_that_is_cut_after_it_was_looked_at_is_read_as_it_is_then(tmp_path: Path) -> None:
    path = tmp_path / "talk.md"
    path.write_bytes(VERSIONS[2])
    assert read_bytes(path) == VERSIONS[2]
    path.write_bytes(VERSIONS[2][:50])
    assert read_bytes(path) == VERSIONS[2][:50]
