"""Choose interviews from a list, and list the leaders who speak in them."""

from __future__ import annotations

from collections.abc import Sequence

from kb.model import Interview
from kb.pages.cards import draw_leader


def has_words(interview: Interview, words: Sequence[str]) -> bool:
    """Whether the card of an interview holds all of the words, which are in lower case."""
    leaders = [part for one in interview.leaders for part in (one.name, one.role, one.company, one.sector)]
    card = " ".join(filter(None, [interview.title, interview.show, interview.when, *leaders])).casefold()
    return all(word in card for word in words)


def list_leaders(interviews: Sequence[Interview]) -> list[str]:
    """Entries for the leaders of these interviews, by name."""
    spoken: dict[str, list[Interview]] = {}
    for interview in interviews:
        for name in interview.leader_names:
            spoken.setdefault(name, []).append(interview)
    cards = {name: next(filter(None, (one.leader(name) for one in given))) for name, given in spoken.items()}
    return [draw_leader(cards[name], spoken[name]) for name in sorted(spoken)]
