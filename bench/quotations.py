"""Measure how well quotations are judged: made by rule from the interviews of a knowledge base.

    python -m bench.quotations [--seed N] [--each N] [--misses]

Kinds: true, typographic, one word changed, two words dropped, stitched, wrong person, invented, cut before its turn.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Transcript, Turn
from kb.quotes.draft import read_quotations
from kb.quotes.draft_file import read_draft_text
from kb.quotes.judgement import Judgement, judge
from kb.quotes.turn_index import TurnIndex
from kb.settings import Settings
from kb.text.sentences import sentence_spans

WORDS = 8, 45  # of a quotation
TURNS_AWAY = re.compile(r"[\s,.;:!?…—–-]*(?:but|unless|except|although|though|however)\b", re.I)
CUT = re.compile(r"(?s)\b(.{50,300}?\w)[,;.…—–\s-]+(?:but|unless|except)\s", re.I)
OTHER_WORDS = "kindness harbour lantern orchard velvet seldom gravel cathedral monsoon thirteen compass marble".split()
INVENTED = (
    "The {a} taught our {b} people that a {c} is worth more than any {d}.",
    "I never once sold a {a} without first asking the {b} what their {c} was for.",
    "You cannot build a {a} by shouting at the {b}, you build it by walking the {c} with them at {d}.",
    "When the {a} closed, we drove to every {b} in the county and read them the {c} aloud.",
    "My grandmother ran a {a}, and everything that I know of {b} I learnt from her {c}.",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A quotation as a draft would give it, with what it was made from."""

    kind: str
    quote: str
    attributed_to: str | None
    wanted: str
    source: tuple[str, int] | None  # interview and turn


def make_cases(transcripts: Sequence[Transcript], each: int, seed: int) -> list[Case]:
    """Make so many cases of each kind."""
    chance = random.Random(seed)  # noqa: S311
    spoken = [(one.interview, turn) for one in transcripts for turn in one.turns if turn.role == "leader"]
    makers = (_true, _typographic, _changed, _dropped, _stitched, _wrong_person, _invented, _cut)
    return [case for make in makers for case in _take(make(spoken, chance), each)]


# Ways in which an article gives a quotation to somebody.
TEMPLATES = (
    "“{quote}” says {name}.",
    'In the end, {name} said: "{quote}"',
    "“{quote}” recalls {name}, who still opens the shop.",
    "According to {name}, “{quote}” It is a view that many share.",
    "As {surname} puts it, “{quote}” Not everybody agrees.",
    "**{name}:** “{quote}”",
    "> {quote}\n> — {name}",
    "There was a pause. {name}, by then in charge, explained: “{quote}”",
)


def write_article(cases: Sequence[Case]) -> str:
    """Write cases into an article in Markdown, one a paragraph, each in another way."""
    paragraphs = []
    for number, case in enumerate(cases):
        name = case.attributed_to or ""
        quote = case.quote.replace("“", "‘").replace("”", "’").replace('"', "'")
        paragraphs.append(
            TEMPLATES[number % len(TEMPLATES)].format(quote=quote, name=name, surname=name.split()[-1] if name else "")
        )
    return "\n\n".join(paragraphs)


def _take(cases: Iterator[Case], number: int) -> list[Case]:
    return [next(cases) for _ in range(number)]


Spoken = Sequence[tuple[Interview, Turn]]


def _pick(spoken: Spoken, chance: random.Random) -> Iterator[tuple[Interview, Turn, str, int]]:
    """Yield one to three whole sentences of a leader, not followed by a word that turns them around."""
    while True:
        interview, turn = chance.choice(spoken)
        spans = sentence_spans(turn.text)
        first = chance.randrange(len(spans))
        last = min(len(spans) - 1, first + chance.randrange(3))
        start, end = spans[first][0], spans[last][1]
        quote = turn.text[start:end]
        if WORDS[0] <= len(quote.split()) <= WORDS[1] and not TURNS_AWAY.match(turn.text[end:]) and "\n" not in quote:
            yield interview, turn, quote, end


def _true(spoken: Spoken, chance: random.Random) -> Iterator[Case]:
    for interview, turn, quote, _ in _pick(spoken, chance):
        yield Case("true", quote, turn.speaker, "verbatim", (interview.id, turn.index))


def _typographic(spoken: Spoken, chance: random.Random) -> Iterator[Case]:
    for interview, turn, quote, _ in _pick(spoken, chance):
        changed = quote.replace("'", "’").replace(" - ", " — ").replace("...", "…").replace('"', "“").rstrip(".")
        if changed != quote:
            yield Case("typographic", changed, turn.speaker, "verbatim", (interview.id, turn.index))


def _changed(spoken: Spoken, chance: random.Random) -> Iterator[Case]:
    for interview, turn, quote, _ in _pick(spoken, chance):
        words = quote.split(" ")
        place = chance.randrange(len(words))
        words[place] = chance.choice(OTHER_WORDS)
        yield Case("one word changed", " ".join(words), turn.speaker, "light edit", (interview.id, turn.index))


