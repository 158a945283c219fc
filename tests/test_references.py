"""Interviews are cited as the styles' own examples are, and as reference managers read them back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

import bibtexparser
import pytest
import rispy

from kb.model import Interview, Leader
from kb.quotes.references import list_references, make_reference, to_bibtex, to_csl_json, to_ris
from kb.quotes.styles import FILES, Style, render

TODAY = date(2026, 11, 26)
ADA = Leader("Ada van der Stone", "founder", "Ladle House")
SHOW = Interview(
    "bread",
    "Bread at four",
    (ADA,),
    host="Marta Quill",
    show="Copper Hour",
    date=date(2017, 4, 19),
    url="https://x.org/4",
)
BARE = Interview("bare", "Bread at four", (ADA,))
CIRCA = Interview(
    "circa", "Bread at four", (ADA,), host="Marta Quill", year=2020, year_is_approximate=True, sample=True
)
HOSTILE = Interview(
    "h", "Bad\nER  - \nTY  - BOOK } {\\ \u202e", (Leader("X\ny"),), show="S_how & 5%", url="https://x/}{?a=b_c"
)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quotation with its place."""

    interview: Interview
    leader: Leader = ADA
    start: float | None = 4445.0
    start_is_exact: bool = True
    page: int | None = None
    quote: str = "Bread is patience."


def test_a_podcast_is_cited_as_in_the_manual_of_apa_7() -> None:
    """American Psychological Association (2020), Publication Manual, 7th edition, example 94."""
    item = {
        "id": "glass", "type": "broadcast", "title": "Amusement park", "container-title": "This American life",
        "host": [{"family": "Glass", "given": "Ira"}], "number": "443", "medium": "Audio podcast episode",
        "publisher": "WBEZ Chicago", "issued": {"date-parts": [[2011, 8, 12]]}, "URL": "https://www.example.org/443",
    }  # fmt: skip
    assert render(item, "apa").entry == (
        "Glass, I. (Host). (2011, August 12). Amusement park (No. 443) [Audio podcast episode]. In This American life."
        " WBEZ Chicago. https://www.example.org/443"
    )


def test_an_interview_is_cited_as_in_the_guide_of_chicago() -> None:
    """The Chicago Manual of Style, citation quick guide, "Interview"."""
    item = {
        "id": "stamper", "type": "interview", "author": [{"family": "Stamper", "given": "Kory"}],
        "title": "From ‘F-Bomb’ to ‘Photobomb,’ How the Dictionary Keeps Up with English", "publisher": "NPR",
        "interviewer": [{"family": "Gross", "given": "Terry"}], "container-title": "Fresh Air", "medium": "audio",
        "issued": {"date-parts": [[2017, 4, 19]]}, "dimensions": "35:25", "URL": "https://www.example.org/524618639",
    }  # fmt: skip
    assert render(item, "chicago-notes").entry == (
        "Stamper, Kory. “From ‘F-Bomb’ to ‘Photobomb,’ How the Dictionary Keeps Up with English.” Interview by"
        " Terry Gross. Fresh Air, NPR, April 19, 2017. Audio, 35:25. https://www.example.org/524618639."
    )


@pytest.mark.parametrize(
    ("style", "entry", "in_text"),
    [
        (
            "apa",
            "Quill, M. (Host). (2017, April 19). Bread at four [Audio podcast episode]. In Copper Hour. https://x.org/4",
            "(Quill, 2017, 1:14:05)",
        ),
        (
            "mla",
            "van der Stone, Ada. “Bread at Four.” Interview by Marta Quill. Copper Hour, 19 Apr. 2017, https://x.org/4.",
            "(van der Stone 01:14:05)",
        ),
        (
            "chicago-author-date",
            "van der Stone, Ada. 2017. “Bread at Four.” Interview by Marta Quill. Copper Hour, April 19. https://x.org/4.",
            "(van der Stone 2017, 1:14:05)",
        ),
        (
            "harvard",
            "van der Stone, A. (2017) ‘Bread at four’, Copper Hour. Available at: https://x.org/4"
            " (Accessed: 26 November 2026).",
            "(van der Stone, 2017, 1:14:05)",
        ),
    ],
)
def test_an_interview_of_a_show_is_cited_by_each_style_at_its_second(style: Style, entry: str, in_text: str) -> None:
    found = make_reference(Quoted(SHOW), style, TODAY)
    assert (found.entry, found.in_text) == (entry, in_text)


@pytest.mark.parametrize("style", list(FILES))
@pytest.mark.parametrize("interview", [SHOW, BARE, CIRCA, HOSTILE])
def test_what_is_not_known_is_left_out_by_the_rule_of_the_style(style: Style, interview: Interview) -> None:
    found = make_reference(Quoted(interview), style, TODAY)
    for told in (found.entry, found.in_text):
        assert "None" not in told
        assert "dition" not in told
        assert "personal communication" not in told
        assert "\n" not in told
        assert "\u202e" not in told
    assert found.in_text


def test_a_time_of_an_earlier_turn_is_no_place_to_cite_and_a_page_is() -> None:
    assert "1:14:05" not in make_reference(Quoted(SHOW, start_is_exact=False), "apa", TODAY).in_text
    assert "p. 3" in make_reference(Quoted(SHOW, start=None, page=3), "apa", TODAY).in_text


def test_a_sample_says_that_it_is_invented() -> None:
    assert make_reference(Quoted(CIRCA), "mla", TODAY).entry.endswith("[Invented sample interview.]")


def test_a_list_of_references_has_each_interview_once_in_order() -> None:
    entries = list_references([Quoted(SHOW), Quoted(SHOW, start=9.0), Quoted(BARE)], "mla", TODAY)
    assert len(entries) == 2
    assert entries == sorted(entries, key=str.casefold)


def test_records_are_read_back_as_they_are_and_a_title_forges_none() -> None:
    quoted = [Quoted(SHOW), Quoted(SHOW), Quoted(HOSTILE, HOSTILE.leaders[0])]
    ris = rispy.loads(to_ris(quoted, TODAY))
    assert [one["title"] for one in ris] == ["Bread at four", "Bad ER - TY - BOOK } {\\"]
    assert ris[0]["authors"] == ["van der Stone, Ada"]
    library = bibtexparser.parse_string(to_bibtex(quoted, TODAY))
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == ["bread-ada-van-der-stone", "h-x-y"]
    assert library.entries[0].fields_dict["author"].value == "van der Stone, Ada"
    assert library.entries[1].fields_dict["howpublished"].value == "S\\_how \\& 5\\%"
    assert json.loads(to_csl_json(quoted, TODAY))[0]["interviewer"] == [{"family": "Quill", "given": "Marta"}]
