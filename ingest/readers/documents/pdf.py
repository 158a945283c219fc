"""Read PDF transcripts page by page, without headers, footers and line numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ingest.script import Line, Script
from kb.errors import UnreadableFile
from kb.quotes.pdf_process import run_program
from kb.text.words import WORD

PAGES = "ingest.readers.documents.pdf_pages"  # the program that extracts the text
TIME_LIMIT = 30.0  # seconds for all pages; two hundred pages take one
EDGE = 6  # rows at the top and the bottom of a page that are searched for headers and footers
REPEATED = 0.4  # share of pages on which a row must recur; left and right pages may differ
WITHIN = 1.5  # times that a row comes on each page where it is near an edge; a header comes once
VARIED = 0.8  # share of a row's places with a time of their own; a header's time is that of printing
GARBAGE = 0.15  # share of invalid characters, above which a font cannot be decoded
COUNTED = 8  # numbers that must count up, one by one, to be taken for line numbers

CHARACTERS = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\xa0": " ", "\x00": ""}
)
DIGITS = re.compile(r"\d+")
NUMBERED = re.compile(r"\s*(\d{1,2})(?:\s+|(?=[^\W\d])|$)(.*)$")
PAGE_NUMBER = re.compile(r"\s*(?:page\s*)?[-–—|]?\s*\d{1,4}\s*[-–—|]?\s*(?:(?:of|/)\s*\d{1,4})?\s*$", re.I)
RULE = re.compile(r"\s*[.·_=*-]{5,}\s*$")
HYPHENATED = re.compile(r"([^\W\d_]{2,})(?:\xad|[-‐])$")
FIRST_LETTERS = re.compile(r"[^\W\d_]+")
RECORDED = re.compile(r"\b(?:\d{1,2}:)?\d{1,3}:[0-5]\d\b")
UNTITLED = re.compile(
    r"(?i)^(?:microsoft|untitled|document|layout|print|slide)|\.(?:docx?|pdf|indd|txt|rtf|wpd)$|^\W*$"
)


def read(data: bytes, _name: str) -> Script:
    """Read the lines of a PDF, each with its page. Raises UnreadableFile when it is broken or holds no text."""
    texts, title = extract_pages(data)
    pages = [text.translate(CHARACTERS).replace("-\xad", "--").split("\n") for text in texts]
    _refuse_unreadable(pages)
    bare = _drop_numbers([[row for row in rows if row.strip() and not RULE.match(row)] for rows in pages])
    furniture = _find_furniture(bare)
    lines = [Line(row.strip(), page=number) for number, rows in enumerate(bare, 1) for row in _body(rows, furniture)]
    return Script("pdf", tuple(_heal_hyphens(lines)), _read_card(title), _warnings(pages))


def extract_pages(data: bytes, *, seconds: float = TIME_LIMIT) -> tuple[list[str], str | None]:
    """Extract the text of each page, and the title, in a process of its own.

    Raises UnreadableFile when the PDF is refused or takes too long, RuntimeError when the program itself fails.
    """
    found = run_program(PAGES, data, "the PDF", seconds)
    return found["pages"], found["title"]


def _refuse_unreadable(pages: Sequence[Sequence[str]]) -> None:
    text = "".join(row for rows in pages for row in rows)
    if not text.strip():
        raise UnreadableFile("the PDF holds images only, no text; recognise its text first (OCR)")
    sample = text[:100_000]
    strange = sum(
        1 for character in sample if character in "\ufffd" or "\ue000" <= character <= "\uf8ff" or ord(character) < 32
    )
    if strange > GARBAGE * len(sample):
        raise UnreadableFile(
            "the text of the PDF cannot be decoded, its fonts say nothing of letters; recognise it anew (OCR)"
        )


def _warnings(pages: Sequence[Sequence[str]]) -> tuple[str, ...]:
    empty = sum(1 for rows in pages if not any(row.strip() for row in rows))
    return (f"{empty} of {len(pages)} pages hold no text",) if empty else ()


def _drop_numbers(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Remove line numbers from the pages; if most pages have them, the short one at the end has them too."""
    bare = [_without_numbers(rows, COUNTED) for rows in pages]
    filled = sum(1 for rows in pages if rows)
    if 2 * sum(1 for rows in bare if rows is not None) <= filled:
        return [list(rows) if found is None else found for rows, found in zip(pages, bare, strict=True)]
    return [_without_numbers(rows, 1) or list(rows) for rows in pages]


