"""Notice that the catalog was lost: it holds no interview, while the other stores are not empty."""

from __future__ import annotations

from kb.storage.catalog import Catalog
from kb.storage.damage import DamagedRow
from kb.storage.token_store import TokenStore
from kb.storage.vector_store import VectorStore

PUT_BACK = "put it back, correct KB_HOME or KB_CATALOG_URL, or restore a backup with kb restore into a new KB_HOME"
DISCARD = "kb doctor --repair --discard deletes what is left of them"


def find_loss(catalog: Catalog | None, vectors: VectorStore, tokens: TokenStore, location: str) -> str | None:
    """Say in one line that the catalog was lost, if it was. Raises StoreUnavailable when a store fails."""
    try:
        if catalog and catalog.has_interviews():
            return None
    except DamagedRow:  # whoever reads it says so
        return None
    # Read before the catalog is read again: a writer marks an interview there before it writes anything else.
    found, files = vectors.count(), tokens.count()
    # Vectors on a server may be those of others: with a new home folder, they prove nothing.
    if not (files or vectors.is_embedded) or not _is_lost(catalog, found, files):
        return None
    return (
        f"The catalog {location} holds no interview, and the other stores hold {found:,} vectors and {files:,} files of"
        f" token vectors: the catalog was lost, or is another one; {PUT_BACK}; {DISCARD}, to ingest again"
    )


def _is_lost(catalog: Catalog | None, vectors: int, files: int) -> bool:
    if not (vectors or files):
        return False
    if catalog is None:
        return True
    if catalog.has_interviews() or catalog.token_files.pending():
        return False
    # An interrupted removal of the last interview leaves its token file, and a generation.
    return vectors > 0 or catalog.generation() == 0
