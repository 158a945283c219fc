"""A person's way from a question to the cited words and on, in a real browser on a real server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import QUESTION, ask, wait_for_answer
from browser.looks import wait_until_still

pytestmark = pytest.mark.slow


def test_from_an_example_to_the_cited_words_in_their_interview_and_back(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name=QUESTION).click()
    wait_for_answer(page)
    expect(page).to_have_url(re.compile("q=How"))
    assert page.locator(".group .said").count() >= 3
    expect(page.locator(".coverage")).to_contain_text(
        re.compile(r"(?:Three|Four|Five|Six|Seven) leaders, 20\d\d to 20\d\d")
    )

    page.locator(".group a.number").last.click()
    number = page.locator(".group a.number").last.inner_text()
    card = page.locator(".card", has=page.locator(f"#passage-{number}"))
    expect(card.locator(f"#passage-{number}")).to_be_in_viewport()

    card.get_by_text("What came before and after").click()
    expect(card.locator("details .turn").first).to_be_visible()
    expect(card.locator(".badge", has_text="sample")).to_be_visible()

    card.locator(f"#passage-{number}").click()
    expect(page.locator(f"#said-{number}")).to_be_in_viewport()

    marked = card.locator("mark").first.inner_text()
    card.get_by_role("link", name="Open in interview").click()
    expect(page.locator(".turn.cited mark")).to_have_text(marked)
    expect(page.locator(".turn.cited mark")).to_be_in_viewport()
    assert page.locator(".turn").count() > 10
    expect(page).to_have_title(f"{page.locator('h1').inner_text()} · Fusion")
    expect(page.locator(".turn.cited")).to_be_focused()

    page.go_back()
    wait_for_answer(page)
    expect(page.get_by_label("Question")).to_have_value(QUESTION)


def test_a_passage_is_copied_with_its_attribution(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    card = page.locator(".card").first
    card.get_by_role("button", name="Copy with attribution").click()
    expect(card.locator(".copy")).to_have_text("Copied")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(
        f"“{card.locator('mark').first.inner_text()}” — {card.locator('header b').first.inner_text()}, "
    )
    assert "[invented sample interview]" in copied

    page.locator(".copy").nth(1).click()
    expect(page.locator(".copy").nth(1)).to_have_text("Copied")
    expect(card.locator(".copy")).to_have_text("Copy with attribution")


def test_a_passage_is_copied_where_the_browser_keeps_its_clipboard_from_the_page(page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    card = page.locator(".card").first
    card.get_by_role("button", name="Copy with attribution").click()
    expect(card.locator(".copy")).to_have_text("Copied")
    page.get_by_label("Question").press("ControlOrMeta+A")
    page.get_by_label("Question").press("ControlOrMeta+V")
    expect(page.get_by_label("Question")).to_have_value(re.compile(f"^“{card.locator('mark').first.inner_text()}”"))


def test_the_keyboard_asks_and_reaches_a_citation(page: Page) -> None:
    page.goto("/")
    page.get_by_text("For example").wait_for()
    wait_until_still(page)
    page.get_by_label("Question").focus()
    page.keyboard.type("What drives good people away?")
    page.keyboard.press("Enter")
    wait_for_answer(page)
    expect(page).to_have_title("What drives good people away? · Fusion")
    expect(page.locator(".coverage")).to_be_focused()  # else the answer may take the focus later
    page.locator(".group a.number").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#passage-1$"))
    expect(page.locator("#passage-1")).to_be_in_viewport()
    page.keyboard.press("Tab")
    page.wait_for_function("document.activeElement.closest('.card')")


def test_the_banner_says_how_to_add_real_interviews(page: Page) -> None:
    page.goto("/")
    page.get_by_text("interviews here are invented samples").click()
    expect(page.locator(".banner").get_by_text("kb-ingest fetch founders-talk")).to_be_visible()
    page.locator(".banner").get_by_role("link", name="Add interviews").click()
    expect(page.get_by_role("heading", name="Add interviews")).to_be_visible()


def test_a_filter_limits_the_answer_and_can_be_shared_and_gone_back_from(page: Page) -> None:
    page.goto("/?q=What+drives+good+people+away%3F")
    wait_for_answer(page)
    page.get_by_role("button", name="Leader").click()
    page.get_by_role("combobox", name="Leader").fill("Vasko")
    page.get_by_role("option", name="Dmitri Vasko (1)").click()
    expect(page.get_by_text("Only Dmitri Vasko")).to_be_visible()
    expect(page).to_have_url(re.compile(r"leader=Dmitri\+Vasko"))
    names = page.locator(".card > header b")
    expect(names.filter(has_not_text="Dmitri Vasko")).to_have_count(0)
    expect(names.first).to_have_text("Dmitri Vasko")
    page.reload()
    expect(page.get_by_text("Only Dmitri Vasko")).to_be_visible()
    wait_until_still(page)
    page.go_back()
    expect(page.get_by_text("Only Dmitri Vasko")).to_have_count(0)
    expect(page.get_by_label("Question")).to_have_value("What drives good people away?")


def test_a_theme_is_browsed_and_asked_about(page: Page) -> None:
    page.goto("/browse?view=Themes&find=letting+go")
    entry = page.locator(".entry.theme").first
    expect(entry.locator("h2")).to_contain_text("Letting go", ignore_case=True)
    asked = entry.get_by_role("link").first
    question = asked.inner_text()
    asked.click()
    wait_for_answer(page)
    expect(page.get_by_label("Question")).to_have_value(question)


def test_going_back_returns_to_the_question_before(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    ask(page, "What drives good people away?")
    expect(page).to_have_url(re.compile("What.drives"))
    wait_until_still(page)
    page.go_back()
    expect(page.get_by_label("Question")).to_have_value(QUESTION)


def test_a_follow_up_leans_on_the_question_before_and_is_in_the_address(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    page.get_by_label("Follow up").fill("And what about layoffs?")
    page.get_by_label("Follow up").press("Enter")
    meant = page.locator(".understood")
    expect(meant).to_contain_text("Understood as: What do leaders say about layoffs?")
    expect(page.get_by_label("Question")).to_have_value("And what about layoffs?")
    expect(page).to_have_url(re.compile(r"after=How"))
    page.reload()
    expect(meant).to_contain_text("Understood as: What do leaders say about layoffs?")
    page.locator(".thread a").first.click()
    wait_for_answer(page)
    expect(page.get_by_label("Question")).to_have_value(QUESTION)
    expect(meant).to_have_count(0)


def test_a_new_question_leaves_the_conversation(page: Page) -> None:
    page.goto(f"/?q=And+layoffs%3F&after={QUESTION}")
    expect(page.locator(".understood")).to_be_visible()
    ask(page, "What drives good people away?")
    expect(page.locator(".thread")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("after="))


def test_a_number_shows_its_passage_to_a_pointer_and_to_the_keyboard(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    figure = page.locator(".group figure").first
    peek = figure.locator(".peek")
    expect(peek).to_be_hidden()
    figure.locator("a.number").hover()
    expect(peek).to_be_visible()
    assert peek.locator("mark").inner_text() in page.locator(".card blockquote").all_inner_texts()[0]
    page.mouse.move(0, 0)
    expect(peek).to_be_hidden()
    page.get_by_role("button", name="Clear filters").or_(page.get_by_label("Question")).first.focus()
    page.keyboard.press("Tab")
    figure.locator("a.number").focus()
    expect(peek).to_be_visible()


def test_leaders_are_compared_side_by_side_and_the_address_holds_it(page: Page) -> None:
    page.goto(f"/compare?q={QUESTION}&by=leader&of=Eve+Mallory")
    expect(page.get_by_text("Choose two to four, and ask.")).to_be_visible()
    wait_until_still(page)
    page.get_by_role("combobox", name="Leaders").fill("Vasko")
    page.get_by_role("option", name="Dmitri Vasko").click()
    columns = page.locator(".compare .column")
    expect(columns).to_have_count(2)
    expect(page).to_have_url(re.compile("of=Dmitri.Vasko"))
    page.reload()
    expect(columns).to_have_count(2)
    page.goto("/compare?q=What+drives+good+people+away%3F&by=year&of=2019&of=1066")
    expect(page.get_by_text("it is left out")).to_be_visible()


@pytest.mark.parametrize("question", ["x" * 10_001, "😀", "情熱とは何ですか"])
def test_a_bad_question_is_said_beside_its_field_and_is_still_there(question: str, page: Page) -> None:
    page.goto("/")
    ask(page, question)
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_label("Question")).to_have_value(question)
