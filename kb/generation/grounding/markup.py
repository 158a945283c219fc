"""Find quotations, citation numbers and addresses in generated text."""

from __future__ import annotations

import re
from dataclasses import dataclass

DOUBLE = re.compile(r"``|''|[\"“”„‟«»‹›〝〞〟「」『』❝❞″＂]")
OPENERS, CLOSERS = frozenset("“„«‹〝「『❝") | {"``"}, frozenset("”〞〟」』❞") | {"''"}
INCHES = frozenset(('"', "″", "''"))
SINGLE = re.compile(r"['‘’‚‛❛❜]")
# Words that begin with an apostrophe: 'em, 'til, '90s.
ELISION = re.compile(r"(?i)['‘’](?:em|til|till|cause|n|tis|twas|round|bout|cos|kay|\d+s?)\b")
OPEN_BEFORE = " \t\n([{—–-:,;/=*_>"
CITATION = re.compile(
    r"[\[【]\s*(?:(?:passages?|sources?|nos?\.?|numbers?|p\.?)\s*)?[#^]?(?P<list>\d+(?:\s*(?:,|;|and|&|[-–—]|†[^\]】]*)\s*#?\d*)*)"
    r"\s*[\]】]|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)",
    re.IGNORECASE,
)
RANGE = re.compile(r"(\d+)\s*[-–—]\s*(\d+)|(\d+)")
LONGEST_RANGE = 20
ADDRESS = re.compile(r"!?\[[^\]\n]*\]\([^)\n]*\)|(?:https?://|www\.)\S+|<[a-zA-Z/][^>\n]*>")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation in a text, with and without its marks."""

    start: int  # characters, including the marks
    end: int
    inner_start: int  # characters, without the marks
    inner_end: int


@dataclass(frozen=True, slots=True)
class CitationMark:
    """Citation numbers in brackets."""

    start: int
    end: int
    numbers: tuple[int, ...]


def find_quotations(text: str) -> list[Quotation]:
    """Find quotations, outermost marks only. Apostrophes are ignored; an unclosed double mark runs to the end."""
    double = _find_double(text)
    quotations = sorted([*double, *_find_single(text, double)], key=lambda span: span.start)
    if not quotations and text.lstrip().startswith(">"):
        start = text.index(">") + 1
        return [Quotation(start, len(text.rstrip()), start, len(text.rstrip()))]
    return quotations


def find_citations(text: str) -> list[CitationMark]:
    """Find citation numbers: [1], [1, 2], [1-3], [Passage 1], 【1】 and ¹."""
    return [CitationMark(found.start(), found.end(), _read_numbers(found)) for found in CITATION.finditer(text)]


def find_addresses(text: str) -> list[tuple[int, int]]:
    """Find links, images and HTML tags."""
    return [found.span() for found in ADDRESS.finditer(text)]


def _read_numbers(found: re.Match[str]) -> tuple[int, ...]:
    if found["raised"]:
        return (int(found["raised"].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))),)
    numbers: list[int] = []
    for first, last, single in RANGE.findall(found["list"].split("†")[0]):
        is_range = first and int(first) <= int(last) <= int(first) + LONGEST_RANGE
        numbers += range(int(first), int(last) + 1) if is_range else [int(one) for one in (first, last, single) if one]
    return tuple(dict.fromkeys(numbers))


def _find_double(text: str) -> list[Quotation]:
    found: list[Quotation] = []
    opened: re.Match[str] | None = None
    depth = 0
    for mark in DOUBLE.finditer(text):
        if opened is None and not _closes_only(text, mark):
            opened, depth = mark, 1
        elif opened is None and not _is_measure(text, mark):
            # A closing mark without an opening one: a reader takes all text before it as the quotation.
            begin = found[-1].end if found else 0
            found.append(Quotation(begin, mark.end(), begin, mark.start()))
        elif opened is not None:
            depth += 1 if _opens_only(text, mark) else -1
            if depth == 0:
                found.append(Quotation(opened.start(), mark.end(), opened.end(), mark.start()))
                opened = None
    if opened is not None:
        end = len(text.rstrip())
        found.append(Quotation(opened.start(), end, opened.end(), max(end, opened.end())))
    return found


def _closes_only(text: str, mark: re.Match[str]) -> bool:
    """Whether a mark cannot open a quotation: a closing mark, or a straight one after a word."""
    if mark.group() in OPENERS:
        return False
    before, after = _around(text, mark)
    follows_word = before.isalnum() or (before != "" and before in ".,!?…%)")
    return follows_word and not (after.isalnum() and mark.group() not in CLOSERS)


def _is_measure(text: str, mark: re.Match[str]) -> bool:
    """Whether a straight mark after a digit stands for inches."""
    return mark.group() in INCHES and text[: mark.start()][-1:].isdigit()


def _opens_only(text: str, mark: re.Match[str]) -> bool:
    """Whether a mark inside a quotation opens a nested one."""
    before, after = _around(text, mark)
    return mark.group() not in CLOSERS and before in OPEN_BEFORE + "\"“'‘" and not after.isspace() and after != ""


def _find_single(text: str, double: list[Quotation]) -> list[Quotation]:
    marks = [mark for mark in SINGLE.finditer(text) if not _is_within(mark.start(), double)]
    found: list[Quotation] = []
    opened: re.Match[str] | None = None
    for number, mark in enumerate(marks):
        if opened is None:
            opened = mark if _opens_single(text, mark) else None
        elif _closes_single(text, mark) and not (
            _may_be_plural(text, mark) and _closes_later(text, marks[number + 1 :])
        ):
            found.append(Quotation(opened.start(), mark.end(), opened.end(), mark.start()))
            opened = None
    return found


def _opens_single(text: str, mark: re.Match[str]) -> bool:
    before, after = _around(text, mark)
    if mark.group() in "’❜" or ELISION.match(text, mark.start()):
        return False
    return (before == "" or before in OPEN_BEFORE) and bool(after) and not after.isspace()


def _closes_single(text: str, mark: re.Match[str]) -> bool:
    before, after = _around(text, mark)
    return bool(before) and not before.isspace() and not after.isalnum() and mark.group() not in "‘‚❛"


def _may_be_plural(text: str, mark: re.Match[str]) -> bool:
    before, after = _around(text, mark)
    return before in "sS" and after == " "


def _closes_later(text: str, marks: list[re.Match[str]]) -> bool:
    """Whether another mark closes before one opens; if so, this one may be a plural's apostrophe: the leaders' own."""
    for mark in marks:
        if _opens_single(text, mark):
            return False
        if _closes_single(text, mark):
            return True
    return False


def _around(text: str, mark: re.Match[str]) -> tuple[str, str]:
    return text[mark.start() - 1 : mark.start()], text[mark.end() : mark.end() + 1]


def _is_within(at: int, spans: list[Quotation]) -> bool:
    return any(span.start <= at < span.end for span in spans)
