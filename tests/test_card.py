"""The card of an interview: table before front matter before first lines before file name."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.metadata.card import read_card, readable_name
from ingest.reading import read_file
from ingest.script import Line, Script
from kb.model import Interview, Leader


def card_of(
    card: dict[str, object] | None = None,
    row: dict[str, str] | None = None,
    lines: tuple[Line, ...] = (),
    source: str = "a-talk.md",
) -> Interview:
    script = Script("markdown", lines, card or {})
    return read_card(script, row, source=source, source_hash="ab12", interview_id="a-talk")


def test_front_matter_fills_the_card() -> None:
    interview = card_of(
        {
            "title": "Against the tide",
            "leaders": [{"name": "Bram Castellan", "role": "founder", "company": "Tidepool Looms", "sector": "cloth"}],
            "host": "Orla Fenwick",
            "podcast": "Second Shift",
            "published": date(2021, 3, 4),
            "link": "https://example.org/shift/9",
            "enclosure": {"url": "https://example.org/shift/9.mp3", "type": "audio/mpeg"},
            "lang": "en-GB",
            "sample": True,
        }
    )
    assert interview.title == "Against the tide"
    assert interview.leaders == (Leader("Bram Castellan", "founder", "Tidepool Looms", "cloth"),)
    assert (interview.host, interview.show, interview.when) == ("Orla Fenwick", "Second Shift", "2021-03-04")
    assert interview.url == "https://example.org/shift/9"
    assert interview.media_url == "https://example.org/shift/9.mp3"
    assert (interview.language, interview.sample, interview.source_hash) == ("en", True, "ab12")


def test_the_table_wins_over_front_matter_and_front_matter_over_the_first_lines() -> None:
    lines = (Line("Host: Nils Ott"), Line("Company: Loom Guild"), Line(""), Line("Nils Ott: Who are you?"))
    front: dict[str, object] = {"guest": "B. Castellan", "host": "Orla Fenwick"}
    interview = card_of(front, {"guest": "Bram Castellan", "approx_year": "c. 2012"}, lines)
    assert interview.leaders == (Leader("Bram Castellan", company="Loom Guild"),)
    assert (interview.host, interview.when) == ("Orla Fenwick", "c. 2012")


def test_roles_and_companies_are_split_only_where_there_are_as_many_as_leaders() -> None:
    one = card_of(row={"guest": "Bram Castellan", "role": "weaver; founder", "company": "Tidepool; Loom Guild"})
    two = card_of(row={"guest": "Bram Castellan; Ada Quill", "role": "founder; chair", "company": "Tidepool"})
    assert one.leaders == (Leader("Bram Castellan", "weaver; founder", "Tidepool; Loom Guild"),)
    assert two.leaders == (Leader("Bram Castellan", "founder", "Tidepool"), Leader("Ada Quill", "chair", "Tidepool"))


@pytest.mark.parametrize(
    ("guest", "names"),
    [
        ("Bram Castellan, founder of Tidepool Looms", ["Bram Castellan"]),
        ("Bram Castellan (CEO, Tidepool Looms)", ["Bram Castellan"]),
        ("Castellan, Bram", ["Bram Castellan"]),
        ("[[people/bram|Bram Castellan]]", ["Bram Castellan"]),
        ("Bram Castellan, Ada Quill and Ben Oyo", ["Bram Castellan", "Ada Quill", "Ben Oyo"]),
        ("Ben and Jerry", ["Ben and Jerry"]),
        (["Bram Castellan", "Ada Quill"], ["Bram Castellan", "Ada Quill"]),
        ("", []),
    ],
)
def test_guests_are_read_however_they_are_written(guest: object, names: list[str]) -> None:
    assert list(card_of({"guest": guest}).leader_names) == names


def test_a_role_behind_the_name_is_kept() -> None:
    assert card_of({"guest": "Bram Castellan, founder of Tidepool Looms"}).leaders == (
        Leader("Bram Castellan", "founder", "Tidepool Looms"),
    )


def test_a_host_who_is_listed_among_the_speakers_is_no_leader() -> None:
    interview = card_of({"speakers": ["Orla Fenwick", "Bram Castellan"], "host": "Orla Fenwick"})
    assert interview.leader_names == ("Bram Castellan",)


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("2021-03-04", "2021-03-04"),
        ("2021-03-04T10:00:00Z", "2021-03-04"),
        ("March 4th, 2021", "2021-03-04"),
        ("Thursday, 4 March 2021", "2021-03-04"),
        ("4.3.2021", "2021-03-04"),
        ("25/12/2021", "2021-12-25"),
        ("04/05/2021", "2021"),
        ("2021", "2021"),
        ("c. 2012", "c. 2012"),
        ("about 1998", "c. 1998"),
        ("soon", ""),
    ],
)
def test_dates_are_as_exact_as_they_are_written(written: str, when: str) -> None:
    assert card_of({"date": written}).when == when


def test_a_recording_is_found_under_any_of_its_names() -> None:
    assert card_of({"youtube": "dQw4w9WgXcQ"}).media_url == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    assert card_of({"url": "https://youtu.be/dQw4w9WgXcQ"}).media_url == "https://youtu.be/dQw4w9WgXcQ"
    assert card_of({"audio": "/files/talk.mp3"}).media_url is None
    assert card_of({"video_link": "https://vimeo.com/1234"}).media_url == "https://vimeo.com/1234"
    assert card_of({"url": "javascript:alert(1)"}).url is None


def test_a_malformed_address_is_left_out_and_told() -> None:
    talk = "**Host:** How did you start?\n\n**Mara Quill:** With a single pot and eleven neighbours.\n"
    for field in ("url", "media_url"):
        data = f"---\nleader: Mara Quill\n{field}: https://[oops/episode/1\n---\n\n{talk}".encode()
        reading = read_file(data, "talk.md", interview_id="talk")
        assert (reading.transcript.interview.url, reading.transcript.interview.media_url) == (None, None)
        assert reading.warnings == ("https://[oops/episode/1 is no web address: it is left out",)


def test_a_header_before_the_talk_names_host_guest_and_date() -> None:
    lines = tuple(
        map(
            Line,
            [
                "Interviewer (Q): Orla Fenwick",
                "Respondent (A): Bram Castellan, mayor, City of Weir",
                "Date: 4 March 2021",
                "",
                "Q: How did it begin?",
            ],
        )
    )
    interview = card_of(lines=lines, source="weir.txt")
    assert (interview.host, interview.when) == ("Orla Fenwick", "2021-03-04")
    assert interview.leaders == (Leader("Bram Castellan", "mayor", "City of Weir"),)


def test_labels_of_speech_are_no_header() -> None:
    lines = tuple(map(Line, ["Host: Welcome back to the show.", "Guest: Ada Quill", "Host: Hello.", "Guest: Hello."]))
    interview = card_of(lines=lines)
    assert (interview.host, interview.leaders) == (None, ())


def test_the_title_falls_back_to_a_heading_and_then_to_the_file_name() -> None:
    heading = (Line("Transcript", heading=True), Line("Weaving together", heading=True))
    assert card_of(lines=heading).title == "Weaving together"
    assert card_of(source="talks/founders-talk-7.en.vtt.txt").title == "Founders talk 7 en"
    assert readable_name("weir_2021.srt") == "Weir 2021"


def test_the_language_may_stand_in_the_file_name() -> None:
    assert card_of(source="talk.es.md").language == "es"
    assert card_of(source="talk.md").language == "en"
