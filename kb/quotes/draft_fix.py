"""Put the true words into a draft: where a quotation is a light edit, what was said replaces what was written."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kb.errors import BadReport, UnreadableFile
from kb.quotes.desk import CheckedDraft, CheckedQuotation
from kb.quotes.draft import Paragraph
from kb.quotes.draft_file import PLAIN, WORD, decode_draft, end_lines, is_pdf, open_word, read_runs
from kb.quotes.word_sequence import split_words


@dataclass(frozen=True, slots=True)
class FixedDraft:
    """A draft with the true words in it, as a file."""

    data: bytes
    replaced: tuple[int, ...]  # numbers of the quotations that now hold the true words, counted from 1
    left: tuple[int, ...]  # of those that are not verbatim and were left: other words do not mend them


@dataclass(frozen=True, slots=True)
class _Change:
    """Characters of a paragraph that make room for the true words."""

    number: int  # of the quotation, counted from 1
    paragraph: int
    start: int
    end: int
    words: str


def fix_draft(draft: CheckedDraft, data: bytes, name: str, suffix: str) -> FixedDraft:
    """Put the true words into a draft of this name, for a file with this suffix.

    Raises BadReport when a draft cannot be written so, UnreadableFile when it cannot be read.
    """
    is_word = data[:4] == b"PK\x03\x04"
    if suffix.lower() == ".docx" and is_word:
        return fix_word_file(draft, data, name)
    if suffix.lower() not in PLAIN:
        raise BadReport(
            f"The corrected draft is written to .md or .txt{', or to .docx' if is_word else ''}; name it so"
        )
    is_plain = not is_word and not is_pdf(data)
    return fix_text(draft, decode_draft(data, name) if is_plain else "")


def fix_text(draft: CheckedDraft, source: str = "") -> FixedDraft:
    """Put the true words into the text that a draft was read from, or, without one, into its paragraphs.

    All else stays as it is. Quotations over several paragraphs are left.
    """
    changes = list(_list_changes(draft))
    plain = end_lines(source)
    if source:
        kept = [one for one in changes if _locate(draft.paragraphs[one.paragraph], one, plain)]
        for one in reversed(kept):
            start, end = _locate(draft.paragraphs[one.paragraph], one, plain) or (0, 0)
            plain = f"{plain[:start]}{one.words}{plain[end:]}"
    else:
        kept = changes
        plain = "\n\n".join(_write(one, kept, number) for number, one in enumerate(draft.paragraphs)) + "\n"
    text = plain.replace("\n", "\r\n") if "\r\n" in source else plain
    return FixedDraft(text.encode(), *_sum_up(draft, kept))


def fix_word_file(draft: CheckedDraft, data: bytes, name: str) -> FixedDraft:
    """Put the true words into a Word file, as they were read from it. Raises UnreadableFile.

    Only words that stand as plain text are replaced: not those of a field or a drawing.
    """
    document, paragraphs = open_word(data, name)
    changes = [one for one in _list_changes(draft) if one.paragraph < len(paragraphs)]
    kept = [one for one in reversed(changes) if _replace(paragraphs[one.paragraph], one)]
    written = io.BytesIO()
    if not _can_be_written(document):
        raise UnreadableFile(f"{name} cannot be written again as a Word file; save it again as .docx")
    document.save(written)
    return FixedDraft(written.getvalue(), *_sum_up(draft, kept))


def _can_be_written(document: Any) -> bool:
    """Whether each link from part to part is complete; one that is not breaks off the writing of the whole."""
    package = document.part.package
    linked = [package.rels, *(part.rels for part in package.iter_parts())]
    return all(one.rId and one.reltype and one.target_ref for rels in linked for one in rels.values())


def _list_changes(draft: CheckedDraft) -> Iterator[_Change]:
    for number, one in enumerate(draft.quotations, 1):
        quotation = one.quotation
        if not _is_mendable(one):
            continue
        text = draft.paragraphs[quotation.paragraph].text
        inner = text.find(quotation.text, quotation.start, quotation.end)
        words = split_words(quotation.text)
        if inner >= 0:
            start, end = inner + words.starts[0], inner + words.ends[-1]
            yield _Change(number, quotation.paragraph, start, end, one.judgement.true_words)


def _is_mendable(one: CheckedQuotation) -> bool:
    is_one = one.quotation.paragraph == one.quotation.last_paragraph and "\n" not in one.judgement.true_words
    return one.judgement.verdict == "light edit" and is_one


def _locate(paragraph: Paragraph, change: _Change, source: str) -> tuple[int, int] | None:
    """Locate a change in the text that a paragraph was read from; None where it does not stand there."""
    if not paragraph.lines:
        return None
    start, end = (_to_source(paragraph, offset) for offset in (change.start, change.end))
    written = paragraph.text[change.start : change.end]
    first, last = written.split("\n")[0], written.split("\n")[-1]
    is_there = source.startswith(first, start) and source.endswith(last, 0, end)
    return (start, end) if is_there else None


def _to_source(paragraph: Paragraph, offset: int) -> int:
    line = paragraph.text.count("\n", 0, offset)
    return paragraph.lines[line] + offset - (paragraph.text.rfind("\n", 0, offset) + 1)


def _write(paragraph: Paragraph, changes: Sequence[_Change], number: int) -> str:
    text = paragraph.text
    for one in reversed([one for one in changes if one.paragraph == number]):
        text = f"{text[: one.start]}{one.words}{text[one.end :]}"
    return "\n".join(f"> {line}" for line in text.split("\n")) if paragraph.is_block else text


def _replace(element: Any, change: _Change) -> bool:
    """Replace characters of a paragraph's runs; False where one of them is no plain text."""
    read = list(read_runs(element))
    text = "".join(one for _, one in read)
    shift = len(text) - len(text.lstrip("\n"))
    before = 0
    touched: list[tuple[Any, int, int]] = []
    for child, written in read:
        first = max(change.start + shift - before, 0)
        last = min(change.end + shift - before, len(written))
        if first < last:
            touched.append((child, first, last))
        before += len(written)
    if not touched or any(child.tag != f"{WORD}t" for child, _, _ in touched):
        return False
    for number, (child, first, last) in enumerate(touched):
        child.text = f"{child.text[:first]}{'' if number else change.words}{child.text[last:]}"
        child.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return True


def _sum_up(draft: CheckedDraft, kept: Sequence[_Change]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    replaced = {one.number for one in kept}
    wrong = {number for number, one in enumerate(draft.quotations, 1) if one.judgement.verdict != "verbatim"}
    return tuple(sorted(replaced)), tuple(sorted(wrong - replaced))
