"""Check the files of embedded Chroma, which it trusts: a wrong number or broken text in them ends the whole process."""

from __future__ import annotations

import math
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.storage.chroma_tables import find_broken_table

FOLDER = "chroma"  # in the home folder
DATABASE = "chroma.sqlite3"
HEADER, LINKS, VECTORS = "header.bin", "link_lists.bin", "data_level0.bin"
VERSION = 1  # of the format; of another one nothing is known here
FORMAT = struct.Struct("<i6QiI3QdQ")  # of the header of hnswlib's index
MOST_LEVELS = 64
SPARE = 100_000  # vectors that an index has room for, beyond several times those that it holds
MOST_CONSTRUCTION = 100_000
TRIES, PAUSE = 4, 0.25  # seconds


class Header(NamedTuple):
    """The header of an index, field by field."""

    version: int
    level_offset: int
    capacity: int
    size: int  # number of vectors
    row_bytes: int
    label_offset: int
    vector_offset: int
    top_level: int
    entry: int
    links: int
    links_below: int
    wanted_links: int
    spread: float
    construction: int


@dataclass(frozen=True, slots=True)
class IndexFolder:
    """The files of one index."""

    path: Path

    def find_damage(self) -> str | None:
        """Return what is wrong with the files, if anything. Takes about 1 s per million vectors."""
        data = (self.path / HEADER).read_bytes()
        if len(data) != FORMAT.size:
            return f"{HEADER} has {len(data)} bytes instead of {FORMAT.size}"
        header = Header(*FORMAT.unpack(data))
        if not _is_possible(header):
            return f"{HEADER} holds numbers that cannot be"
        if header.version != VERSION:
            return None
        if (self.path / VECTORS).stat().st_size < header.size * header.row_bytes:
            return f"{VECTORS} is cut off"
        if header.size:
            return self._find_broken_link(header)
        return None

    def _find_broken_link(self, header: Header) -> str | None:
        rows = np.memmap(self.path / VECTORS, np.uint8, mode="r", shape=(header.size, header.row_bytes))
        lists = np.ascontiguousarray(rows[:, : header.vector_offset]).view(np.uint32)
        if not _are_links(lists, header.links_below, header.size):
            return f"{VECTORS} links to vectors that are not there"
        return self._find_broken_level(header)

    def _find_broken_level(self, header: Header) -> str | None:
        """Check the sparse upper levels: for each vector a length in bytes, then its lists."""
        data = (self.path / LINKS).read_bytes()
        width, at, levels = 4 * (header.links + 1), 0, []
        for _ in range(header.size):
            if at + 4 > len(data):
                return f"{LINKS} is cut off"
            (size,) = struct.unpack_from("<I", data, at)
            at += 4
            if size % width or size // width > header.top_level or at + size > len(data):
                return f"{LINKS} holds a list that cannot be"
            levels.append(size // width)
            if size and not _are_links(_read_lists(data, at, size, width), header.links, header.size):
                return f"{LINKS} links to vectors that are not there"
            at += size
        return None if at == len(data) and levels[header.entry] == header.top_level else f"{LINKS} is not complete"


def find_damaged_files(home: Path) -> str | None:
    """Return what is wrong with the files of embedded Chroma, if anything. Raises OSError.

    A writer may be replacing the files just now: only what stays wrong is damaged.
    """
    for _ in range(TRIES):
        found = _find_damage(home)
        if not found:
            return None
        time.sleep(PAUSE)
    return found


def _find_damage(home: Path) -> str | None:
    if table := find_broken_table(home / FOLDER / DATABASE):
        return f"{DATABASE}: {table} holds what is no text"
    for header in sorted((home / FOLDER).glob(f"*/{HEADER}")):
        if damage := IndexFolder(header.parent).find_damage():
            return f"{header.parent.name}: {damage}"
    return None


def _is_possible(header: Header) -> bool:
    if header.version != VERSION:
        return True
    below = 4 * (header.links_below + 1)
    return (
        header.size <= header.capacity <= 16 * header.size + SPARE
        and header.level_offset == 0
        and 1 < header.links == header.wanted_links == header.links_below // 2
        and math.isclose(header.spread, 1 / math.log(header.links))
        and 0 < header.construction <= MOST_CONSTRUCTION
        and below == header.vector_offset < header.label_offset == header.row_bytes - 8
        and -1 <= header.top_level <= MOST_LEVELS
        and (header.entry < header.size if header.size else header.top_level == -1)
    )


def _read_lists(data: bytes, at: int, size: int, width: int) -> NDArray[np.uint32]:
    return np.frombuffer(data, np.uint32, size // 4, at).reshape(-1, width // 4)


def _are_links(lists: NDArray[np.uint32], most: int, size: int) -> bool:
    """Whether each list, its length first, is not too long and names only vectors that are there."""
    lengths = lists[:, 0] & 0xFFFF  # the next byte marks a deleted vector
    if int(lengths.max()) > most:
        return False
    is_named = np.arange(most) < lengths[:, np.newaxis]
    return bool((lists[:, 1:][is_named] < size).all())
