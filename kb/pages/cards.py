"""Draw words from files as HTML: every character of them is escaped, none is ever markup.

A quotation keeps each of its characters; names and titles lose those that turn around what stands beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from itertools import zip_longest
from urllib.parse import urlencode

from kb.answering.attribution import format_attribution, format_place, format_time, link_at, list_position
from kb.answering.compare import Column, describe_column
from kb.model import PART_BREAK, Citation, Group, Interview, Leader, Passage, Sentence, Span, Transcript, Turn
from kb.pages.copying import draw_copy, name_controls, write_rich
from kb.retrieval.lexicon import Theme
from kb.storage.second_sources import SecondSource
from kb.text.display import strip_bidi

PEEK = 260  # characters shown on each side of cited words, in a hint
AROUND = 2  # turns shown on demand before a passage, and after it
BACK = "Back to where you were"  # seen once the script has found that there is a way back
SAMPLE_BADGE = '<span class="badge" title="Invented: shipped as an example">sample</span>'


def draw_group(group: Group) -> str:
    """Sentences of an answer, each with its speaker and with marks that lead to the passages."""
    label = f"<h2>{escape(group.label)}</h2>" if group.label else ""
    return f'<section class="group">{label}{"".join(map(_draw_sentence, group.sentences))}</section>'


def draw_passage(passage: Passage, transcript: Transcript, citations: Sequence[Citation] = ()) -> str:
    """A card: who speaks, where and when, the passage with what is cited of it marked, and the turns around it."""
    interview = transcript.interview
    leader = interview.leader(passage.speaker) or Leader(passage.speaker)
    numbers = "".join(
        f'<a class="number" id="passage-{one.number}" href="#said-{one.number}" '
        f'aria-label="Back to quotation {one.number}">{one.number}</a> '
        for one in citations
    )
    cited = min(citations, key=lambda one: (one.turn, one.start_offset), default=None)
    span = Span(cited.turn, cited.start_offset, cited.end_offset) if cited else passage.parts[0]
    whole = f'<a href="{interview_address(interview.id, span)}">Open in interview</a>'
    start = cited.start if cited else passage.start
    source = join_parts(draw_name(interview.title), show_and_date(interview), escape(format_place(cited or passage)))
    named = name_controls(cited.quote) if cited else ""
    return (
        f'<article class="card"{named}><header><p>{numbers}{draw_speaker(leader)}</p>'
        f'<p class="meta">{badge(interview)}{source}</p></header>'
        f'<blockquote dir="auto">{_draw_words(passage, citations)}</blockquote>'
        f"<footer>{_draw_copy(citations)}{whole}{draw_recording(interview, start)}</footer>"
        f"{draw_around(passage.first_turn, passage.last_turn, transcript)}</article>"
    )


def draw_number(citation: Citation, address: str, name: str = "") -> str:
    """A citation's number: it leads to an address, and shows the passage to a pointer and to the keyboard."""
    about = f"peek-{name}" if name else ""
    ids = f' id="{name}" aria-describedby="{about}"' if name else ""
    return (
        f'<span class="cite"><a class="number"{ids} href="{address}" '
        f'aria-label="Passage {citation.number}">{citation.number}</a>'
        f'<span class="peek" role="tooltip"{f" id={about}" if about else ""}>{_draw_peek(citation)}</span></span>'
    )


def draw_column(column: Column) -> str:
    """One of several that are compared: its sentences, or that there are none."""
    cells = "".join(map(draw_cell, column.sentences))
    told = f'<p class="{"meta" if cells else "empty"}">{describe_column(column)}</p>'
    return f'<section class="group column"><h2>{draw_name(column.value)}</h2>{told}{cells}</section>'


def draw_cell(sentence: Sentence, note: str = "") -> str:
    """A quotation in a column, with a short note of ours on it, and the way to its interview."""
    told = f'<p class="stance">{escape(note)}</p>' if note else ""
    return (
        f"{told}{_draw_figure(sentence, _address_of)}<footer>{_draw_copy(sentence.citations)}"
        f'<a href="{_address_of(sentence.citations[0])}">Open in interview</a></footer>'
    )


