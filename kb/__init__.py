"""The knowledge base: store interviews, find passages, answer with cited quotations.

The names listed here are the public API; everything else may change. A name is imported at its first use, so that
`import kb` loads neither a model nor a store.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

# People see an error as one line; tracebacks are only for programs that configure logging.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [  # noqa: RUF022 - in groups
    # Open a knowledge base and ask it
    "KnowledgeBase",
    "Settings",
    "LanguageModelSettings",
    "Query",
    # Search results and answers
    "Answer",
    "Group",
    "Sentence",
    "Citation",
    "Coverage",
    "ThemeName",
    "Hit",
    "Passage",
    "Span",
    "format_attribution",
    "format_place",
    # Comparisons, generated text, follow-up questions
    "Comparison",
    "Column",
    "Synthesis",
    "RewrittenQuestion",
    # Stored data
    "Interview",
    "Leader",
    "Transcript",
    "Turn",
    "Mark",
    "Theme",
    "Facets",
    "Facet",
    "Feedback",
    "Excerpt",
    "Status",
    "Finding",
    # Collections of quotations
    "Collection",
    "Pin",
    "KeptQuotation",
    # Behaviours of leaders
    "Framework",
    "Behaviour",
    "Judgement",
    "Evidence",
    "SideEvidence",
    "BehaviourEvidence",
    "LensQuotation",
    "Balance",
    "Cell",
    "Timeline",
    "Year",
    # Themes of the lexicon that the interviews speak of
    "ThemeOverview",
    "ThemeEvidence",
    "ThemeCluster",
    "ThemeQuotation",
    "Tension",
    # Errors
    "KBError",
    "BadBackup",
    "BadCollection",
    "BadFramework",
    "BadLexicon",
    "BadMetadata",
    "BadPack",
    "BadPicture",
    "BadQuestion",
    "BadReport",
    "BadSetting",
    "BadTag",
    "FetchFailed",
    "IndexMismatch",
    "LanguageModelFailed",
    "ModelMissing",
    "StoreUnavailable",
    "TokenFileGone",
    "UnfoundQuote",
    "UnknownInterview",
    "UnreadableFile",
]

_NAMES = {
    "kb.knowledge_base": "KnowledgeBase",
    "kb.settings": "LanguageModelSettings Settings",
    "kb.model": (
        "Answer Citation Coverage Excerpt Facet Facets Feedback Group Hit Interview Leader Mark Passage Query Sentence"
        " Span Status ThemeName Transcript Turn"
    ),
    "kb.answering.attribution": "format_attribution format_place",
    "kb.answering.compare": "Column Comparison",
    "kb.answering.follow_up": "RewrittenQuestion",
    "kb.generation.synthesis": "Synthesis",
    "kb.lens.balance": "Balance Cell",
    "kb.lens.evidence": "BehaviourEvidence Evidence LensQuotation SideEvidence",
    "kb.lens.framework": "Behaviour Framework",
    "kb.lens.judge": "Judgement",
    "kb.lens.timeline": "Timeline Year",
    "kb.lens.themes.evidence": "ThemeCluster ThemeEvidence ThemeOverview ThemeQuotation",
    "kb.lens.themes.tensions": "Tension",
    "kb.retrieval.lexicon": "Theme",
    "kb.quotes.collections.refinding": "KeptQuotation",
    "kb.storage.collection_table": "Collection Pin",
    "kb.storage.doctor": "Finding",
    "kb.errors": (
        "BadBackup BadCollection BadFramework BadLexicon BadMetadata BadPack BadPicture BadQuestion BadReport"
        " BadSetting BadTag FetchFailed IndexMismatch KBError LanguageModelFailed ModelMissing StoreUnavailable"
        " TokenFileGone UnfoundQuote UnknownInterview UnreadableFile"
    ),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

if TYPE_CHECKING:
    from kb.answering.attribution import format_attribution, format_place
    from kb.answering.compare import Column, Comparison
    from kb.answering.follow_up import RewrittenQuestion
    from kb.errors import (
        BadBackup,
        BadCollection,
        BadFramework,
        BadLexicon,
        BadMetadata,
        BadPack,
        BadPicture,
        BadQuestion,
        BadReport,
        BadSetting,
        BadTag,
        FetchFailed,
        IndexMismatch,
        KBError,
        LanguageModelFailed,
        ModelMissing,
        StoreUnavailable,
        TokenFileGone,
        UnfoundQuote,
        UnknownInterview,
        UnreadableFile,
    )
    from kb.generation.synthesis import Synthesis
    from kb.knowledge_base import KnowledgeBase
    from kb.lens.balance import Balance, Cell
    from kb.lens.evidence import BehaviourEvidence, Evidence, LensQuotation, SideEvidence
    from kb.lens.framework import Behaviour, Framework
    from kb.lens.judge import Judgement
    from kb.lens.themes.evidence import ThemeCluster, ThemeEvidence, ThemeOverview, ThemeQuotation
    from kb.lens.themes.tensions import Tension
    from kb.lens.timeline import Timeline, Year
    from kb.model import (
        Answer,
        Citation,
        Coverage,
        Excerpt,
        Facet,
        Facets,
        Feedback,
        Group,
        Hit,
        Interview,
        Leader,
        Mark,
        Passage,
        Query,
        Sentence,
        Span,
        Status,
        ThemeName,
        Transcript,
        Turn,
    )
    from kb.quotes.collections.refinding import KeptQuotation
    from kb.retrieval.lexicon import Theme
    from kb.settings import LanguageModelSettings, Settings
    from kb.storage.collection_table import Collection, Pin
    from kb.storage.doctor import Finding
else:  # hidden from type checkers: they know the names above and report any other

    def __getattr__(name: str) -> object:
        """Import a public name at its first use."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_MODULES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
