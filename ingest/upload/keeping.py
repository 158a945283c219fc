"""Keep uploaded files in a folder, with a table of the facts about them: all of an upload, or nothing of it."""

from __future__ import annotations

import hashlib
import re
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path, PurePosixPath

from ingest.files import SIDECAR, measure_file, write_whole
from ingest.metadata.corrections import CORRECTIONS_COLUMN, Corrections, write_corrections
from ingest.metadata.table import Metadata, Row, parse_metadata, read_metadata, write_metadata
from kb.errors import BadMetadata, StoreUnavailable, UnreadableFile
from kb.settings import UPLOAD_MB, UPLOADS_MB, Settings
from kb.storage.waiting import clear_waiting, mark_waiting

MOST_FILES = 200  # of one upload; a folder of more is read by kb-ingest
MB = 1_000_000  # bytes
ARRIVING = ".arriving"  # in the folder: files that are being written
NAME_BYTES = 200  # of a file's name; file systems allow 255, and a number goes beside it
SUFFIX_BYTES = 20  # of a name that is cut; a longer suffix is none
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a browser sends it or a link gives it, with the user's corrections of its speakers."""

    name: str
    data: bytes = field(repr=False)
    corrections: Corrections = field(default_factory=Corrections)
    facts: Row = field(default_factory=dict)  # that came with it; a table of facts wins
    stated: Row = field(default_factory=dict)  # what a person wrote about it; wins over both


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be uploaded, in bytes."""

    upload: int = UPLOAD_MB * MB  # the files of one upload
    folder: int = UPLOADS_MB * MB  # all uploads that are kept

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Take the limits of the settings."""
        return cls(settings.upload_mb * MB, settings.uploads_mb * MB)

    def describe(self, folder: Path) -> str:
        """Describe what may be uploaded, and how much of it is taken."""
        return (
            f"Up to {MOST_FILES} files and {_in_mb(self.upload)} MB at once."
            f" {_in_mb(measure_uploads(folder))} of {_in_mb(self.folder)} MB for uploads are taken."
        )

    def check_upload(self, sizes: Sequence[int]) -> None:
        """Check the files of one upload, by their sizes. Raises UnreadableFile when they are too many or too large."""
        if len(sizes) > MOST_FILES:
            advice = f"add at most {MOST_FILES} at once, or read their folder with kb-ingest"
            raise UnreadableFile(f"These are {len(sizes):,} files; {advice}")
        if sum(sizes) > self.upload:
            advice = "add fewer at once, or set KB_UPLOAD_MB"
            raise UnreadableFile(f"These files have {_in_mb(sum(sizes))} MB, more than {_in_mb(self.upload)}; {advice}")

    def check_folder(self, folder: Path, more: int) -> None:
        """Check that a folder can take more bytes. Raises StoreUnavailable when it is full."""
        held = measure_uploads(folder)
        if more > 0 and held + more > self.folder:
            advice = "delete files there that you do not need, or set KB_UPLOADS_MB"
            raise StoreUnavailable(
                f"{folder} holds {_in_mb(held)} of at most {_in_mb(self.folder)} MB, too many to keep"
                f" {_in_mb(more)} MB more; {advice}"
            )


def measure_uploads(folder: Path) -> int:
    """Return the size of the files in a folder, in bytes; 0 if it does not exist."""
    return sum(measure_file(path) for path in folder.glob("*"))


def keep_uploads(
    uploads: Sequence[Upload], folder: Path, table: bytes | None = None, limits: Limits | None = None
) -> list[Path]:
    """Write the files into a folder; a file there with the same name is replaced, as by a newer version.

    Names lose their folders, and are the same whatever their case. Of two files of one name in the same upload, the
    second gets a number. The facts about them go into the folder's own table, so that the next ingest of the folder
    finds them. Each upload is marked as waiting until it is ingested. Raises BadMetadata when a table cannot be used,
    UnreadableFile or StoreUnavailable when it is too much, and OSError; nothing is replaced then.
    """
    facts = Metadata() if table is None else parse_metadata(table, SIDECAR)
    kept = _choose_paths([upload.name for upload in uploads], folder)
    rows = [(path.name, row_of(upload, facts)) for upload, path in zip(uploads, kept, strict=True)]
    new_table = _write_table(_merge_rows(_read_rows(folder / SIDECAR), rows))
    if limits:
        limits.check_upload([len(upload.data) for upload in uploads])
        limits.check_folder(folder, sum(len(one.data) for one in uploads) - sum(map(measure_file, kept)))
    _write_files(dict(zip(kept, (upload.data for upload in uploads), strict=True)), folder, new_table)
    return kept


