"""Measure what a knowledge base holds, and how large its stores are."""

from __future__ import annotations

from pathlib import Path

from kb.model import Status
from kb.storage.catalog import Catalog


def measure(home: Path, catalog: Catalog, model: str, threshold: float | None) -> Status:
    """Return the statistics of a home; slow where its folders hold many files."""
    counts, database = catalog.counts(), catalog.database
    return Status(
        home=str(home),
        catalog=database.location,
        model=model,
        generation=catalog.generation(),
        threshold=threshold,
        catalog_bytes=database.size(),
        vectors_bytes=_measure_folder(home / "chroma"),
        tokens_bytes=_measure_folder(home / "tokens"),
        interviews=counts.interviews,
        samples=counts.samples,
        leaders=counts.leaders,
        turns=counts.turns,
        passages=counts.passages,
        words=counts.words,
    )


def _measure_folder(folder: Path) -> int:
    """Return the size of a folder, in bytes; 0 if it does not exist, as with a Chroma server."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
