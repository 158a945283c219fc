"""Files into the knowledge base: which are read, what is stored of each, and what becomes of those that have left."""

from ingest.pipeline.run import ingest_paths

__all__ = ["ingest_paths"]
