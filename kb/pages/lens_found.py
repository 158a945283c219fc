"""What the lens found, kept until an interview or a judgement of a person changes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kb.knowledge_base import KnowledgeBase
from kb.lens.balance import By, Cell, Weight
from kb.lens.evidence import LensQuotation
from kb.model import Query


def find_cells(knowledge_base: KnowledgeBase, query: Query, *, unsure: bool) -> Sequence[Cell]:
    """Count passages by leader and behaviour. Raises ModelMissing or StoreUnavailable."""
    return _find_cells(knowledge_base, query, unsure, knowledge_base.lens.version())


def find_weights(knowledge_base: KnowledgeBase, query: Query, by: By) -> Sequence[Weight]:
    """Count passages on both sides by leader, sector or year. Raises ModelMissing or StoreUnavailable."""
    return _find_weights(knowledge_base, query, by, knowledge_base.lens.version())


def find_quotations(
    knowledge_base: KnowledgeBase,
    query: Query,
    behaviour_id: str,
    leader: str | None,
    first: int,
    most: int,
    *,
    unsure: bool,
) -> Sequence[LensQuotation]:
    """Find the quotations of a behaviour. Raises BadQuestion, ModelMissing or StoreUnavailable."""
    return _find_quotations(
        knowledge_base, query, behaviour_id, leader, first, most, unsure, knowledge_base.lens.version()
    )


@st.cache_resource(show_spinner=False, max_entries=50, hash_funcs={KnowledgeBase: id})
def _find_cells(
    knowledge_base: KnowledgeBase,
    query: Query,
    unsure: bool,
    version: str,  # noqa: ARG001 - part of the key
) -> Sequence[Cell]:
    return tuple(knowledge_base.lens.table(query, unsure=unsure))


@st.cache_resource(show_spinner=False, max_entries=50, hash_funcs={KnowledgeBase: id})
def _find_weights(
    knowledge_base: KnowledgeBase,
    query: Query,
    by: By,
    version: str,  # noqa: ARG001 - part of the key
) -> Sequence[Weight]:
    return tuple(knowledge_base.lens.weigh(by, query))


@st.cache_resource(show_spinner=False, max_entries=100, hash_funcs={KnowledgeBase: id})
def _find_quotations(
    knowledge_base: KnowledgeBase,
    query: Query,
    behaviour_id: str,
    leader: str | None,
    first: int,
    most: int,
    unsure: bool,
    version: str,  # noqa: ARG001 - part of the key
) -> Sequence[LensQuotation]:
    return tuple(
        knowledge_base.lens.passages(behaviour_id, leader, query, unsure=unsure, within=slice(first, first + most))
    )
