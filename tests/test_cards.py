"""What is drawn of a passage is the text itself, whatever the text holds."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

from kb.model import Citation, Interview, Leader, Passage, Span, Transcript, Turn
from kb.pages.cards import draw_interview, draw_leader, draw_passage, draw_table, draw_turn, mark_text

HOSTILE = (
    '<script>window.pwned = 1</script><iframe srcdoc="<script>parent.pwned = 2</script>"></iframe>'
    "<style>body { display: none }</style><img src=x onerror='pwned = 3'> &lt;b&gt; ![beacon](http://203.0.113.1/x.png)"
    ' :red[warning] **bold** _it_ $math$ `code` :material/home: [link](javascript:pwned=4) " onmouseover="pwned=5'
)
ADA = Interview("talk", "A talk", (Leader("Ada Vance", "founder", "Vance & Co"),), show="The Show", year=2020)


def read_back(drawn: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", drawn))


def read_markup(drawn: str) -> set[str]:
    """Every tag and attribute, as a browser sees them."""
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update({f"{tag} {name}" for name, _ in attrs} or {tag})

    Reader().feed(drawn)
    return found


def make_passage(*texts: str) -> tuple[Passage, Transcript]:
    turns = tuple(Turn(index, "Ada Vance", "leader", text) for index, text in enumerate(texts))
    parts = tuple(Span(turn.index, 0, len(turn.text)) for turn in turns)
    passage = Passage("talk:0-1", "talk", parts, "Ada Vance", "\n\n".join(texts))
    return passage, Transcript(ADA, turns)


def cite(passage: Passage, turn: int, start: int, quote: str, number: int = 1) -> Citation:
    return Citation(number, passage, ADA, turn, start, start + len(quote), quote)


def test_marked_text_is_escaped_and_otherwise_the_same() -> None:
    drawn = mark_text(HOSTILE, [(3, 40), (80, 120)])
    assert read_back(drawn) == HOSTILE
    assert set(re.findall(r"<[^>]*>", drawn)) == {"<mark>", "</mark>"}


def test_slices_that_overlap_are_marked_once() -> None:
    assert mark_text("one two three", [(4, 13), (0, 7)]) == "<mark>one two</mark><mark> three</mark>"


def test_slices_past_the_end_mark_nothing() -> None:
    assert mark_text("one", [(5, 9), (2, 2)]) == "one"


def test_the_quote_is_marked_in_the_second_turn_though_the_first_holds_the_same_words() -> None:
    passage, transcript = make_passage("We listen.", "Yes. We listen.")
    drawn = draw_passage(passage, transcript, [cite(passage, 1, 5, "We listen.")])
    assert "<p>We listen.</p><p>Yes. <mark>We listen.</mark></p></blockquote>" in drawn


def test_a_card_marks_where_others_spoke_in_between() -> None:
    turns = tuple(Turn(index, "Ada Vance", "leader", f"word{index}") for index in range(3))
    passage = Passage("talk:0-2", "talk", (Span(0, 0, 5), Span(2, 0, 5)), "Ada Vance", "word0\n\nword2")
    drawn = draw_passage(passage, Transcript(ADA, turns))
    assert '<p>word0</p><p class="later">word2</p></blockquote>' in drawn


def test_a_card_leads_to_the_recording_at_the_cited_second() -> None:
    interview = replace(ADA, media_url="https://example.org/talk.mp3")
    passage, transcript = make_passage("Yes. We listen.")
    cited = replace(cite(passage, 0, 5, "We listen."), start=754.0, start_is_exact=True)
    drawn = draw_passage(passage, replace(transcript, interview=interview), [cited])
    assert 'href="https://example.org/talk.mp3#t=754"' in drawn
    assert ">Recording at 12:34</a>" in drawn


def test_a_card_names_the_page_of_a_source_without_times() -> None:
    passage, transcript = make_passage("Yes. We listen.")
    drawn = draw_passage(passage, transcript, [replace(cite(passage, 0, 5, "We listen."), page=7)])
    assert " · p. 7</p>" in drawn


def test_a_day_is_written_in_words() -> None:
    drawn = draw_interview(replace(ADA, date=date(2020, 3, 5)))
    assert "<bdi>The Show</bdi> · 5&nbsp;March&nbsp;2020" in drawn


def test_the_reason_a_leader_belongs_here_is_said_once() -> None:
    leader = Leader("Ada Vance", qualifies="market value", evidence="market value of 3 billion dollars")
    assert "market value: " not in draw_leader(leader, [])
    assert "people served: 2 million" in draw_leader(Leader("Ada", qualifies="people served", evidence="2 million"), [])


def test_a_card_leads_to_the_cited_words_in_the_interview() -> None:
    passage, transcript = make_passage("Yes. We listen.")
    drawn = draw_passage(passage, transcript, [cite(passage, 0, 5, "We listen.", number=3)])
    assert 'href="interview?id=talk&amp;turn=0&amp;from=5&amp;to=15"' in drawn
    assert 'id="passage-3"' in drawn


def test_a_card_shows_two_turns_before_and_after() -> None:
    turns = tuple(Turn(index, "Ada Vance", "leader", f"word{index}") for index in range(9))
    passage = Passage("talk:4-4", "talk", (Span(4, 0, 5),), "Ada Vance", "word4")
    drawn = draw_passage(passage, Transcript(ADA, turns))
    assert re.findall(r"word\d", drawn) == ["word4", "word2", "word3", "word5", "word6"]


def test_a_time_leads_to_the_recording_at_its_second() -> None:
    interview = Interview("talk", "A talk", media_url="https://example.org/talk.mp3")
    drawn = draw_turn(Turn(0, "Ada", "leader", "Yes.", start=754.0), interview)
    assert '<a href="https://example.org/talk.mp3#t=754" target="_blank" title="Open the recording">12:34</a>' in drawn


def test_an_address_that_is_no_web_address_is_not_a_link() -> None:
    interview = Interview("talk", "A talk", media_url="javascript:alert(1)")
    assert "href" not in draw_turn(Turn(0, "Ada", "leader", "Yes.", start=754.0), interview)


def test_names_titles_and_cells_are_escaped() -> None:
    leader = Leader(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "market value", HOSTILE)
    interview = Interview(HOSTILE, HOSTILE, (leader,), host=HOSTILE, show=HOSTILE, sample=True)
    drawn = draw_interview(interview) + draw_leader(leader, [interview]) + draw_table([HOSTILE], [[HOSTILE]])
    assert read_back(drawn).count(HOSTILE) >= 10
    assert read_markup(drawn) <= {
        "bdi", "a class", "a href", "article class", "b", "div class", "h2", "h2 class", "li", "p", "p class",
        "span class", "span title", "table", "tbody", "td", "th scope", "thead", "tr", "ul",
    }  # fmt: skip
