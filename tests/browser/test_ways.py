"""Where the reader stands: what stays in view, what is gone back to, what the keyboard reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import QUESTION, wait_for_answer
from browser.looks import sticking_out, wait_until_still
from browser.served import PATIENCE, watch

pytestmark = pytest.mark.slow

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SCREENS = [
    "/",
    f"/?q={QUESTION}",
    f"/?q=And+layoffs%3F&after={QUESTION}",
    "/?q=Which+telescope+mirror+coating+reflects+ultraviolet+light%3F",
    f"/compare?q={QUESTION}&by=leader&of=Eve+Mallory&of=Colm+Ferreira",
    "/lens",
    "/lens?view=balance",
    "/quotes?q=people",
    "/quotes?q=people&do=words",
    "/quotes?do=check",
    "/browse",
    "/browse?view=Leaders",
    "/add",
    "/interview",
    "/interview?id=hostile&turn=1&from=5&to=90",
    "/leader?name=Eve+Mallory",
    f"/workshop?q={QUESTION}",
    "/collections",
    "/collections?id=none",
]
TOP = "document.querySelector('[data-testid=stMain]').scrollTop"


@pytest.fixture(params=[(1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")])
def screen(app: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, scheme = request.param
    size = {"width": width, "height": 844}
    with browser.new_context(base_url=app, viewport=size, color_scheme=scheme) as context:  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        with watch(context.new_page()) as opened:
            yield opened


def scroll_to(page: Page, top: int) -> None:
    wait_until_still(page)
    page.evaluate(f"{TOP} = {top}")
    page.wait_for_function(f"sessionStorage.getItem('place ' + location.href) === String({TOP}) && {TOP} > 0")


def test_the_field_for_a_follow_up_stays_in_view_and_covers_nothing_at_the_end(screen: Page) -> None:
    screen.goto(f"/?q={QUESTION}")
    wait_for_answer(screen)
    field = screen.get_by_label("Follow up")
    expect(field).to_be_in_viewport(ratio=0.9)
    assert sticking_out(screen) == []
    scroll_to(screen, 300)
    expect(field).to_be_in_viewport(ratio=0.9)
    screen.evaluate(f"{TOP} = 100000")
    helped = screen.get_by_text("Did this help?").bounding_box()
    bar = screen.locator(".st-key-follow-up").bounding_box()
    assert helped
    assert bar
    assert helped["y"] + helped["height"] <= bar["y"]


def test_in_a_wide_window_the_chosen_passage_stands_beside_the_answer_which_stays_where_it_is(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    number = page.locator(".group a.number").nth(1)
    number.hover()  # which brings it into view
    before = page.evaluate(TOP)
    number.click()
    expect(page).to_have_url(re.compile("#passage-2$"))
    card = page.locator(".card", has=page.locator("#passage-2"))
    expect(page.locator("#passage-2")).to_be_in_viewport()
    assert page.evaluate(TOP) == before
    said, beside = page.locator(".group").bounding_box(), card.bounding_box()
    assert said
    assert beside
    assert beside["x"] >= said["x"] + said["width"]
    page.keyboard.press("Tab")
    page.wait_for_function("document.activeElement.closest('.card')")


def test_in_a_narrow_window_the_passages_stand_below_the_answer(page: Page) -> None:
    page.set_viewport_size({"width": 1100, "height": 800})
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    said, card = page.locator(".group").bounding_box(), page.locator(".card").first.bounding_box()
    assert said
    assert card
    assert card["y"] >= said["y"] + said["height"]


def test_going_back_returns_to_the_place_that_was_left(screen: Page) -> None:
    screen.goto(f"/?q={QUESTION}")
    wait_for_answer(screen)
    scroll_to(screen, 250)
    left = screen.evaluate(TOP)
    screen.get_by_role("link", name="Open in interview").first.evaluate("(link) => link.click()")
    expect(screen.locator(".turn.cited mark")).to_be_visible()
    screen.go_back()
    wait_for_answer(screen)
    screen.wait_for_function(f"Math.abs({TOP} - {left}) < 2")
    screen.locator(".group a.number").first.evaluate("(link) => link.click()")
    expect(screen).to_have_url(re.compile("#passage-1$"))
    screen.go_back()
    screen.wait_for_function(f"Math.abs({TOP} - {left}) < 2")


def test_a_filter_takes_the_focus_and_gives_it_back_with_escape(page: Page) -> None:
    page.goto("/")
    page.get_by_text("For example").wait_for()
    wait_until_still(page)
    leader = page.get_by_role("button", name="Leader", exact=True)
    leader.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Leader")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-testid=stPopoverBody]")).to_have_count(0)
    expect(leader).to_be_focused()


def test_a_hint_goes_with_escape_and_comes_again(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    number = page.locator(".group a.number").first
    peek = page.locator(".group .peek").first
    number.hover()
    expect(peek).to_be_visible()
    page.keyboard.press("Escape")
    expect(peek).to_be_hidden()
    page.mouse.move(0, 0)
    number.hover()
    expect(peek).to_be_visible()


def test_the_keyboard_goes_from_an_answer_to_the_follow_up(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    page.get_by_role("link", name="Go to the follow-up").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Follow up")).to_be_focused()
    page.get_by_label("Question").fill("x" * 10_001)
    page.get_by_label("Question").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Question")).to_be_focused()


def test_the_answer_to_each_follow_up_comes_into_view_and_takes_the_focus(page: Page) -> None:
    page.goto(f"/?q={QUESTION}")
    wait_for_answer(page)
    for question in ("And what about layoffs?", "And what about ultraviolet telescope mirrors?"):
        page.get_by_label("Follow up").fill(question)
        page.get_by_label("Follow up").press("Enter")
        expect(page.locator(".thread a").last).to_be_in_viewport()
        expect(page.get_by_label("Question")).to_have_value(question)
        page.wait_for_function("document.activeElement.matches('.coverage, .refusal')")


def test_a_control_that_a_redraw_takes_away_hands_the_focus_on(page: Page) -> None:
    page.goto("/")
    example = page.get_by_role("button", name=QUESTION)
    example.wait_for()
    wait_until_still(page)
    example.focus()
    page.keyboard.press("Enter")
    wait_for_answer(page)
    page.wait_for_function("document.activeElement.matches('.coverage')")

    page.goto("/browse?leader=Colm+Ferreira")
    clear = page.get_by_role("button", name="Clear filters")
    clear.wait_for()
    wait_until_still(page)
    clear.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only Colm Ferreira")).to_have_count(0)
    page.wait_for_function("document.activeElement.closest('.st-key-filters')")


def test_what_the_reader_left_by_hand_is_not_given_back(page: Page) -> None:
    page.goto("/browse?leader=Colm+Ferreira")
    clear = page.get_by_role("button", name="Clear filters")
    clear.wait_for()
    wait_until_still(page)
    clear.focus()
    clear.evaluate("(one) => one.blur()")
    clear.dispatch_event("click")
    expect(page.get_by_text("Only Colm Ferreira")).to_have_count(0)
    wait_until_still(page)
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement === document.body")


def test_controls_below_a_quotation_and_a_heading_bear_its_name(page: Page) -> None:
    for address, label in ((f"/workshop?q={QUESTION}", "Down"), (f"/quotes?q={QUESTION}", "Pin")):
        page.goto(address)
        controls = page.get_by_role("button", name=re.compile(f"^{label}: \\S"))
        expect(controls.nth(1)).to_be_visible()
        wait_until_still(page)
        names = [one.get_attribute("aria-label") for one in controls.all()]
        assert len(set(names)) == len(names)


def test_a_field_in_focus_has_a_ring(page: Page) -> None:
    page.goto("/")
    page.get_by_text("For example").wait_for()
    wait_until_still(page)
    page.get_by_label("Question").focus()
    ring = "getComputedStyle(document.querySelector('[data-testid=stTextInputRootElement]')).outline"
    page.wait_for_function(f"{ring}.includes('solid 2px')")


def test_the_question_comes_along_to_compare(page: Page) -> None:
    page.goto(f"/?q={QUESTION}&leader=Colm+Ferreira")
    wait_for_answer(page)
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_label("Question")).to_have_value(QUESTION)
    expect(page.get_by_text("Colm Ferreira", exact=True)).to_be_visible()


@pytest.mark.parametrize("address", SCREENS)
def test_axe_finds_nothing_against_wcag_2_2_aa(address: str, screen: Page) -> None:
    found = find_spec("axe_playwright_python")
    if not found or not found.origin:
        pytest.skip("axe is not installed; run: pip install axe-playwright-python")
    screen.goto(address)
    screen.set_default_timeout(PATIENCE)
    screen.locator(".frame").wait_for()
    wait_until_still(screen)
    screen.evaluate(Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    run = "(tags) => axe.run(document, { runOnly: tags }).then((one) => one.violations)"
    violations = screen.evaluate(run, WCAG)
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in violations] == []
