"""Read and write tables of facts about interviews: CSV files, one row a file."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from ingest.files import measure_file, read_whole
from ingest.metadata.values import FIELDS, fold_key
from ingest.readers.text_encoding import decode_text
from kb.errors import BadMetadata, UnreadableFile

Row = Mapping[str, str]
_Parts = tuple[str, ...]  # of a path: its folders and its name, folded
_Numbered = tuple[int, Row]  # a row and its place in the table
_Index = Mapping[_Parts, _Numbered]

MACHINE_COLUMN = "transcribed_by"  # the program that wrote the words down; '' where people did
TABLE_LIMIT = 20_000_000  # bytes
TOO_LARGE = f"{{}} is larger than {TABLE_LIMIT // 1_000_000} MB; that is no table of interviews"
FILE_SUFFIX = re.compile(
    r"\.(?:vtt|srt|sbv|ass|ssa|lrc|json3?|xml|ttml|csv|tsv|txt|text|md|markdown|mdx|pdf|docx|odt|html?|xhtml|epub|rtf|xz)$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Rows of facts, each for one file, named with or without its folder and its suffix."""

    rows: tuple[tuple[str, Row], ...] = ()  # path -> facts under folded column names
    _by_path: _Index = field(init=False, repr=False, compare=False)
    _by_ending: _Index = field(init=False, repr=False, compare=False)  # of the paths: 'a/b.md' ends in 'b.md'

    def __post_init__(self) -> None:
        by_path: dict[_Parts, _Numbered] = {}
        by_ending: dict[_Parts, _Numbered] = {}
        for number, (path, row) in enumerate(self.rows):
            parts = _path_parts(path)
            by_path.setdefault(parts, (number, row))
            for first in range(len(parts)):
                by_ending.setdefault(parts[first:], (number, row))
        object.__setattr__(self, "_by_path", by_path)
        object.__setattr__(self, "_by_ending", by_ending)

    @classmethod
    def join(cls, tables: Iterable[Metadata]) -> Metadata:
        """Join several tables; the rows of an earlier one come first."""
        return cls(tuple(row for table in tables for row in table.rows))

    def row_for(self, source: str) -> Row | None:
        """Find the row of a file. Folders must agree if both name them; the longest agreement wins, then the first."""
        wanted = _path_parts(source)
        for shared in range(len(wanted), 0, -1):
            # A row may name more folders than the file only if it names all of the file's.
            index = self._by_ending if shared == len(wanted) else self._by_path
            for names in ((wanted[-1],), _bare_names(wanted[-1])):
                keys = [(*wanted[-shared:-1], name) for name in names]
                if found := [index[key] for key in keys if key in index]:
                    return min(found, key=itemgetter(0))[1]
        return None


def read_metadata(path: Path) -> Metadata:
    """Read the table of facts in a CSV file. Raises BadMetadata when it cannot be used."""
    if path.is_dir():
        raise BadMetadata(f"{path} is a folder; name a CSV table in it")
    if measure_file(path) > TABLE_LIMIT:
        raise BadMetadata(TOO_LARGE.format(path))
    try:
        return parse_metadata(read_whole(path, TABLE_LIMIT), path.name)
    except OSError as error:
        raise BadMetadata(f"{path} cannot be opened: {error.strerror or error}") from error


def parse_metadata(data: bytes, name: str) -> Metadata:
    """Read the table of facts in the bytes of a CSV file. Raises BadMetadata when it cannot be used."""
    text = _decode_table(data, name)
    heading = text.split("\n", 1)[0]
    table = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=heading.count), strict=True)
    try:
        rows = [(table.line_num, row) for row in table if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadMetadata(f"{name} is not a readable CSV table: {error} in line {table.line_num}") from error
    if len(rows) < 2:
        raise BadMetadata(f"{name} holds no rows; it needs a line of column names and one line for each file")
    columns = [fold_key(cell) for cell in rows[0][1]]
    file_column = next((column for column in FIELDS["file"] if column in columns), None)
    if file_column is None:
        found = ", ".join(filter(None, columns))
        raise BadMetadata(f"{name} has no column that names the files; call it 'file' (it has: {found})")
    return Metadata(tuple(_named_rows(name, columns, rows[1:], file_column)))


def write_metadata(metadata: Metadata) -> bytes:
    """Write a table of facts as a CSV file; what no file can hold becomes a question mark."""
    columns = dict.fromkeys(column for _, row in metadata.rows for column in row if column != "file")
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["file", *columns])
    table.writerows([path, *(row.get(column, "") for column in columns)] for path, row in metadata.rows)
    return out.getvalue().encode(errors="replace")


def _decode_table(data: bytes, name: str) -> str:
    if len(data) > TABLE_LIMIT:
        raise BadMetadata(TOO_LARGE.format(name))
    try:
        return decode_text(data)[0]
    except UnreadableFile as error:
        raise BadMetadata(f"{name} is not a CSV table: {error}") from error


def _named_rows(
    table: str, columns: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], file_column: str
) -> Iterator[tuple[str, Row]]:
    seen: dict[_Parts, int] = {}
    for line, cells in rows:
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise BadMetadata(f"{table}, line {line}: more cells than columns; put quotes around values with commas")
        row = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if column}
        path = row.get(file_column, "")
        if not path:
            continue
        parts = _path_parts(path)
        if parts in seen:
            raise BadMetadata(f"{table} names {path} twice, in lines {seen[parts]} and {line}; keep one of them")
        seen[parts] = line
        yield path, row


def _path_parts(path: str) -> _Parts:
    """Normalise a path for comparison: folders and name, without case, and without './' in front."""
    folded = unicodedata.normalize("NFC", path.strip()).casefold().replace("\\", "/")
    return tuple(part for part in folded.split("/") if part not in ("", "."))


def _bare_names(name: str) -> tuple[str, str]:
    """Return a file's name without its suffix, and without the one before it, as in 'talk.vtt.xz'."""
    bare = FILE_SUFFIX.sub("", name)
    return bare, FILE_SUFFIX.sub("", bare)
