"""Settle hyphens at the ends of lines: the typesetter's go, those of the word stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from kb.quotes.draft import Paragraph

DOUBTFUL = "\x1f"  # stands for a hyphen at the end of a line, in a word that goes on in the next
BROKEN = re.compile(rf"([^\W\d_]+){DOUBTFUL}([^\W\d_]+)")


def settle_hyphens(paragraphs: Sequence[Paragraph], is_known: Callable[[str], bool]) -> list[Paragraph]:
    """Join broken words where somebody says the whole word, or says neither part; else write the hyphen."""

    def settle(found: re.Match[str]) -> str:
        first, last = found.groups()
        is_one = is_known(first + last) or not (is_known(first) and is_known(last))
        return f"{first}{'' if is_one else '-'}{last}"

    return [
        replace(one, text=BROKEN.sub(settle, one.text).replace(DOUBTFUL, "-")) if DOUBTFUL in one.text else one
        for one in paragraphs
    ]
