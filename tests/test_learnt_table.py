"""What was learnt for a framework, as the catalog keeps it, in both engines."""

from __future__ import annotations

from test_catalog import database

from kb.storage.catalog import Catalog
from kb.storage.database import Database
from kb.storage.learnt_table import LearntTable

__all__ = ["database"]


def test_what_was_learnt_is_kept_by_framework_in_both_engines(database: Database) -> None:
    Catalog.open(database, "model:1")
    table = LearntTable(database)
    assert (table.read("Rooms"), table.version(), table.remove("Rooms")) == (None, "", False)
    table.put("Rooms", "first")
    version = table.version()
    table.put("Rooms" * 1_000, "other")
    table.put("Rooms", "second")
    assert (table.read("Rooms"), table.read("Rooms" * 1_000)) == ("second", "other")
    assert table.version() != version
    assert table.remove("Rooms")
    assert table.read("Rooms") is None
