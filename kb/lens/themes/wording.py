"""Say in words what the interviews speak of; the doors share them."""

from __future__ import annotations

from kb.lens.themes.evidence import ThemeOverview
from kb.lens.timeline import Timeline
from kb.lens.wording import count
from kb.model import Citation

LESS_SURE = "judged by likeness to its sentences alone, so it is less sure"
START = 12  # words of a quotation that a table shows


def describe_overview(overview: ThemeOverview) -> str:
    """What is spoken of, in a sentence; that it is less sure, where it is."""
    if not overview.themes:
        which = "The interviews within these filters speak" if overview.leaders_asked else "No interview speaks"
        return f"{which} of no theme that is sure enough to be shown."
    spoken = f"{overview.leaders:,} of {count(overview.leaders_asked, 'leader')} speak of"
    doubt = "" if overview.is_learnt else f" A theme with a * is {LESS_SURE}."
    return f"{spoken} {count(len(overview.themes), 'theme')}.{doubt} A machine chose them: read before you conclude."


def describe_timeline(timeline: Timeline) -> str:
    """How many interviews have no date, and what they say; '' where all have one."""
    if not timeline.undated:
        return ""
    found = timeline.undated
    said = f"{count(found.passages, 'passage')} of {count(found.leaders, 'leader')}"
    return f"{count(found.interviews, 'interview')} without a date: {said}."


def start_of(citation: Citation) -> str:
    """The first words of a quotation."""
    words = citation.quote.split()
    return " ".join(words[:START]) + (" …" if len(words) > START else "")
