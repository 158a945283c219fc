"""Find what is no text in Chroma's database: its engine ends the whole process over it.

Run as a program, in a process of its own: closing the database in a process that has Chroma open on it would drop the
locks that Chroma holds (https://www.sqlite.org/howtocorrupt.html, "Posix advisory locks canceled").
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

# Of the tables that say what is stored where: a few rows each, which Chroma reads before anything else.
TABLES = (
    "migrations", "tenants", "databases", "collections", "collection_metadata", "segments", "segment_metadata",
    "max_seq_id", "embeddings_queue_config",
)  # fmt: skip
SECONDS = 20.0  # to read them; it takes .03
MOST_ROWS = 10_000  # of a table


def find_broken_table(path: Path) -> str | None:
    """Return the first table that holds what is no text; None too if that cannot be looked at."""
    if not path.exists():
        return None
    command = [sys.executable, "-I", "-S", __file__, str(path.absolute())]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 - ours
    except (OSError, subprocess.TimeoutExpired):  # no process can be started; Chroma says itself what it cannot read
        return None
    return done.stdout.decode().strip() or None


def read_tables(path: Path) -> str:
    """Return the name of the first table that holds what is no text, if any."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes.decode
        for table in TABLES:
            try:
                connection.execute(f"SELECT * FROM {table} LIMIT {MOST_ROWS}").fetchall()  # noqa: S608 - names of ours
            except UnicodeDecodeError:  # of a value, or of what SQLite says is wrong
                return table
            except sqlite3.Error:
                return ""
    return ""


if __name__ == "__main__":
    sys.stdout.write(read_tables(Path(sys.argv[1])))
