"""What the interviews say of themes: counts, quotations, and themes that stand near each other."""

from __future__ import annotations

from dataclasses import dataclass

from kb.model import Citation
from kb.retrieval.lexicon import Theme


@dataclass(frozen=True, slots=True)
class ThemeQuotation:
    """A quotation that speaks of a theme."""

    citation: Citation
    confidence: float  # 0 to 1; larger is surer


@dataclass(frozen=True, slots=True)
class ThemeEvidence:
    """A theme with how many speak of it."""

    theme: Theme
    leaders: int
    passages: int
    is_learnt: bool  # False: judged by likeness to the theme's sentences, which is less sure
    quotation: Citation | None  # the best one


@dataclass(frozen=True, slots=True)
class ThemeCluster:
    """Themes of which the same passages speak, those of most leaders first."""

    themes: tuple[Theme, ...]
    leaders: int
    passages: int

    @property
    def name(self) -> str:
        """The names of its leading themes."""
        return " · ".join(one.name for one in self.themes[:2])


@dataclass(frozen=True, slots=True)
class ThemeOverview:
    """Of which themes the interviews speak, those of most leaders first."""

    themes: tuple[ThemeEvidence, ...]
    clusters: tuple[ThemeCluster, ...]
    leaders: int  # who speak of any
    leaders_asked: int  # within the filters

    @property
    def is_learnt(self) -> bool:
        """Whether all of them were learnt."""
        return all(one.is_learnt for one in self.themes)
