"""A reader with a bug in it, whose error repeats the transcript."""

from __future__ import annotations

from ingest.script import Script


def read(data: bytes, _name: str) -> Script:
    """Looks for a key that is not there."""
    return {"text": Script("text", ())}[data.decode()]
