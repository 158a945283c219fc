"""Attributions and links, by literals."""

from dataclasses import replace
from datetime import date

import pytest

from kb.answering.attribution import format_attribution, format_place, format_time, link_at
from kb.cli.render import describe_hit
from kb.model import Citation, Hit, Interview, Leader, Passage, Span, Transcript
from kb.pages.cards import draw_passage

INTERVIEW = Interview(
    "talk",
    "Soup for a city",
    (Leader("Mara Quill", "founder", "Ladle House"),),
    show="Kitchens",
    date=date(2019, 5, 4),
    url="https://example.org/talk",
)
PASSAGE = Passage("talk:1", "talk", (Span(1, 0, 9),), "Mara Quill", "Eat first.")
CITATION = Citation(1, PASSAGE, INTERVIEW, 1, 0, 10, "Eat first.", start=75.0, start_is_exact=True)


def test_an_attribution_names_the_leader_the_interview_and_the_second() -> None:
    assert format_attribution(CITATION) == (
        "“Eat first.” — Mara Quill, founder, Ladle House. Soup for a city, Kitchens, 2019-05-04. 1:15 "
        "https://example.org/talk#t=75"
    )


def test_an_invented_interview_is_attributed_as_one() -> None:
    sample = replace(CITATION, interview=replace(INTERVIEW, sample=True))
    assert format_attribution(sample).endswith("[invented sample interview]")


def test_a_time_given_earlier_is_said_to_be_earlier() -> None:
    assert format_place(replace(CITATION, start_is_exact=False)) == "after 1:15"
    assert format_place(replace(CITATION, start=None, page=3)) == "p. 3"
    assert format_place(replace(CITATION, start=None)) == ""


@pytest.mark.parametrize(
    ("passage", "place"),
    [
        (replace(PASSAGE, start=75.0, start_is_exact=True), "1:15"),
        (replace(PASSAGE, start=75.0), "after 1:15"),
        (replace(PASSAGE, page=3), "p. 3"),
    ],
)
def test_a_passage_is_placed_as_its_citations_are_on_every_door(passage: Passage, place: str) -> None:
    assert format_place(passage) == place
    described = f"Mara Quill · Ladle House · Soup for a city · 2019-05-04 · {place}"
    assert describe_hit(Hit(passage, INTERVIEW, 1.0)) == described
    assert f"4&nbsp;May&nbsp;2019 · {place}</p>" in draw_passage(passage, Transcript(INTERVIEW, ()))


def test_times_read_as_clocks() -> None:
    assert [format_time(seconds) for seconds in (0, 59.9, 61, 3600, 7325.2)] == [
        "0:00",
        "0:59",
        "1:01",
        "1:00:00",
        "2:02:05",
    ]


def test_a_youtube_link_opens_at_the_second() -> None:
    video = replace(INTERVIEW, media_url="https://www.youtube.com/watch?v=abc&t=3s")
    assert link_at(video, 62.7) == "https://www.youtube.com/watch?v=abc&t=62s"


def test_the_recording_comes_before_the_page() -> None:
    assert link_at(replace(INTERVIEW, media_url="https://example.org/a.mp3"), 9.0) == "https://example.org/a.mp3#t=9"


def test_an_address_that_is_no_web_address_is_never_a_link() -> None:
    assert link_at(replace(INTERVIEW, url="javascript:alert(1)"), 5.0) is None
    assert link_at(replace(INTERVIEW, url=None), 5.0) is None


def test_a_malformed_address_is_never_a_link() -> None:
    for start in (None, 5.0):
        assert link_at(replace(INTERVIEW, url="https://[oops/episode/1"), start) is None


def test_an_address_that_needs_its_own_fragment_keeps_it() -> None:
    routed = replace(INTERVIEW, url="https://site.example/#/episode/12")
    assert link_at(routed, 62.7) == "https://site.example/#/episode/12"
    assert link_at(replace(INTERVIEW, url="https://example.org/talk#t=3"), 9.0) == "https://example.org/talk#t=9"


def test_a_youtube_link_keeps_a_value_that_is_empty() -> None:
    video = replace(INTERVIEW, media_url="https://www.youtube.com/watch?v=abc&flag=")
    assert link_at(video, 5.0) == "https://www.youtube.com/watch?v=abc&flag=&t=5s"
