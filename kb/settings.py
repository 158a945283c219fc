"""Settings: where things are kept and which parts are used, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_HOME = Path(".kb")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a knowledge base is opened."""

    home: Path = DEFAULT_HOME  # holds all state
    embed_model: str | None = None  # a sentence-transformers name or folder; None: the carried all-MiniLM-L6-v2
    chroma_url: str | None = None  # a Chroma server; None: Chroma embedded in the home folder

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the KB_* variables; an empty value counts as not set."""
        return cls(
            home=Path(environment.get("KB_HOME") or DEFAULT_HOME),
            embed_model=environment.get("KB_EMBED_MODEL") or None,
            chroma_url=environment.get("KB_CHROMA_URL") or None,
        )
