"""The page of quotations: find one, search words, check a draft."""

from __future__ import annotations

import html
import re

import pytest
from screens import alerts, markup, open_page, rerun, shown
from streamlit.testing.v1 import AppTest

PAGE = "kb/pages/quotes.py"


pytestmark = pytest.mark.usefixtures("filled_app_home")


def test_an_exact_phrase_is_found_with_its_place_and_can_be_copied() -> None:
    page = open_page(PAGE, q='"the posters did nothing"')
    assert "We tried posters once, and the posters did nothing at all." in shown(page)
    assert "0:12" in shown(page)
    assert 'data-copy="“We tried posters once' in markup(page)
    assert "interview?id=soup&amp;turn=1" in markup(page)


def names_of_copies(page: AppTest) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'class="copy"[^>]* aria-label="([^"]*)"', markup(page))]


def test_each_copy_button_has_a_name_of_its_own_and_copies_rich_text_with_the_reference_too() -> None:
    page = open_page(PAGE, q='"the"')
    names = names_of_copies(page)
    assert len(names) > 1
    assert len(set(names)) == len(names)
    assert names[0].startswith("Copy with attribution: ")
    page = open_page(PAGE, q='"the posters did nothing"')
    (rich,) = re.findall(r'data-html="([^"]*)"', markup(page))
    assert html.unescape(rich) == (
        "<p>“We tried posters once, and the posters did nothing at all.” — <b>Mara Quill</b>, founder, Ladle House. "
        "<i>Soup for a city</i>, 2019-05-04. 0:12</p>"
    )
    page.selectbox[0].set_value("mla")
    page = rerun(page)
    assert names_of_copies(page) == ["Copy with reference: We tried posters once, and the posters…, Mara Quill, 0:12"]
    assert "(Quill 00:00:12)&lt;/p&gt;&lt;p&gt;Quill, Mara." in markup(page)


def test_two_turns_before_and_after_are_there_on_demand_and_the_hosts_are_called_so() -> None:
    page = open_page(PAGE, q='"being treated like a pair of hands"')
    around = markup(page).partition("What came before and after")[2]
    roles = re.findall(r'<section class="turn (\w+) talk">', around)
    assert roles == ["leader", "host"]
    assert '<span class="role">host</span>' in around


def test_a_style_that_is_chosen_gives_each_quotation_its_reference() -> None:
    page = open_page(PAGE, q='"the posters did nothing"')
    page.selectbox[0].set_value("mla")
    assert "Quill, Mara. “Soup for a City.”" in shown(rerun(page))


def test_a_phrase_that_nobody_says_is_said_to_be_in_no_interview() -> None:
    assert "No interview holds these words." in shown(open_page(PAGE, q='"the posters did everything"'))


def test_words_are_listed_with_what_stands_around_them_and_hosts_are_marked() -> None:
    page = open_page(PAGE, do="words", q="drives them away")
    assert "1 in 1 interview" in shown(page)
    assert '<span class="badge">host</span>' in markup(page)
    assert "Nobody says these words" in shown(open_page(PAGE, do="words", q="nowhere to be heard"))


def test_a_pasted_draft_is_judged_and_shows_the_true_words() -> None:
    page = open_page(PAGE, do="check")
    page.text_area[0].set_value(
        "“You never talk about soup,” says Mara Quill.\n\n“They write the rules,” adds Quill."
        "\n\n“<b>Nobody</b> said this.”"
    )
    page.button[0].click()
    rerun(page)
    assert "Words changed" in shown(page)
    assert "These are the words of Otto Brandl." in shown(page)
    assert "&lt;b&gt;Nobody&lt;/b&gt;" in markup(page)
    assert "<b>Nobody</b>" not in markup(page)


def test_a_draft_without_a_quotation_says_so() -> None:
    page = open_page(PAGE, do="check")
    page.text_area[0].set_value("Nothing is quoted here.")
    page.button[0].click()
    assert "There is no quotation" in shown(rerun(page))


def test_the_report_and_the_draft_with_the_true_words_are_offered() -> None:
    page = open_page(PAGE, do="check")
    assert not page.get("download_button")
    page.text_area[0].set_value("“You never talk about <soup>,” says Mara Quill. “Nobody said so, ever.”")
    page.button[0].click()
    rerun(page)
    labels = [one.proto.label for one in page.get("download_button")]
    assert labels == [
        "Report in Word, with comments",
        "Report in Markdown",
        "Report in CSV",
        "Draft as Markdown",
        "Draft as text",
    ]
    assert '<pre class="fixed">“You do not talk about soup&gt;,” says Mara Quill.' in markup(page)
    assert "1 quotation changed" in shown(page)
    assert "1 quotation that other words do not mend" in shown(page)


def test_of_a_word_as_common_as_can_be_a_page_is_made() -> None:
    page = open_page(PAGE, do="words", q="the")
    found = re.search(r"(\d+) in 2 interviews", shown(page))
    assert found
    assert markup(page).count('<article class="entry words-found">') == min(50, int(found[1]))


@pytest.mark.parametrize("address", [{"do": "nonsense"}, {"q": "?!", "do": "words"}, {"q": "x" * 5000}, {"q": ""}])
def test_an_address_that_makes_no_sense_is_a_page_or_one_line(address: dict[str, str]) -> None:
    assert len(alerts(open_page(PAGE, **address))) <= 1


def test_a_draft_is_checked_after_another_view_and_the_words_are_still_there_afterwards() -> None:
    page = open_page(PAGE, q="the crews")
    page.session_state["do"] = "check"
    rerun(page)
    page.text_area[0].set_value("“You never talk about soup,” says Mara Quill.")
    page.button[0].click()
    rerun(page)
    assert alerts(page) == []
    assert "Words changed" in shown(page)
    page.session_state["do"] = "words"
    assert "2 in 1 interview" in shown(rerun(page))
