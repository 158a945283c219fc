"""The page of quotations: find one, search words, check a draft."""

from __future__ import annotations

import pytest
from screens import alerts, markup, open_page, rerun, shown

PAGE = "kb/pages/quotes.py"


pytestmark = pytest.mark.usefixtures("filled_app_home")


def test_an_exact_phrase_is_found_with_its_place_and_can_be_copied() -> None:
    page = open_page(PAGE, q='"the posters did nothing"')
    assert "We tried posters once, and the posters did nothing at all." in shown(page)
    assert "0:12" in shown(page)
    assert 'data-copy="“We tried posters once' in markup(page)
    assert "interview?id=soup&amp;turn=1" in markup(page)


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


@pytest.mark.parametrize("address", [{"do": "nonsense"}, {"q": "?!", "do": "words"}, {"q": "x" * 5000}, {"q": ""}])
def test_an_address_that_makes_no_sense_is_a_page_or_one_line(address: dict[str, str]) -> None:
    assert len(alerts(open_page(PAGE, **address))) <= 1