def _without_numbers(rows: Sequence[str], least: int) -> list[str] | None:
    """Remove a block of bare numbers that count up, or numbers before most rows; None if a page has neither."""
    counted = [int(row) for row in rows if row.strip().isdigit() and len(row.strip()) < 4]
    if _steps(counted) >= max(least, 0.5 * len(counted)):
        return [row for row in rows if not row.strip().isdigit()]
    numbers = [NUMBERED.match(row) for row in rows]
    steps = _steps([int(match[1]) for match in numbers if match])
    if steps < least or steps <= 0.5 * len(rows) - 2:
        return None
    return [
        match[2] if match else row
        for row, match in zip(rows, numbers, strict=True)
        if match is None or match[2].strip()
    ]


def _steps(numbers: Sequence[int]) -> int:
    return sum(1 for one, two in pairwise(numbers) if two == one + 1)


def _find_furniture(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """Find rows near the edges that recur on page after page, with any number in them."""
    edges = Counter(key for rows in pages for key in {_key(row) for row in (*rows[:EDGE], *rows[-EDGE:])})
    often = {key: count for key, count in edges.items() if count > 2 and count >= REPEATED * len(pages)}
    return frozenset(often) - _find_labels(pages, often)


def _find_labels(pages: Sequence[Sequence[str]], often: Mapping[str, int]) -> set[str]:
    """Find those of the rows that label speech: they recur within pages, too, or each gives another time."""
    total: Counter[str] = Counter()
    clocks: dict[str, set[str]] = {}
    for row in (row for rows in pages for row in rows):
        key = _key(row)
        if key in often:
            total[key] += 1
            clocks.setdefault(key, set()).update(RECORDED.findall(row))
    recurring = {key for key, count in often.items() if total[key] > WITHIN * count and any(map(str.isalpha, key))}
    return recurring | {key for key in often if len(clocks[key]) > VARIED * total[key]}


def _key(row: str) -> str:
    return " ".join(DIGITS.sub("#", row).split())


def _body(rows: Sequence[str], furniture: frozenset[str]) -> Sequence[str]:
    """Return the rows between header and footer: without furniture and page numbers, from each edge inwards."""
    first, last = 0, len(rows)
    while first < min(EDGE, last) and _is_furniture(rows[first], furniture):
        first += 1
    while last > max(first, len(rows) - EDGE) and _is_furniture(rows[last - 1], furniture):
        last -= 1
    return rows[first:last]


def _is_furniture(row: str, furniture: frozenset[str]) -> bool:
    return _key(row) in furniture or PAGE_NUMBER.match(row) is not None


def _heal_hyphens(lines: Sequence[Line]) -> Iterator[Line]:
    """Join words cut at line ends; a hyphen is removed only if the file has the whole word elsewhere."""
    texts = [line.text for line in lines]
    words = {word for text in texts for word in WORD.findall(text.lower())}
    for index in range(len(texts) - 1):
        cut = HYPHENATED.search(texts[index])
        first, _, rest = texts[index + 1].partition(" ")
        head = FIRST_LETTERS.match(first)
        if not cut or not head or not head[0][0].islower():
            continue
        whole = (cut[1] + head[0]).lower()
        is_one_word = "\xad" in cut[0] or (whole in words and f"{cut[1]}-{head[0]}".lower() not in words)
        texts[index] = texts[index][: cut.end(1)] + ("" if is_one_word else "-") + first
        texts[index + 1] = rest
    for line, text in zip(lines, texts, strict=True):
        if text:
            yield Line(text.replace("\xad", ""), page=line.page)


def _read_card(title: str | None) -> dict[str, object]:
    return {"title": title} if title and not UNTITLED.search(title) else {}