def _address_of(citation: Citation) -> str:
    return interview_address(citation.interview.id, locate(citation))


def locate(citation: Citation) -> Span:
    """The cited words in their turn."""
    return Span(citation.turn, citation.start_offset, citation.end_offset)


def draw_turn(turn: Turn, interview: Interview, cited: Span | None = None) -> str:
    """A turn of a transcript, and whether it is the cited one."""
    is_cited = cited is not None and cited.turn == turn.index
    slices = [(cited.start, cited.end)] if cited and is_cited else []
    classes = " ".join(["turn", turn.role, turn.kind, *(["cited"] if is_cited else [])])
    focus = ' tabindex="-1"' if is_cited else ""
    back = f'<p class="meta back"><a href="#">{BACK}</a></p>' if is_cited else ""
    kind = "" if turn.kind == "talk" else f'<span class="badge">{turn.kind.replace("_", "-")}</span>'
    return (
        f'<section class="{classes}"{focus}><header><b>{draw_name(turn.speaker or "Not named")}</b>'
        f'<span class="role">{turn.role if turn.role != "unknown" else ""}</span>{kind}{_turn_place(turn, interview)}'
        f'</header><p class="words" dir="auto">{mark_text(turn.text, slices)}</p>{back}</section>'
    )


def draw_interview(interview: Interview) -> str:
    """An entry of a list: the title leads to the interview."""
    leaders = "".join(f"<p>{_draw_linked(leader)}</p>" for leader in interview.leaders)
    sectors = sorted({leader.sector for leader in interview.leaders if leader.sector})
    title = f'<a href="{interview_address(interview.id)}">{draw_name(interview.title)}</a>'
    facts = join_parts(show_and_date(interview), *map(draw_name, sectors))
    return f'<article class="entry"><h2>{title}</h2>{leaders}<p class="meta">{badge(interview)}{facts}</p></article>'


def draw_theme(theme: Theme) -> str:
    """An entry of a list: a theme, with questions that lead to what the leaders say of it."""
    asked = "".join(
        f'<li><a href="./?{escape(urlencode({"q": question}))}">{escape(question)}</a></li>'
        for question in theme.questions
        if question.endswith("?")
    )
    return f'<article class="entry theme"><h2>{escape(theme.name)}</h2><ul>{asked}</ul></article>'


def draw_leader(leader: Leader, interviews: Sequence[Interview]) -> str:
    """An entry of a list: who a leader is, why they belong here, and where they speak."""
    links = "".join(
        f'<li><a href="{interview_address(one.id)}">{draw_name(one.title)}</a> '
        f'<span class="meta">{show_and_date(one)}</span> {badge(one)}</li>'
        for one in interviews
    )
    why = join_parts(draw_name(leader.sector), draw_name(say_why(leader)))
    return (
        f'<article class="entry"><h2 class="leader">{_draw_linked(leader)}</h2>'
        f'<p class="meta">{why}</p><ul>{links}</ul><p class="meta">{draw_ask_link(leader.name)}</p></article>'
    )


def draw_ask_link(name: str) -> str:
    """A link to ask one leader."""
    return f'<a href="./?{escape(urlencode({"leader": name}))}">Ask {draw_name(name)}</a>'


def draw_heading(interview: Interview) -> str:
    """The head of an interview's page: its title, its people, and where it comes from."""
    leaders = "".join(f"<p>{_draw_linked(leader)}</p>" for leader in interview.leaders)
    host = f'<p class="meta">Interviewed by {draw_name(interview.host)}</p>' if interview.host else ""
    machine = f"written down by {draw_name(interview.transcribed_by)}" if interview.transcribed_by else ""
    known = (show_and_date(interview), draw_name(interview.licence), draw_name(interview.source), machine)
    facts = join_parts(*known)
    recording = draw_recording(interview, None)
    return (
        f'<div class="heading"><h1>{draw_name(interview.title)}</h1>{leaders}{host}'
        f'<p class="meta">{badge(interview)}{join_parts(facts, recording)}</p></div>'
    )


