"""The themes of the interviews in a browser: from a bar to the words, and the picture kept as a file."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browser.looks import faint_text, sticking_out, wait_until_still

pytestmark = pytest.mark.slow

THEMES = "/browse?view=Themes"


def open_themes(page: Page, address: str = THEMES) -> None:
    page.goto(address)
    page.locator("svg.marks").first.wait_for()
    wait_until_still(page)


def test_a_click_on_a_bar_opens_the_passages_of_its_theme_and_back_closes_them(page: Page) -> None:
    open_themes(page)
    page.locator("svg.marks path[aria-label*='leaders']").first.click()
    expect(page.locator("article.card mark").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"theme=[a-z-]+"))
    wait_until_still(page)
    page.go_back()
    expect(page.locator("article.card")).to_have_count(0)


def test_the_keyboard_chooses_a_theme_beside_the_picture(page: Page) -> None:
    open_themes(page)
    choice = page.get_by_role("combobox", name=re.compile("Theme"))
    choice.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"theme=[a-z-]+"))
    expect(page.locator("article.card").first).to_be_visible()


def test_the_menu_of_a_picture_saves_it(page: Page) -> None:
    open_themes(page)
    page.locator("svg.marks").first.hover()
    with page.expect_download() as saved:
        page.get_by_role("button", name=re.compile("PNG|Download as PNG")).first.click()
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_nothing_sticks_out_on_a_phone_and_all_can_be_read(phone: Page) -> None:
    open_themes(phone)
    assert sticking_out(phone) == []
    phone.locator("svg.marks path[aria-label*='leaders']").first.tap()
    expect(phone.locator("article.card").first).to_be_visible()
    wait_until_still(phone)
    assert sticking_out(phone) == []
    assert faint_text(phone) == []
