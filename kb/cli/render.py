"""What the commands print for people to read."""

from __future__ import annotations

from collections.abc import Iterator

from kb.answering.attribution import format_place, list_position
from kb.answering.summary_line import describe_answer
from kb.cli.terminal import say, say_line
from kb.generation.synthesis import Synthesis
from kb.model import Answer, Citation, Hit
from kb.text.display import mark_line, strip_remarks


def print_answer(answer: Answer) -> None:
    """An answer: what it rests on in a line, then its sentences, each with its citations."""
    say_line(describe_answer(answer))
    for group in answer.groups:
        for sentence in group.sentences:
            marks = "".join(f"[{citation.number}]" for citation in sentence.citations)
            asked = f"(asked: {sentence.asked})\n" if sentence.asked else ""
            say(f"\n{asked}“{sentence.text}” {marks}")
            for citation in sentence.citations:
                say(f"[{citation.number}] {describe_citation(citation)}")


def print_writing(writing: Iterator[Synthesis]) -> None:
    """What a language model writes, each sentence once it is checked; then its passages, and what went wrong."""
    printed = 0
    written = None
    for written in writing:
        if not printed and written.sentences:
            say("\nWritten by a language model, checked against the leaders' words:")
        for sentence in written.sentences[printed:]:
            doubts = f"  ({sentence.verdict}: {'; '.join(sentence.reasons)})" if sentence.reasons else ""
            say(f"{sentence.text}{doubts}")
        printed = len(written.sentences)
    if written is None:
        return
    for source in written.sources if printed else ():
        say(f"[{source.number}] {describe_hit(source.hit)}")
    if written.problem:
        say_line(written.problem)


def format_figure(name: str, value: float) -> str:
    """A measure of `kb eval` by its name: counts and milliseconds whole, shares with three decimals."""
    return f"{name} {value:.0f}" if name == "n" or name.endswith("_ms") else f"{name} {value:.3f}"


def describe_hit(hit: Hit) -> str:
    """Who speaks in a passage that was found, where and when, as far as it is known."""
    leader = hit.interview.leader(hit.passage.speaker)
    company = strip_remarks(leader.company or "") if leader else ""
    place = format_place(hit.passage)
    sample = "invented sample" if hit.interview.sample else None
    parts = (hit.passage.speaker, company, hit.interview.title, hit.interview.when, place, sample)
    return mark_line(" · ".join(part for part in parts if part))


def describe_citation(citation: Citation) -> str:
    """Who is quoted, where and when, as far as it is known."""
    leader = citation.leader
    sample = "invented sample" if citation.interview.sample else None
    parts = (leader.name, *list_position(leader), citation.interview.title, format_place(citation), sample)
    return mark_line(" · ".join(part for part in parts if part))


def indent(text: str) -> str:
    """A text with each line moved in."""
    return "\n".join(f"   {line}" for line in text.split("\n"))