def _dropped(spoken: Spoken, chance: random.Random) -> Iterator[Case]:
    for interview, turn, quote, _ in _pick(spoken, chance):
        words = quote.split(" ")
        for place in sorted(chance.sample(range(1, len(words) - 1), 2), reverse=True):
            del words[place]
        yield Case("two words dropped", " ".join(words), turn.speaker, "light edit", (interview.id, turn.index))


def _stitched(spoken: Spoken, chance: random.Random) -> Iterator[Case]:
    picked = _pick(spoken, chance)
    for interview, turn, quote, _ in picked:
        other = next(one for one in picked if (one[0], one[1].index) != (interview, turn.index))
        if chance.random() < 0.5:  # of the same interview
            own = [(one, said) for one, said in spoken if one == interview and said.index != turn.index]
            other = next(_pick(own, chance)) if len(own) > 5 else other
        yield Case("stitched", f"{quote} {other[2]}", turn.speaker, "stitched", (interview.id, turn.index))


def _wrong_person(spoken: Spoken, chance: random.Random) -> Iterator[Case]:
    names = sorted({turn.speaker for _, turn in spoken if turn.speaker})
    for interview, turn, quote, _ in _pick(spoken, chance):
        other = chance.choice([name for name in names if name != turn.speaker])
        yield Case("wrong person", quote, other, "wrong person", (interview.id, turn.index))


def _invented(spoken: Spoken, chance: random.Random) -> Iterator[Case]:
    names = sorted({turn.speaker for _, turn in spoken if turn.speaker})
    while True:
        words = dict(zip("abcd", chance.sample(OTHER_WORDS, 4), strict=True))
        yield Case("invented", chance.choice(INVENTED).format(**words), chance.choice(names), "not found", None)


def _cut(spoken: Spoken, chance: random.Random) -> Iterator[Case]:
    while True:
        interview, turn = chance.choice(spoken)
        found = [one for one in CUT.finditer(turn.text) if "\n" not in one[1]]
        if found:
            whole = chance.choice(found)[1]
            quote = whole[sentence_spans(whole)[-1][0] :]
            if len(quote.split()) >= WORDS[0]:
                yield Case("cut", quote, turn.speaker, "cut", (interview.id, turn.index))


def main() -> None:
    """Print the share judged rightly by kind, false "verbatim", the right turns, and the time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=50)
    parser.add_argument("--article", action="store_true", help="write the quotations into an article and read that")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    knowledge_base = KnowledgeBase.open(Settings.from_env(), is_short_lived=True)
    transcripts = [knowledge_base.transcript(one.id) for one in knowledge_base.interviews()]
    knowledge_base.close()
    started = time.perf_counter()
    index = TurnIndex(transcripts)
    built = time.perf_counter() - started
    cases = make_cases(transcripts, options.each, options.seed)
    started = time.perf_counter()
    judged = (
        _judge_article(index, cases)
        if options.article
        else [(case, judge(index, case.quote, case.attributed_to)) for case in cases]
    )
    seconds = time.perf_counter() - started
    _print(judged, misses=options.misses)
    print(f"index of {len(index):,} words in {built:.1f} s; {1000 * seconds / len(cases):.1f} ms a quotation")


def _judge_article(index: TurnIndex, cases: Sequence[Case]) -> list[tuple[Case, Judgement]]:
    """Judge the cases as quotations of an article; one that is not found there, or not whole, counts as not found."""
    speakers = {turn.speaker for _, turn in index.turns if turn.speaker}
    read = read_quotations(read_draft_text(write_article(cases)), speakers)
    found = {one.paragraph: one for one in read}
    missing = [case for number, case in enumerate(cases) if number not in found]
    print(f"{len(read)} quotations read of {len(cases)}; {len(missing)} paragraphs without one")
    return [
        (case, judge(index, found[number].text, found[number].attributed_to))
        for number, case in enumerate(cases)
        if number in found
    ]


def _print(judged: Sequence[tuple[Case, Judgement]], *, misses: bool) -> None:
    right, told = Counter[str](), Counter[str]()
    turns = altered = false = 0
    for case, found in judged:
        told[case.kind] += 1
        right[case.kind] += found.verdict == case.wanted
        false += found.verdict == "verbatim" and case.wanted != "verbatim"
        if case.wanted == "light edit":
            altered += 1
            turns += any((one.interview.id, one.turn.index) == case.source for one in found.places)
        if misses and found.verdict != case.wanted:
            print(f"{case.kind}: {found.verdict}: {case.quote} | {found.true_words} | {found.note}")
    for kind, number in told.items():
        print(f"{kind:18} {right[kind] / number:.3f}")
    total = sum(told.values())
    print(f"{'all':18} {sum(right.values()) / total:.3f}  false verbatim {false}  right turn {turns / altered:.3f}")


if __name__ == "__main__":
    main()