def draw_second_sources(sources: Sequence[SecondSource]) -> str:
    """The further files that hold the same talk; '' if there are none."""
    names = ", ".join(draw_name(one.name) for one in sources)
    return f'<p class="meta">The same talk is also in {names}</p>' if names else ""


def draw_table(
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    addresses: Sequence[str | None] = (),
    ends: Sequence[str] = (),
) -> str:
    """A table of plain values; where there is an address for a row, its first value leads there.

    `ends` is markup for one more cell of each row.
    """
    head = "".join(f'<th scope="col">{escape(header)}</th>' for header in headers)
    body = "".join(_draw_row(*parts) for parts in zip_longest(rows, addresses, ends))
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _draw_row(values: Sequence[object], address: str | None, end: str | None) -> str:
    first, *rest = (escape(strip_bidi(str(value))) for value in values)
    cells = (f'<a href="{address}">{first}</a>' if address else first, *rest, *([] if end is None else [end]))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def draw_name(name: str | None) -> str:
    """A name or a title, which turns nothing around that stands beside it; '' if there is none."""
    return f"<bdi>{escape(strip_bidi(name))}</bdi>" if name else ""


def mark_text(text: str, slices: Sequence[tuple[int, int]]) -> str:
    """A text, escaped and otherwise as it is, with slices of it marked; offsets are in characters."""
    pieces: list[str] = []
    done = 0
    for start, end in sorted(slices):
        first = max(start, done)
        if first < min(end, len(text)):
            pieces += [escape(text[done:first]), "<mark>", escape(text[first:end]), "</mark>"]
            done = end
    return "".join([*pieces, escape(text[done:])])


def interview_address(interview_id: str, span: Span | None = None, *, to_correct: bool = False) -> str:
    """Where the app shows an interview, and which words of it, or its facts to be corrected.

    Escaped to stand in an attribute.
    """
    cited = {"turn": span.turn, "from": span.start, "to": span.end} if span else {}
    asked = {"correct": 1} if to_correct else {}
    return escape(f"interview?{urlencode({'id': interview_id, **cited, **asked})}")


def _draw_sentence(sentence: Sentence) -> str:
    return _draw_figure(sentence, lambda one: f"#passage-{one.number}")


def _draw_figure(sentence: Sentence, address: Callable[[Citation], str]) -> str:
    marks = " ".join(draw_number(one, address(one), f"said-{one.number}") for one in sentence.citations)
    cited = sentence.citations[0]
    by = join_parts(draw_speaker(cited.leader), _say_when(cited.interview))
    asked = f'<p class="asked" dir="auto">Asked: {escape(sentence.asked)}</p>' if sentence.asked else ""
    return (
        f'<figure>{asked}<blockquote class="said" dir="auto">{escape(sentence.text)}</blockquote>'
        f"<figcaption>{marks} {by}</figcaption></figure>"
    )


def _draw_peek(citation: Citation) -> str:
    """The passage as a hint: its words around the cited ones, and whose they are."""
    text = citation.passage.text
    at = text.find(citation.quote)
    first, last = max(0, at - PEEK), min(len(text), at + len(citation.quote) + PEEK)
    words = mark_text(text[first:last], [(at - first, at - first + len(citation.quote))] if at >= 0 else [])
    before, after = "… " if first else "", " …" if last < len(text) else ""
    place = join_parts(
        draw_name(citation.leader.name), draw_name(citation.interview.title), escape(format_place(citation))
    )
    return f'<span class="words">{before}{words}{after}</span><span class="by">{place}</span>'


