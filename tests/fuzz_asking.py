"""Ask hostile questions of the library, and open its pages at hostile addresses, over one small real home.

`make fuzz` runs it for as long as one likes: python tests/fuzz_asking.py --minutes 10. The suite runs some rounds.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from conftest import SOUP, STEEL
from screens import alerts, markup, open_page
from streamlit.testing.v1 import AppTest

from ingest.pipeline import ingest_paths
from kb.answering.follow_up import rewrite_follow_up
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.model import Dimension, Query
from kb.pages.guard import OUR_FAULT
from kb.pages.shared import WARMING
from kb.settings import Settings

MOST_SECONDS = 10.0  # of a page, or of a question
MOST_DRAWN = 500_000  # characters of a page: what an address holds is not drawn over and over
LONGEST_LINE = 3_000  # characters of what is said to be wrong
# An input of twice the length may take three times as long, and this much more: the machine has other things to do.
GROWTH, NOISE = 3.0, 0.3
HOSTILE = """---
title: "\u202eBold <script>alert(1)</script> **title**"
leaders:
  - {name: "Ann <b>\u202eO'Neil</b>", role: founder, company: "A & B; \u4eba\u4eba, Linear", sector: "a/b?c=d&e"}
host: "Q"
date: 2020
---

**Q:** How do they win?