def row_of(upload: Upload, facts: Metadata) -> Row:
    """Return the table's row for an upload, with the corrections of its speakers."""
    found = facts.row_for(upload.name) or {}
    told = {name: value for name, value in found.items() if value or name not in upload.facts}
    row = {**upload.facts, **told, **upload.stated}
    if stated := write_corrections(upload.corrections):
        row[CORRECTIONS_COLUMN] = "; ".join(filter(None, (row.get(CORRECTIONS_COLUMN), stated)))
    return row


def plain_name(name: str) -> str:
    """Return a name that any file system and any table can hold: without folders, blanks at its ends and dots first."""
    plain = CONTROL.sub(" ", PurePosixPath(name.replace("\\", "/")).name).strip()
    while plain.startswith("."):
        plain = plain.lstrip(".").strip()
    plain = _shorten(plain)
    return f"_{plain}" if _fold(plain) in ("", SIDECAR) else plain


def _in_mb(size: int) -> str:
    return f"{-(-size // MB):,}"


def _choose_paths(names: Sequence[str], folder: Path) -> list[Path]:
    """Choose where each file goes: over a file of its name that is there, beside one of its name from this upload."""
    there = {_fold(path.name): path for path in folder.glob("*")}
    chosen: dict[str, Path] = {}
    for name in names:
        plain = folder / plain_name(name)
        path = next(path for path in _variants(plain) if _fold(path.name) not in chosen)
        folded = _fold(path.name)
        chosen[folded] = path if path.exists() else there.get(folded, path)
    return list(chosen.values())


def _read_rows(table: Path) -> Sequence[tuple[str, Row]]:
    try:
        return read_metadata(table).rows if table.is_file() else ()
    except BadMetadata as error:
        raise BadMetadata(f"The table of earlier uploads cannot be used: {error}; mend or delete {table}") from error


def _merge_rows(before: Sequence[tuple[str, Row]], rows: Sequence[tuple[str, Row]]) -> Metadata:
    """Put rows into a table; they replace their files' former rows, and rows of other files stay."""
    names = {_fold(name) for name, _ in rows}
    return Metadata((*(row for row in before if _fold(row[0]) not in names), *(row for row in rows if row[1])))


def _write_table(rows: Metadata) -> bytes | None:
    """Write a table and read it back, before it replaces one. Raises BadMetadata when it would read otherwise."""
    if not rows.rows:
        return None
    data = write_metadata(rows)
    try:
        again = dict(parse_metadata(data, SIDECAR).rows)
    except BadMetadata as error:
        raise BadMetadata(f"The facts cannot be kept ({error}); shorten them, or the corrections") from error
    for name, row in rows.rows:
        found = again.get(name.strip(), {})
        wrong = [column for column, value in row.items() if column != "file" and found.get(column, "") != value.strip()]
        if wrong:
            raise BadMetadata(f"The facts about {name} cannot be kept: {wrong[0]} holds characters that no table holds")
    return data


def _write_files(files: dict[Path, bytes], folder: Path, table: bytes | None) -> None:
    """Write the files under other names first; when all are there, replace the table, and then the files."""
    arriving = folder / ARRIVING
    shutil.rmtree(arriving, ignore_errors=True)  # of an upload that was cut off
    waiting = {path.name: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    try:
        mark_waiting(folder, waiting)
        arriving.mkdir()
        for path, data in files.items():
            (arriving / path.name).write_bytes(data)
        _replace_table(folder / SIDECAR, table)
        for path in files:
            (arriving / path.name).replace(path)
            waiting.pop(path.name)
    except OSError:
        clear_waiting(folder, waiting)
        raise
    finally:
        shutil.rmtree(arriving, ignore_errors=True)


def _replace_table(table: Path, data: bytes | None) -> None:
    if data is None:
        table.unlink(missing_ok=True)
    else:
        write_whole(table, data)


def _fold(name: str) -> str:
    """Fold a name as the table does, and as some file systems do: two that differ in case name one file."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def _shorten(name: str) -> str:
    """Cut a name to what file systems allow, before its suffix."""
    if len(name.encode()) <= NAME_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    if len(suffix.encode()) > SUFFIX_BYTES:
        suffix = ""
    stem = name.removesuffix(suffix).encode()[: NAME_BYTES - len(suffix.encode())]
    return f"{stem.decode(errors='ignore').strip()}{suffix}"


def _variants(path: Path) -> Iterable[Path]:
    yield path
    yield from (path.with_name(f"{path.stem} ({number}){path.suffix}") for number in count(2))
