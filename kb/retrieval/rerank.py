"""Rerank passages with a cross-encoder, if one is set: slower, and often a better order."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import ModelMissing
from kb.model import Passage
from kb.retrieval.findings import Ranked

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

log = logging.getLogger(__name__)

DEPTH = 20  # passages that are reranked: on a laptop, each takes about 20 ms with a small cross-encoder


class Reranker:
    """A cross-encoder of sentence-transformers, loaded at the first use."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._model: CrossEncoder | None = None

    def reorder(self, question: str, ranked: Sequence[Ranked], passages: Mapping[str, Passage]) -> tuple[Ranked, ...]:
        """Reorder the first DEPTH passages by the cross-encoder, named people still first; the rest keep their order.

        Passages that are no longer stored go to the end of these. Raises ModelMissing when the model cannot be loaded.
        """
        head, tail = ranked[:DEPTH], ranked[DEPTH:]
        known = [one for one in head if one.passage_id in passages]
        if not known:
            return tuple(ranked)
        pairs = [(question, passages[one.passage_id].text) for one in known]
        scores = self._load().predict(pairs, show_progress_bar=False)
        order = sorted(range(len(known)), key=lambda place: (not known[place].is_named, -float(scores[place]), place))
        gone = [one for one in head if one.passage_id not in passages]
        return (*(known[place] for place in order), *gone, *tail)

    def _load(self) -> CrossEncoder:
        with self._lock:
            if self._model is None:
                self._model = _load_cross_encoder(self._source)
            return self._model


@cache
def open_reranker(source: str) -> Reranker:
    """Return the named cross-encoder, one instance per process; only a hub name is downloaded."""
    return Reranker(source)


def _load_cross_encoder(source: str) -> CrossEncoder:
    is_folder = Path(source).is_dir()
    if is_folder:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import CrossEncoder

    try:
        model: CrossEncoder = CrossEncoder(source, device="cpu", local_files_only=is_folder)
        return model
    except (OSError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        failure = ModelMissing(
            f"No cross-encoder could be loaded from {source!r}; set KB_RERANKER to the folder of one, or leave it out:"
            f" {reason}"
        )
        raise failure.logged(log, error) from error
