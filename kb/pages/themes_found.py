"""What the interviews say of themes, kept until one of them changes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from kb.knowledge_base import KnowledgeBase
from kb.lens.themes.evidence import ThemeOverview, ThemeQuotation
from kb.lens.themes.tensions import Tension
from kb.lens.timeline import Timeline
from kb.model import Query
from kb.retrieval.lexicon import Theme


def find_overview(knowledge_base: KnowledgeBase, query: Query) -> ThemeOverview:
    """Find of which themes the interviews speak. Raises ModelMissing or StoreUnavailable."""
    return _find_overview(knowledge_base, query, knowledge_base.generation())


def find_theme_quotations(
    knowledge_base: KnowledgeBase, theme: Theme, query: Query, first: int, most: int
) -> Sequence[ThemeQuotation]:
    """Find quotations of a theme. Raises ModelMissing or StoreUnavailable."""
    return _find_quotations(knowledge_base, theme, query, first, most, knowledge_base.generation())


def find_theme_timeline(knowledge_base: KnowledgeBase, theme: Theme, query: Query) -> Timeline:
    """Find when leaders speak of a theme. Raises ModelMissing or StoreUnavailable."""
    return _find_timeline(knowledge_base, theme, query, knowledge_base.generation())


def find_tensions(knowledge_base: KnowledgeBase, theme: Theme, query: Query) -> Sequence[Tension]:
    """Find where leaders pull in opposite directions. Raises ModelMissing or StoreUnavailable."""
    return _find_tensions(knowledge_base, theme, query, knowledge_base.generation())


@st.cache_resource(show_spinner=False, max_entries=50, hash_funcs={KnowledgeBase: id})
def _find_overview(knowledge_base: KnowledgeBase, query: Query, generation: int) -> ThemeOverview:  # noqa: ARG001 - part of the key
    return knowledge_base.theme_desk.overview(query)


@st.cache_resource(show_spinner=False, max_entries=100, hash_funcs={KnowledgeBase: id})
def _find_quotations(
    knowledge_base: KnowledgeBase,
    theme: Theme,
    query: Query,
    first: int,
    most: int,
    generation: int,  # noqa: ARG001 - part of the key
) -> Sequence[ThemeQuotation]:
    return tuple(knowledge_base.theme_desk.quotations(theme, query, slice(first, first + most)))


@st.cache_resource(show_spinner=False, max_entries=100, hash_funcs={KnowledgeBase: id})
def _find_timeline(
    knowledge_base: KnowledgeBase,
    theme: Theme,
    query: Query,
    generation: int,  # noqa: ARG001 - part of the key
) -> Timeline:
    return knowledge_base.theme_desk.timeline(theme, query)


@st.cache_resource(show_spinner=False, max_entries=100, hash_funcs={KnowledgeBase: id})
def _find_tensions(
    knowledge_base: KnowledgeBase,
    theme: Theme,
    query: Query,
    generation: int,  # noqa: ARG001 - part of the key
) -> Sequence[Tension]:
    return tuple(knowledge_base.theme_desk.tensions(theme, query))
