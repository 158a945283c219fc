"""Undo the layout of printed pages in a text file: numbers before the lines, and what stands between the pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

NUMBERED = re.compile(r"\s{0,40}(\d{1,2})(?:\s+|$)")
LEAST = 15  # lines of a page, numbered one by one from 1
PAGES = 2  # with so many numbered pages, the numbers are the printer's
REPEATED = 0.4  # share of pages between which a row must recur to be a header or a footer
GAP = 12  # rows between two pages, at most
DIGITS = re.compile(r"\d+")


def drop_page_numbering(rows: Sequence[str]) -> list[str] | None:
    """Remove line numbers, headers and footers of printed pages; None if the file has no such pages.

    A blank line between two numbered ones is the printer's, too, and ends no paragraph.
    """
    pages = list(_find_pages(rows))
    if len(pages) < PAGES:
        return None
    furniture = _find_furniture(rows, pages)
    inside = {index for page in pages for index in range(page[0], page[-1] + 1)}
    numbered = {index for page in pages for index in page}
    return [
        _bare(row) if index in numbered else row
        for index, row in enumerate(rows)
        if index in numbered or not (index in inside or _key(row) in furniture)
    ]


def _find_pages(rows: Sequence[str]) -> Iterator[list[int]]:
    """Yield the rows of each page whose numbers count up from 1."""
    page: list[int] = []
    expected = 1
    for index, row in enumerate(rows):
        match = NUMBERED.match(row)
        number = int(match[1]) if match else 0
        if number == expected and number:
            page.append(index)
            expected += 1
        elif number == 1:
            if len(page) >= LEAST:
                yield page
            page, expected = [index], 2
    if len(page) >= LEAST:
        yield page


def _find_furniture(rows: Sequence[str], pages: Sequence[Sequence[int]]) -> frozenset[str]:
    """Find the rows that recur between the pages, with any number in them."""
    gaps = [range(page[-1] + 1, min(page[-1] + 1 + GAP, len(rows))) for page in pages]
    numbered = {index for page in pages for index in page}
    count = Counter(key for gap in gaps for key in {_key(rows[index]) for index in gap if index not in numbered} if key)
    return frozenset(key for key, times in count.items() if times >= max(2, REPEATED * len(pages)))


def _bare(row: str) -> str:
    """Return a row without its number, and without the blanks that set its words wide."""
    match = NUMBERED.match(row)
    return " ".join(row[match.end() :].split()) if match else row


def _key(row: str) -> str:
    return " ".join(DIGITS.sub("#", row).split())
