"""Open the stores that the settings name."""

from __future__ import annotations

from pathlib import Path

from kb.storage.database import Database
from kb.storage.postgres import PostgresServer
from kb.storage.sqlite import SqliteFile


def open_database(home: Path, url: str | None) -> Database:
    """The PostgreSQL database at an address, or without one the SQLite file in the home folder."""
    return SqliteFile(home / "catalog.sqlite") if url is None else PostgresServer.at(url)