def _draw_words(passage: Passage, citations: Sequence[Citation]) -> str:
    """The parts of a passage with what is cited of them marked; one after others have spoken is `later`."""
    drawn: list[str] = []
    before, last_turn = 0, passage.first_turn
    for part in passage.parts:
        words = passage.text[before : before + part.end - part.start]
        style = ' class="later"' if part.turn > last_turn + 1 else ""
        drawn.append(f"<p{style}>{mark_text(words, list(_cited_slices(part, citations)))}</p>")
        before, last_turn = before + len(words) + len(PART_BREAK), part.turn
    return "".join(drawn)


def _cited_slices(part: Span, citations: Sequence[Citation]) -> Iterator[tuple[int, int]]:
    """Where the quotations stand in the text of a passage's part."""
    for one in citations:
        if one.turn == part.turn and part.start <= one.start_offset and one.end_offset <= part.end:
            yield one.start_offset - part.start, one.end_offset - part.start


def _draw_copy(citations: Sequence[Citation]) -> str:
    if not citations:
        return ""
    pasted = "\n\n".join(map(format_attribution, citations))
    numbers = " and ".join(str(one.number) for one in citations)
    which = f"quotation{'s' * (len(citations) > 1)} {numbers} of {citations[0].leader.name}"
    return draw_copy("Copy with attribution", which, pasted, write_rich(citations))


def draw_around(first: int, last: int, transcript: Transcript) -> str:
    """The turns before one and after another, on demand; '' if there are none."""
    before = transcript.turns[max(0, first - AROUND) : first]
    after = transcript.turns[last + 1 : last + 1 + AROUND]
    if not before and not after:
        return ""
    above, below = ("".join(draw_turn(turn, transcript.interview) for turn in turns) for turns in (before, after))
    return (
        "<details><summary>What came before and after</summary>"
        f'{above}<p class="gap">the passage above</p>{below}</details>'
    )


def draw_speaker(leader: Leader) -> str:
    """A person's name, with role and company."""
    return f"<b>{draw_name(leader.name)}</b>{_draw_position(leader)}"


def _draw_linked(leader: Leader) -> str:
    """A person's name, which leads to the page about them, with role and company."""
    address = escape(f"leader?{urlencode({'name': leader.name})}")
    return f'<a class="person" href="{address}"><b>{draw_name(leader.name)}</b></a>{_draw_position(leader)}'


def _draw_position(leader: Leader) -> str:
    position = ", ".join(list_position(leader))
    return f' <span class="position">{draw_name(position)}</span>' if position else ""


def say_why(leader: Leader) -> str:
    """By which rule a leader belongs here and on what evidence, where either is known."""
    evidence = leader.evidence or ""
    if leader.qualifies and evidence.casefold().startswith(leader.qualifies):
        return evidence
    return ": ".join(part for part in (leader.qualifies, evidence) if part)


def badge(interview: Interview) -> str:
    """That an interview is invented, where it is."""
    return f"{SAMPLE_BADGE} " if interview.sample else ""


def show_and_date(interview: Interview) -> str:
    """The show and the date, as precisely as they are known."""
    return join_parts(draw_name(interview.show), _say_when(interview))


def _say_when(interview: Interview) -> str:
    """The date as a person writes it, as precisely as it is known."""
    day = interview.date
    return f"{day.day}&nbsp;{day:%B}&nbsp;{day.year}" if day else escape(interview.when)


def draw_recording(interview: Interview, start: float | None) -> str:
    """A link that opens the recording, at the second where one is known; '' where there is none."""
    at = f" at {format_time(start)}" if start is not None else ""
    address = link_at(interview, start)
    return _link(f"Recording{at}", address) if address else ""


def _turn_place(turn: Turn, interview: Interview) -> str:
    if turn.start is not None:
        return f'<span class="time">{_link(format_time(turn.start), link_at(interview, turn.start))}</span>'
    return f'<span class="time">p. {turn.page}</span>' if turn.page else ""


def _link(label: str, address: str | None) -> str:
    if not label or not address:
        return escape(label)
    return f'<a href="{escape(address)}" target="_blank" title="Open the recording">{escape(label)}</a>'


def join_parts(*parts: str) -> str:
    """The parts that are not empty, with dots between them."""
    return " · ".join(part for part in parts if part)
