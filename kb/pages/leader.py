"""Leader: one person, where they speak, for whom, and what they were asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

import streamlit as st

from kb.model import Interview, Leader, Span, Transcript
from kb.pages.cards import badge, draw_ask_link, draw_name, interview_address, join_parts, say_why, show_and_date
from kb.pages.parts import count_of, draw_notice, name_page
from kb.pages.shared import find_interviews, find_transcripts, open_kb
from kb.text.display import mark_word, strip_remarks
from kb.text.sentences import sentence_spans

MOST_QUESTIONS = 6  # shown of each interview
SHORTEST, LONGEST = 25, 200  # characters of a question that is shown
MOST_READ = 10  # interviews whose questions are shown


def draw_about(name: str, interviews: Sequence[Interview]) -> str:
    """Who a person is: each position they held, their sector, and why they belong here."""
    cards = [leader for one in interviews if (leader := one.leader(name))]
    positions = dict.fromkeys(
        position for card in cards if (position := join_parts(*map(draw_name, _list_posts(card))))
    )
    more = dict.fromkeys(fact for card in cards for fact in (draw_name(card.sector), draw_name(say_why(card))) if fact)
    lines = [*(f"<p>{position}</p>" for position in positions), f'<p class="meta">{join_parts(*more)}</p>']
    return f'<div class="heading"><h1>{draw_name(name)}</h1>{"".join(lines)}<p>{draw_ask_link(name)}</p></div>'


def _list_posts(card: Leader) -> list[str]:
    return [strip_remarks(part) for part in (card.role or "", *card.companies)]


def draw_talk(name: str, interview: Interview, transcript: Transcript | None) -> str:
    """An interview, with the first questions that the person answers in it."""
    title = f'<a href="{interview_address(interview.id)}">{draw_name(interview.title)}</a>'
    asked_here = list_questions(name, transcript)[:MOST_QUESTIONS] if transcript else []
    questions = "".join(
        f'<li><a href="{interview_address(interview.id, Span(turn, 0, 0))}">{escape(question)}</a></li>'
        for turn, question in asked_here
    )
    asked = f"<details><summary>What they were asked</summary><ul>{questions}</ul></details>" if questions else ""
    meta = f'<p class="meta">{badge(interview)}{show_and_date(interview)}</p>'
    return f'<article class="entry"><h2>{title}</h2>{meta}{asked}</article>'


def list_questions(name: str, transcript: Transcript) -> list[tuple[int, str]]:
    """List the host's questions that a person answers, each with the turn of the answer."""
    return list(_questions(name, transcript))


def _questions(name: str, transcript: Transcript) -> Iterator[tuple[int, str]]:
    for asked, answer in zip(transcript.turns, transcript.turns[1:], strict=False):
        if asked.role != "host" or answer.speaker != name or "?" not in asked.text:
            continue
        last = next((one for one in reversed(_sentences(asked.text)) if one.endswith("?")), "")
        if SHORTEST <= len(last) <= LONGEST:
            yield answer.index, last


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


kb = open_kb()
name = st.query_params.get("name", "")
interviews = [one for one in find_interviews(kb) if one.leader(name)]
if not interviews:
    st.html("<h1>Leader</h1>")
    who = f"No interview here is with {draw_name(mark_word(name))}." if name else "No leader is named."
    draw_notice(f'{who} <a href="browse?view=Leaders">See all leaders</a>.', "problem" if name else "note")
    st.stop()
name_page(name)
st.html(draw_about(name, interviews))
newest = sorted(interviews, key=lambda one: one.when.removeprefix("c. "), reverse=True)
transcripts = find_transcripts(kb, [one.id for one in newest[:MOST_READ]])
st.html(f'<p class="meta">{count_of(len(newest), "interview")}</p>')
st.html("".join(draw_talk(name, one, transcripts.get(one.id)) for one in newest))
