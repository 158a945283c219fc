"""The interface of a pipeline that is measured, and the list of them.

Every module here that is named in PEERS has `build_peer(corpus: Corpus, home: Path) -> Peer`; it is imported only when
it is used, so that a bench of one pipeline needs none of the others' packages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

from bench.inputs import Corpus, MissingInput

PASSAGES = 20  # asked of each pipeline for each question
OURS = "ours"
BASELINE = "llama_defaults"  # what query times are compared with
PEERS = (OURS, BASELINE, "llama_tuned", "txtai_hybrid", "langchain_ensemble")


@dataclass(frozen=True, slots=True)
class Result:
    """A passage as it would be shown to a person."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a pipeline finds for a question."""

    results: tuple[Result, ...]  # best first
    coverage: float | None = None  # larger: surer that the corpus answers; None: its scores do not say
    covered: bool | None = None  # False: it refuses to answer; None: it always answers


class Peer(Protocol):
    """A pipeline that has been built over a corpus and can be asked."""

    @property
    def name(self) -> str:
        """Its name in the table."""

    @property
    def passages(self) -> int:
        """Number of passages into which it cut the corpus."""

    def search(self, question: str) -> Found:
        """Find the best PASSAGES passages."""

    def close(self) -> None:
        """Close what is open."""


Build = Callable[[Corpus, Path], Peer]  # reads, cuts, embeds and stores everything, its state in that folder


def find_build(module: str) -> Build:
    """Find the function that builds a module's pipeline. Raises MissingInput when its packages are not installed."""
    try:
        build: Build = import_module(f"bench.peers.{module}").build_peer
    except ModuleNotFoundError as error:
        raise MissingInput(
            f"{module} needs {error.name}; run: make bench-quality, or: pip install -r bench/requirements.txt"
        ) from error
    return build
