"""The one knowledge base of all sessions, and what was found in it as long as its interviews stay the same."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from kb.answering.compare import Comparison
from kb.errors import KBError, StoreUnavailable
from kb.exports.pack.material import Material, gather, gather_from_collection
from kb.knowledge_base import KnowledgeBase
from kb.lens.evidence import Evidence
from kb.model import Answer, Dimension, Facets, Interview, Query, Transcript
from kb.pages.memory import freeze_loaded
from kb.quotes.desk import FoundQuotation
from kb.retrieval.coverage import Calibration
from kb.settings import Settings
from kb.storage.rows import Counts
from kb.storage.stores import CATALOG_FILE

MOST_WARMING = 10.0  # seconds that stopping the app waits for the models to be loaded
WARMING = "warming"  # the name of the threads that load them
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
    """Find the answer to a query. Raises BadQuestion, ModelMissing or StoreUnavailable."""
    with knowledge_base.take_turn():
        return _find_answer(knowledge_base, query, knowledge_base.generation(), knowledge_base.calibration())


def find_comparison(knowledge_base: KnowledgeBase, query: Query, by: Dimension, values: Sequence[str]) -> Comparison:
    """Find what several say to a question. Raises BadQuestion, ModelMissing or StoreUnavailable."""
    with knowledge_base.take_turn():
        generation, calibration = knowledge_base.generation(), knowledge_base.calibration()
        return _find_comparison(knowledge_base, query, by, tuple(values), generation, calibration)


def find_quotations(knowledge_base: KnowledgeBase, query: Query) -> Sequence[FoundQuotation]:
    """Find quotations to print. Raises BadQuestion, ModelMissing or StoreUnavailable."""
    with knowledge_base.take_turn():
        return _find_quotations(knowledge_base, query, knowledge_base.generation())


def find_material(knowledge_base: KnowledgeBase, query: Query, theme: str, collection: str) -> Material:
    """Find what a workshop is made from; a collection is read anew, for its pins change without a new generation.

    Raises BadPack, BadQuestion, BadCollection, ModelMissing or StoreUnavailable.
    """
    if collection:
        return gather_from_collection(knowledge_base, collection)
    with knowledge_base.take_turn():
        version, calibration = knowledge_base.lens.version(), knowledge_base.calibration()
        return _find_material(knowledge_base, query, theme, version, calibration)


def find_evidence(knowledge_base: KnowledgeBase, query: Query) -> Evidence | None:
    """Find both sides of the framework, where they answer the question; None for another question, or too few leaders.

    Raises BadQuestion, ModelMissing or StoreUnavailable.
    """
    with knowledge_base.take_turn():
        found = _find_evidence(knowledge_base, query, knowledge_base.lens.version())
    return found if found and found.is_enough else None


def find_interviews(knowledge_base: KnowledgeBase) -> Sequence[Interview]:
    """List all interviews, sorted by title. Raises StoreUnavailable."""
    return _find_interviews(knowledge_base, knowledge_base.generation())


def find_counts(knowledge_base: KnowledgeBase) -> Counts:
    """Find the sizes of the knowledge base. Raises StoreUnavailable."""
    return _find_counts(knowledge_base, knowledge_base.generation())


def find_facets(knowledge_base: KnowledgeBase) -> Facets:
    """List all filter values with their number of interviews. Raises StoreUnavailable."""
    return _find_facets(knowledge_base, knowledge_base.generation())


def find_transcripts(knowledge_base: KnowledgeBase, interview_ids: Iterable[str]) -> dict[str, Transcript]:
    """Find interviews with all their turns, by id. Raises StoreUnavailable, or UnknownInterview where one is gone."""
    generation = knowledge_base.generation()
    return {one: _find_transcript(knowledge_base, one, generation) for one in interview_ids}


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
            " put it back, or restore a backup into a new KB_HOME with kb restore"
        ) from error
    return found.st_dev, found.st_ino


@st.cache_resource(show_spinner=False, on_release=_Shared.close)
def _open_shared(settings: Settings) -> _Shared:
    knowledge_base = KnowledgeBase.open(settings)
    warming = threading.Thread(target=_warm, args=(knowledge_base,), name=WARMING, daemon=True)
    warming.start()
    atexit.register(warming.join, MOST_WARMING)  # a thread that is inside torch when Python ends aborts the process
    return _Shared(knowledge_base, _find_catalog(settings))


def _warm(knowledge_base: KnowledgeBase) -> None:
    """Load the models while the reader looks at the first page; what is wrong with them, the first question tells."""
    with suppress(KBError, RuntimeError):  # RuntimeError: Python ends, and no thread can be started any more
        knowledge_base.warm()
        knowledge_base.warm_language_model()
    freeze_loaded()


# Turns are taken before the caches' locks: a thread that waits for a turn must hold nothing that others wait for.
#
# What is found stays true until a change is committed, which raises the generation; an answer, until the coverage
# thresholds are learnt again, too. Each is asked for before anything is read: what is newer than its key is found once
# more, what is older never passes for new. Opening another knowledge base clears all of it.


@st.cache_resource(show_spinner=False, max_entries=200, hash_funcs={KnowledgeBase: id})
def _find_answer(
    knowledge_base: KnowledgeBase,
    query: Query,
    generation: int,  # noqa: ARG001 - part of the key
    calibration: Calibration,  # noqa: ARG001 - part of the key
) -> Answer:
    return knowledge_base.ask(query)


@st.cache_resource(show_spinner=False, max_entries=50, hash_funcs={KnowledgeBase: id})
def _find_evidence(
    knowledge_base: KnowledgeBase,
    query: Query,
    version: str,  # noqa: ARG001 - part of the key
) -> Evidence | None:
    sides = knowledge_base.lens.takes(query.text)
    return knowledge_base.lens.evidence(query, sides[0]) if sides else None


@st.cache_resource(show_spinner=False, max_entries=50, hash_funcs={KnowledgeBase: id})
def _find_comparison(
    knowledge_base: KnowledgeBase,
    query: Query,
    by: Dimension,
    values: tuple[str, ...],
    generation: int,  # noqa: ARG001 - part of the key
    calibration: Calibration,  # noqa: ARG001 - part of the key
) -> Comparison:
    return knowledge_base.compare(query, by, values)


@st.cache_resource(show_spinner=False, max_entries=50, hash_funcs={KnowledgeBase: id})
def _find_quotations(knowledge_base: KnowledgeBase, query: Query, generation: int) -> Sequence[FoundQuotation]:  # noqa: ARG001 - part of the key
    return tuple(knowledge_base.quotes.find(query))


@st.cache_resource(show_spinner=False, max_entries=50, hash_funcs={KnowledgeBase: id})
def _find_material(
    knowledge_base: KnowledgeBase,
    query: Query,
    theme: str,
    version: str,  # noqa: ARG001 - part of the key: of the interviews, and of what people said of them
    calibration: Calibration,  # noqa: ARG001 - part of the key
) -> Material:
    def ask(asked: Query) -> Answer:
        return find_answer(knowledge_base, asked)

    return gather(knowledge_base, query, theme, ask=ask)


@st.cache_resource(show_spinner=False, max_entries=1, hash_funcs={KnowledgeBase: id})
def _find_interviews(knowledge_base: KnowledgeBase, generation: int) -> Sequence[Interview]:  # noqa: ARG001 - part of the key
    return tuple(knowledge_base.interviews())


@st.cache_resource(show_spinner=False, max_entries=1, hash_funcs={KnowledgeBase: id})
def _find_counts(knowledge_base: KnowledgeBase, generation: int) -> Counts:  # noqa: ARG001 - part of the key
    return knowledge_base.counts()


@st.cache_resource(show_spinner=False, max_entries=1, hash_funcs={KnowledgeBase: id})
def _find_facets(knowledge_base: KnowledgeBase, generation: int) -> Facets:  # noqa: ARG001 - part of the key
    return knowledge_base.facets()


@st.cache_resource(show_spinner=False, max_entries=100, hash_funcs={KnowledgeBase: id})
def _find_transcript(knowledge_base: KnowledgeBase, interview_id: str, generation: int) -> Transcript:  # noqa: ARG001 - part of the key
    return knowledge_base.transcript(interview_id)
