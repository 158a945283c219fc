"""Hostile names of files and of uploads, and hostile tables of facts: read, kept or refused in one line."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.files import list_files, list_ids, read_bytes
from ingest.metadata.corrections import STATED_ROLES, Corrections
from ingest.metadata.table import Metadata, parse_metadata, write_metadata
from ingest.reading import read_file
from ingest.upload.keeping import Upload, keep_uploads
from kb.errors import KBError

TALK = b"**Ada Byron:** I trust the people on the line.\n\n**Ben Oyo:** Why do you?\n"
TABLE = b'file,title,leader,date\ntalk.md,A talk,Ada Byron,2020-01-02\nother.md,"Another, longer",Ben Oyo,\n'
BITS = (
    "a", "talk", "TALK", "Talk", "\u00e9", "e\u0301", "\u00df", "ss", "\u0130", "\u4eba", " ", "  ", "\t", "\n", "\r",
    "\x85", "\u2028", "\xa0", "\0", "\x1b[2J", ".", "..", "...", "/", "\\", "../", "C:", "~", "-", "--", "=1+1", "@",
    "+", ",", ";", '"', '""', "'", "=", "|", "(2)", " (2)", ".md", ".csv", ".xz", "metadata.csv", "METADATA.CSV",
    "README.md", "LICENSE", ".part", ".lock", ".waiting", ".arriving", "\u202e", "\ud800", "\U0001f600", "%s", "{}",
    "x" * 90, "\u00e9" * 90, "file,title", "file", "leader",
)  # fmt: skip


def make_name(chance: random.Random) -> str:
    """A name of a few odd pieces, often one that is much like another."""
    return "".join(chance.choice(BITS) for _ in range(chance.randint(0, 5)))


def try_uploads(chance: random.Random) -> None:
    """Two uploads of odd names and corrections, and then a plain one, which must be kept."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "uploads"
        folder.mkdir()
        for _ in range(2):
            uploads = [Upload(make_name(chance), TALK, _make_corrections(chance)) for _ in range(chance.randint(1, 4))]
            with _one_line():
                kept = keep_uploads(uploads, folder, _make_table(chance) if chance.random() < 0.5 else None)
                assert len(set(kept)) == len(uploads), "each upload has a file"
                assert all(path.parent == folder and path.read_bytes() == TALK for path in kept), "it is in the folder"
                listed = {file.path for file in list_files(kept)}
                assert listed == set(kept), "it is found again"
        stated = Corrections(roles={"Ada Byron": "leader"})
        (plain,) = keep_uploads([Upload("plain.md", TALK, stated)], folder)
        row = parse_metadata((folder / "metadata.csv").read_bytes(), "metadata.csv").row_for("plain.md") or {}
        assert (plain.name, row["labels"]) == ("plain.md", "Ada Byron= (leader)"), "the next upload is kept"


def try_table(chance: random.Random) -> None:
    """A broken table of facts; what is read of it can be written, and reads the same again."""
    with _one_line():
        read = parse_metadata(_make_table(chance), "metadata.csv")
        reading = read_file(TALK, "talk.md", interview_id="talk", row=read.row_for("talk.md"))
        title = reading.transcript.interview.title
        assert title.isprintable() or not any(sign < " " for sign in title), "no control characters"
        again = parse_metadata(write_metadata(read), "metadata.csv")
        assert [dict(row) for _, row in again.rows] == [
            {"file": path, **{name: row.get(name, "") for name in again.rows[0][1] if name != "file"}}
            for path, row in read.rows
        ], "a table is read as it was written"


def try_files(chance: random.Random) -> None:
    """Files of odd names in a folder: each is read, refused or passed over, and nothing stops the others."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        for _ in range(chance.randint(1, 6)):
            name = make_name(chance).encode("utf-8", "surrogatepass").replace(b"/", b"").replace(b"\0", b"")[:255]
            with suppress(OSError):
                (folder / os.fsdecode(name)).write_bytes(TALK)
        (folder / "plain.md").write_bytes(TALK)
        read = 0
        for file in list_files([folder]):
            with _one_line():
                ids = list(islice(list_ids(file.source), 30))
                assert all(one and one.isascii() and "/" not in one for one in ids), "an id stands in an address"
                assert len(set(ids)) > 25, "ids differ"
                read += bool(read_file(read_bytes(file.path), file.source, interview_id=ids[0]).transcript.turns)
        assert read, "the plain file is read"


WAYS: tuple[Callable[[random.Random], None], ...] = (try_uploads, try_table, try_files)


@contextmanager
def _one_line() -> Iterator[None]:
    reason = "none"
    try:
        yield
    except KBError as error:
        reason = str(error)
    assert reason, "a refusal says why"
    assert "\n" not in reason, "a refusal is one line"
    assert "-v shows where" not in reason, "a refusal is for the file's faults"


def _make_corrections(chance: random.Random) -> Corrections:
    names = {make_name(chance): make_name(chance) for _ in range(chance.randint(0, 2))}
    if chance.random() < 0.02:
        names["SPEAKER_00"] = "a" * 140_000
    return Corrections(names, {make_name(chance): chance.choice(STATED_ROLES) for _ in range(chance.randint(0, 2))})


def _make_table(chance: random.Random) -> bytes:
    rows = [[make_name(chance) for _ in range(4)] for _ in range(chance.randint(0, 3))]
    made = io.BytesIO(TABLE)
    made.seek(0, io.SEEK_END)
    if chance.random() < 0.5:  # in good form
        table = Metadata(tuple((row[0], {"title": row[1], "leader": row[2], "date": row[3]}) for row in rows))
        return write_metadata(table)
    for row in rows:
        made.write(",".join(row).encode("utf-8", "surrogatepass") + chance.choice((b"\n", b"\r\n", b"")))
    data = made.getvalue()
    return data[: chance.randrange(len(data) + 1)] if chance.random() < 0.2 else data
