"""Read question and passage together with a cross-encoder, where one is set: slower, and often a better order."""

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

DEPTH = 20  # passages that are read again: on a laptop each takes some 20 ms of a small cross-encoder


class Reranker:
    """A cross-encoder of sentence-transformers, loaded at the first use and then kept."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._model: CrossEncoder | None = None

    def reorder(self, question: str, ranked: Sequence[Ranked], passages: Mapping[str, Passage]) -> tuple[Ranked, ...]:
        """The first DEPTH in the order of the cross-encoder, named people's still first; the rest as they were.

        One whose passage is gone keeps behind the others of the first.
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
    """The named cross-encoder, once a process; only a name that is no folder may reach for a model hub."""
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
