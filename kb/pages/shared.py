"""The one knowledge base of all sessions, and what was found in it as long as its interviews stay the same."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from kb.answering.compare import Comparison
from kb.errors import KBError, StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Answer, Dimension, Query
from kb.settings import Settings
from kb.storage.stores import CATALOG_FILE

MOST_WARMING = 10.0  # seconds that stopping the app waits for the models to be loaded
REOPENING = threading.Lock()  # one session alone decides that the knowledge base of all is opened anew


def open_kb() -> KnowledgeBase:
    """The knowledge base that all sessions share, opened anew where another catalog has come into its place.

    Raises IndexMismatch, StoreUnavailable, ModelMissing or BadSetting.
    """
    settings = Settings.from_env()
    if _open_shared(settings).file != _find_catalog(settings):
        with REOPENING:
            if _open_shared(settings).file != _find_catalog(settings):
                st.cache_resource.clear()  # with all that was made of it, such as answers
    return _open_shared(settings).knowledge_base


def find_answer(knowledge_base: KnowledgeBase, query: Query) -> Answer:
    """The answer to a query, found once for as long as the interviews stay the same."""
    return _find_answer(knowledge_base, query, knowledge_base.generation())


def find_comparison(knowledge_base: KnowledgeBase, query: Query, by: Dimension, values: Sequence[str]) -> Comparison:
    """What several say to a question, found once for as long as the interviews stay the same."""
    return _find_comparison(knowledge_base, query, by, tuple(values), knowledge_base.generation())


@dataclass(frozen=True, slots=True)
class _Shared:
    """The knowledge base of all sessions."""

    knowledge_base: KnowledgeBase
    file: tuple[int, int] | None  # which file its catalog was when it was opened; None: that is in PostgreSQL

    def close(self) -> None:
        """Close it."""
        self.knowledge_base.close()


def _find_catalog(settings: Settings) -> tuple[int, int] | None:
    """Which file the catalog is now. One that was moved away or replaced could be read as it was for ever."""
    if settings.catalog_url:
        return None
    path = settings.home / CATALOG_FILE
    try:
        found = path.stat()
    except OSError as error:
        raise StoreUnavailable(
            f"The catalog {path} cannot be found: {error.strerror};"
            " put it back, or start the app again to begin with an empty one"
        ) from error
    return found.st_dev, found.st_ino


@st.cache_resource(show_spinner=False, on_release=_Shared.close)
def _open_shared(settings: Settings) -> _Shared:
    knowledge_base = KnowledgeBase.open(settings)
    warming = threading.Thread(target=_warm, args=(knowledge_base,), daemon=True)
    warming.start()
    atexit.register(warming.join, MOST_WARMING)  # a thread that is inside torch when Python ends aborts the process
    return _Shared(knowledge_base, _find_catalog(settings))


def _warm(knowledge_base: KnowledgeBase) -> None:
    """Load the models while the reader looks at the first page; what is wrong with them, the first question tells."""
    with suppress(KBError, RuntimeError):  # RuntimeError: Python ends, and no thread can be started any more
        knowledge_base.warm()
        knowledge_base.warm_language_model()


@st.cache_resource(show_spinner=False, max_entries=200)
def _find_answer(_knowledge_base: KnowledgeBase, query: Query, generation: int) -> Answer:  # noqa: ARG001 - part of the key
    return _knowledge_base.ask(query)


@st.cache_resource(show_spinner=False, max_entries=50)
def _find_comparison(
    _knowledge_base: KnowledgeBase,
    query: Query,
    by: Dimension,
    values: tuple[str, ...],
    generation: int,  # noqa: ARG001 - part of the key
) -> Comparison:
    return _knowledge_base.compare(query, by, values)
