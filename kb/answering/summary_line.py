"""Summarise an answer in one line: number of leaders and years, or that the interviews do not answer."""

from __future__ import annotations

from kb.model import Answer, Coverage, CoverageLevel

NUMBERS = "No One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()
REFUSED = "The interviews do not say."
NEAREST = "Nothing in the interviews answers this directly; nearest:"


# What a reader should know of an answer that is not a strong one.
EXTENT: dict[CoverageLevel, str] = {
    "partial": " The interviews answer this in part.",
    "thin": " The interviews touch this only in passing.",
}


def describe_answer(answer: Answer) -> str:
    """Summarise an answer in one line, such as 'Five leaders, 2016 to 2023.' or 'The interviews do not say.'"""
    meant = f" Did you mean {' or '.join(answer.meant)}? Taken so." if answer.meant else ""
    missing = f"{_name_unknown(answer.coverage)}{meant}"
    if not answer.citations:
        return f"{REFUSED}{missing}"
    if answer.coverage.level == "near":
        return f"{NEAREST}{missing}"
    leaders = {citation.leader.name for citation in answer.citations}
    years = sorted({citation.interview.year for citation in answer.citations if citation.interview.year})
    who = next(iter(leaders)) if len(leaders) == 1 else f"{spell(len(leaders))} leaders"
    span = "" if not years else f", {years[0]}" if years[0] == years[-1] else f", {years[0]} to {years[-1]}"
    extent = EXTENT.get(answer.coverage.level, "")
    themes = f" On: {'; '.join(theme.name for theme in answer.themes)}." if answer.themes else ""
    return f"{who}{span}.{extent}{missing}{themes}"


def spell(number: int) -> str:
    """Spell a number up to twelve as a capitalised word: 'Five'; larger ones in digits."""
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def _name_unknown(coverage: Coverage) -> str:
    return f" No interview mentions {' or '.join(coverage.unknown)}." if coverage.unknown else ""
