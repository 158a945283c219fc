"""Choose interviews from a list, order them, and list the leaders who speak in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from html import escape

from kb.model import Interview, Query
from kb.pages.cards import draw_leader
from kb.text.display import strip_bidi

LAST = "\U0010ffff"  # sorts after every name
ORDERS: Mapping[str, Callable[[Interview], tuple[str, ...]]] = {
    "By title": lambda one: (_fold(one.title),),
    "Newest first": lambda one: (_count_back(one), _fold(one.title)),
    "Oldest first": lambda one: (_first_day(one), _fold(one.title)),
    "By leader": lambda one: (_fold(one.leader_names[0]) if one.leaders else LAST, _fold(one.title)),
    "By show": lambda one: (_fold(one.show) if one.show else LAST, _fold(one.title)),
}

THEME_PARTS = {"words": "Passages", "years": "Timeline", "tensions": "Tensions"}  # of what is shown of one theme


def has_words(interview: Interview, words: str) -> bool:
    """Whether the card of an interview holds all of the words, whatever their accents and capitals."""
    leaders = [part for one in interview.leaders for part in (one.name, one.role, one.company, one.sector)]
    card = _fold(" ".join(filter(None, [interview.title, interview.show, interview.host, interview.when, *leaders])))
    return all(word in card for word in _fold(words).split())


def order_interviews(interviews: Sequence[Interview], order: str) -> list[Interview]:
    """Sort interviews by one of ORDERS; those that lack what is sorted by come last."""
    return sorted(interviews, key=ORDERS[order])


def list_leaders(interviews: Sequence[Interview]) -> list[str]:
    """Entries for the leaders of these interviews, by name."""
    spoken: dict[str, list[Interview]] = {}
    for interview in interviews:
        for name in interview.leader_names:
            spoken.setdefault(name, []).append(interview)
    cards = {name: next(filter(None, (one.leader(name) for one in given))) for name, given in spoken.items()}
    return [draw_leader(cards[name], spoken[name]) for name in sorted(spoken, key=_fold)]


def tell_no_match(words: str, query: Query) -> str:
    """Tell as HTML that nothing matches, with what was asked for and what to change."""
    chosen = {
        "leader": query.leaders,
        "company": query.companies,
        "sector": query.sectors,
        "year": tuple(map(str, query.years)),
        "source": query.sources,
    }
    filters = " and ".join(f"{name} {' or '.join(values)}" for name, values in chosen.items() if values)
    sought = (
        f"No title, name, company, show or host holds “{words.strip()}”" if words.strip() else "No interview is there"
    )
    within = f" with {filters}" if filters else ""
    fewer = "fewer words" if len(words.split()) > 1 else "another word"
    advice = f"write {fewer} in Find" if words.strip() else ""
    cleared = "press Clear filters" if filters else ""
    return escape(strip_bidi(f"{sought}{within}; {' or '.join(filter(None, (advice, cleared)))}."))


def tell_no_theme(words: str, count: int) -> str:
    """Tell as HTML that no theme is called so, and what to change."""
    return escape(strip_bidi(f"No theme is called “{words.strip()}”; empty Find to see all {count:,}."))


def _fold(text: str) -> str:
    """Fold a text for comparison: without accents and capitals."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()


def _first_day(interview: Interview) -> str:
    if interview.date:
        return interview.date.isoformat()
    return str(interview.year) if interview.year else LAST


def _count_back(interview: Interview) -> str:
    """A key that sorts later days first; a year alone counts as its last day."""
    last = interview.date or (date(interview.year, 12, 31) if interview.year else None)
    return f"{date.max.toordinal() - last.toordinal():07}" if last else LAST
