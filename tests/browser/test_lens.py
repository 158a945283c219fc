"""The page of the lens in a browser: from a cell to the words, a judgement, a name that is typed once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browser.looks import sticking_out, wait_until_still

pytestmark = pytest.mark.slow


def test_a_click_on_a_cell_opens_its_passages_and_back_closes_them(page: Page) -> None:
    page.goto("/lens")
    filled = page.locator("[aria-label*='passages: 1'], [aria-label*='passages: 2']").first
    filled.wait_for()
    wait_until_still(page)
    filled.click()
    expect(page.locator("article.card").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"behaviour=[AD]\d+&who="))
    expect(page.locator("article.card mark").first).to_be_visible()
    page.get_by_role("link", name="Open in interview").first.click()
    expect(page.locator(".turn.cited mark")).to_be_visible()
    page.go_back()
    expect(page.locator("article.card").first).to_be_visible()


def test_the_keyboard_chooses_a_behaviour_beside_the_picture(page: Page) -> None:
    page.goto("/lens")
    choice = page.get_by_role("combobox", name=re.compile("Behaviour"))
    choice.wait_for()
    wait_until_still(page)
    choice.focus()
    page.keyboard.type("A1 Shared")
    page.get_by_role("option", name=re.compile("A1 Shared")).wait_for()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("behaviour=A1"))


def test_a_name_is_typed_once_and_a_judgement_is_shown(page: Page) -> None:
    page.goto("/lens")
    filled = page.locator("[aria-label*='passages: 1'], [aria-label*='passages: 2']").first
    filled.wait_for()
    wait_until_still(page)
    filled.click()
    name = page.get_by_label("Your name, to judge passages")
    name.wait_for()
    wait_until_still(page)
    name.fill("Ann")
    name.press("Enter")
    page.locator("#person-name[data-name=Ann]").first.wait_for(state="attached")  # the name is taken over
    wait_until_still(page)
    page.get_by_role("button", name="Judge").first.click()
    page.get_by_role("button", name="Shows it").click()
    expect(page.locator(".people").first).to_contain_text("Ann confirms it")
    page.reload()
    expect(page.get_by_label("Your name, to judge passages")).to_have_value("Ann")


@pytest.mark.parametrize("view", ["map", "balance"])
def test_nothing_sticks_out_on_a_phone(view: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/lens?view={view}")
    page.locator("svg.marks").first.wait_for()
    wait_until_still(page)
    assert sticking_out(page) == []