**Ann <b>O'Neil</b>:** We won because people were listened to, and we told them <i>why</i> each morning of that year.
"""
BITS = (
    "a", "A", "Mara Quill", "Mara Quil", "Otto", "Ladle House", "soup", "steel", "Linear", "leaders", "it", "it ",
    "they ", "these ", "that ", "the a ", "what about ", "and what about ", "and, ", "tell me ", "can you  ", "more ",
    "who else ", "why", "how do leaders ", "What did Mara Quill ", "say ", "is ", "about ", "summarise ", " ", "  ",
    "\t", "\n", "\n ", "\0", "\x1b[2J", "\x85", "\u2028", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\ufffd",
    "\U0001f600", "\u0130", "\u00df", "e\u0301", "\u0301", "\u4eba", "\u3042", "\u0627", "\u05d0", "\u0e01", "\u0915",
    "\u0414", "\uac00", "\u1200", "%", "%25", "%2525", "%00", "%ED%A0%80", "&", "=", "#", "+", "/", "\\", "../", "<b>",
    "</p>", "&lt;", '"', "'", "\u2019", "`", "$x$", "$", "*", "**", "_", "[a](b)", "{", "}", '{"q": [1]}', "[]",
    "null", "NaN", "-1", "0", "1", "9", "1e999", "00:00", ".", "...", "?", "!", "!?", ",", ";", ":", "-", "--",
    "\u2014", "(", ")", "NEAR(a b)", "a* OR b", "rowid:", "soup", "2019", "Interviews", "Leaders", "Themes",
    "leader", "company", "year",
)  # fmt: skip
Address = dict[str, str | list[str]]
PAGES = {
    "kb/pages/ask.py": ("q", "after", "leader", "company", "sector", "year", "source"),
    "kb/pages/compare.py": ("q", "by", "of"),
    "kb/pages/browse.py": ("find", "view", "theme", "part", "leader", "company", "sector", "year", "source"),
    "kb/pages/interview.py": ("id", "turn", "from", "to"),
    "kb/pages/leader.py": ("name",),
    "kb/pages/lens.py": ("view", "show", "behaviour", "who", "by", "leader", "company", "sector", "year", "source"),
    "kb/pages/quotes.py": ("q", "do", "leader", "company", "sector", "year", "source"),
    "kb/pages/collections.py": ("id",),
    "kb/pages/workshop.py": ("q", "theme", "collection", "leader", "company", "sector", "year", "source"),
    "ingest/upload/page.py": ("q", "batch"),
}
GOOD: dict[str, Address] = {  # what an address holds where a page is to come as far as its answer
    "kb/pages/ask.py": {"q": "How do you get volunteers to care about soup?"},
    "kb/pages/compare.py": {"q": "How do you tell people?", "by": "leader", "of": ["Mara Quill", "Otto Brandl"]},
    "kb/pages/browse.py": {"view": "Themes", "theme": "volunteers", "part": "tensions"},
    "kb/pages/interview.py": {"id": "soup", "turn": "1", "from": "0", "to": "9"},
    "kb/pages/leader.py": {"name": "Mara Quill"},
    "kb/pages/lens.py": {"view": "map", "show": "all", "behaviour": "A1", "who": "Mara Quill"},
    "kb/pages/quotes.py": {"q": "You do not talk about soup.", "do": "find"},
    "kb/pages/workshop.py": {"q": "How do you get volunteers to care about soup?"},
}


@contextmanager
def open_filled(home: Path) -> Iterator[KnowledgeBase]:
    """A home of three interviews; the pages open it too, where KB_HOME says so."""
    for name, text in (("soup", SOUP), ("steel", STEEL), ("hostile", HOSTILE)):
        (home.parent / f"{name}.md").write_text(text, encoding="utf-8")
    with closing(KnowledgeBase.open(Settings(home=home))) as knowledge_base:
        ingest_paths(sorted(home.parent.glob("*.md")), knowledge_base)
        knowledge_base.warm()
        yield knowledge_base


def make_text(chance: random.Random) -> str:
    """A few odd pieces, often long."""
    times = chance.choice((1, 1, 1, 2, 40, 1_000))
    length = chance.choice((30, 300, 2_000, 2_001, 10_000))
    return "".join(chance.choice(BITS) * chance.choice((1, times)) for _ in range(chance.randint(0, 8)))[:length]


def make_address(page: str, chance: random.Random) -> Address:
    """Odd values for some of a page's parameters, and for some that it does not have."""
    address: Address = dict(GOOD.get(page, {})) if chance.random() < 0.6 else {}
    for _ in range(chance.randint(1, 3)):
        name = chance.choice((*PAGES[page], *PAGES[page], make_text(chance)[:20] or "x"))
        many = chance.choice((1, 1, 2, 9, 300))
        values = [make_text(chance) for _ in range(min(many, 9))] * (-(-many // 9))
        address[name] = values[:many] if many > 1 else values[0]
    return {_decodable(name): _decode(values) for name, values in address.items()}


def try_address(chance: random.Random) -> str:
    """What a page shows of an odd address: at worst, one line that says what is wrong."""
    page = chance.choice([*PAGES])
    address = make_address(page, chance)
    try:
        check_page(open_page(page, **address))
    except AssertionError as error:
        raise AssertionError(f"{error}; {page} {address!r:.300}") from error
    return page


def check_page(page: AppTest) -> None:
    """A page shows no fault of ours, and not more than it should."""
    drawn, wrong = markup(page), alerts(page)
    assert OUR_FAULT not in "".join(wrong), "a fault of ours"
    assert len(drawn) < MOST_DRAWN, f"{len(drawn):,} characters are drawn"
    assert all(len(line) < LONGEST_LINE for line in wrong), "what is wrong is a line"
    assert "<script>alert" not in drawn, "markup from a file"
    assert not any(sign in drawn for sign in "\u202e\u2066") or "<blockquote" in drawn, "what turns text around"


def try_question(chance: random.Random, knowledge_base: KnowledgeBase) -> str:
    """What becomes of odd questions, one after the other: an answer, or one line."""
    earlier = [make_text(chance) for _ in range(chance.choice((0, 0, 1, 3, 8)))]
    question = make_text(chance)
    with _one_line():
        question = knowledge_base.understand(question, earlier).text
    leaders, sectors = ([make_text(chance)][: chance.choice((0, 0, 0, 1))] for _ in range(2))
    query = Query(question, chance.choice((1, 10, 10**9)), leaders=tuple(leaders), sectors=tuple(sectors))
    with _one_line():
        answer = knowledge_base.ask(query)
        knowledge_base.rate(answer, is_helpful=True)
    with _one_line():
        session = make_text(chance)
        knowledge_base.keep_question(session, question)
        assert knowledge_base.questions(session), "it is kept"
    with _one_line():
        values = [chance.choice(("Mara Quill", "Otto Brandl", "2019", make_text(chance))) for _ in range(2)]
        knowledge_base.compare(Query(question), cast(Dimension, chance.choice(("leader", "year", "x"))), values)
    with _one_line():
        knowledge_base.transcript(make_text(chance))
    return "question"


def measure_follow_up(text: str, knowledge_base: KnowledgeBase) -> None:
    """Understand a text as a question that follows eight of its kind."""
    with suppress(KBError):
        knowledge_base.understand(text, [text] * 8)


def measure_question(text: str, knowledge_base: KnowledgeBase) -> None:
    """Ask a text."""
    with suppress(KBError):
        knowledge_base.ask(Query(text))


def measure_patterns(text: str, _: KnowledgeBase) -> None:
    """Understand a text that is not cut to what may be asked: every pattern by itself is linear or bounded."""
    with suppress(KBError):
        rewrite_follow_up(text, [], lambda _: [])


def measure_one(page: str, name: str) -> Callable[[str, KnowledgeBase], None]:
    """Return what opens a page with one long value."""

    def measure(text: str, _: KnowledgeBase) -> None:
        open_page(page, **{**GOOD.get(page, {}), name: _decodable(text)})

    measure.__name__ = f"{page} {name}"
    return measure


def measure_many(page: str, name: str) -> Callable[[str, KnowledgeBase], None]:
    """Return what opens a page with many values."""

    def measure(text: str, _: KnowledgeBase) -> None:
        values = [f"{number} {_decodable(text)[:5]}" for number in range(len(text) // 20)]
        open_page(page, **{**GOOD.get(page, {}), name: values})

    measure.__name__ = f"{page} {name}, many"
    return measure


LONG: tuple[tuple[Callable[[str, KnowledgeBase], None], int], ...] = (
    (measure_follow_up, 1_000),
    (measure_question, 1_000),
    *((measure(page, name), 10_000) for page, names in PAGES.items() for name in names
      for measure in (measure_one, measure_many)),
)  # fmt: skip


def try_length(chance: random.Random, knowledge_base: KnowledgeBase) -> str:
    """A text of twice the length takes twice the time, with some slack."""
    measure, length = chance.choice(LONG)
    bit = chance.choice(BITS)
    once, twice = (_time(measure, (bit * size)[:size], knowledge_base) for size in (length, 2 * length))
    if twice > GROWTH * once + NOISE:  # measured again: something else may have run meanwhile
        once, twice = (
            min(_time(measure, (bit * size)[:size], knowledge_base) for _ in range(2)) for size in (length, 2 * length)
        )
    assert twice <= GROWTH * once + NOISE, f"{measure.__name__} {bit!r}: {once:.2f} s, twice as long {twice:.2f} s"
    assert twice < MOST_SECONDS, f"{measure.__name__} {bit!r}: {twice:.1f} s"
    return measure.__name__


def _time(measure: Callable[[str, KnowledgeBase], None], text: str, knowledge_base: KnowledgeBase) -> float:
    for thread in threading.enumerate():
        if thread.name in (WARMING, "calibrate"):
            thread.join(60)  # what the app does beside would count
    started = time.process_time()
    measure(text, knowledge_base)
    return time.process_time() - started


def try_round(number: int, knowledge_base: KnowledgeBase) -> str:
    """What is wrong with what a round finds, if anything; the same number always tries the same."""
    chance = random.Random(number)
    started = time.monotonic()
    try:
        if number % 5 == 0:
            what = try_length(chance, knowledge_base)
        else:
            what = try_question(chance, knowledge_base) if number % 2 else try_address(chance)
    except Exception as error:  # noqa: BLE001 - every kind is a fault here
        return f"{type(error).__name__}: {error}"[:600]
    seconds = time.monotonic() - started
    return f"{what}: {seconds:.1f} s" if number % 5 and seconds > MOST_SECONDS else ""


@contextmanager
def _one_line() -> Iterator[None]:
    reason = "none"
    try:
        yield
    except KBError as error:
        reason = str(error)
    assert reason, "a refusal says why"
    assert "\n" not in reason, "a refusal is one line"
    assert len(reason) < LONGEST_LINE, f"a refusal of {len(reason):,} characters"


def _decode(values: str | list[str]) -> str | list[str]:
    return _decodable(values) if isinstance(values, str) else list(map(_decodable, values))


def _decodable(text: str) -> str:
    """A text as an address can hold it: a browser sends no surrogates."""
    return text.encode("utf-8", "replace").decode()


def go_on(home: Path, first: int, seconds: float) -> tuple[int, int]:
    """Try rounds until the time is over; the number of the next one, and how many broke a rule."""
    number, faults = first, 0
    with open_filled(home) as knowledge_base:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if fault := try_round(number, knowledge_base):
                faults += 1
                print(f"round {number}: {fault!a}", flush=True)
            number += 1
    return number, faults


def main() -> int:
    """Go on until the time is over, and name the rounds that break a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--first", type=int, default=1_000_000, help="number of the first round")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        os.environ["KB_HOME"] = str(home)
        number, faults = go_on(home, options.first, 60 * options.minutes)
    print(f"{number - options.first:,} rounds, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
