"""The quote desk from end to end: find, pin, order, note, export, check a draft; by mouse, and by keyboard alone."""

from __future__ import annotations

import io
import re

import pytest
from docx import Document
from playwright.sync_api import Locator, expect

from browser.hand import Hand
from browser.looks import faint_text, small_targets, sticking_out, wait_until_still

pytestmark = pytest.mark.slow

MOST = {True: 23, False: 115}  # presses of the whole way, by mouse and without: letters do not count
WORDS = "What drives good people away?"
DRAFT = "“These are people who climb into a sewer at four in the morning,” says Leila Farrokh-Stone."
RICH_TEXT = """async () => {
  const [copied] = await navigator.clipboard.read();
  return (await copied.getType("text/html")).text();
}"""


def open_popover(hand: Hand, button: Locator, key: str = "Tab") -> Locator:
    """Open what hangs over the page; it takes the focus."""
    hand.use(button, key)
    body = hand.page.locator("[data-testid=stPopoverBody]")
    expect(body).to_have_count(1)  # one that was open is gone
    expect(body).to_be_visible()
    hand.page.wait_for_function("document.activeElement.closest('[data-testid=stPopoverBody]')")
    return body


def leave(hand: Hand, body: Locator) -> None:
    """Close it."""
    hand.press("Escape")
    expect(body).to_have_count(0)


def pin(hand: Hand, number: int, collection: str, *, is_new: bool) -> Locator:
    """Pin a quotation to a collection, a new one or that of the last time."""
    page = hand.page
    body = open_popover(hand, page.get_by_role("button", name=re.compile("^Pin: ")).nth(number))
    if is_new:
        hand.reach(body.get_by_role("combobox"))
        hand.write(collection)
        expect(page.get_by_role("option", name=collection)).to_be_visible()
        hand.press("Enter")
        expect(page.get_by_role("listbox")).to_have_count(0)
    hand.use(body.get_by_role("button", name="Pin"))
    expect(body.get_by_text(f"Pinned to {collection}.")).to_be_visible()
    wait_until_still(page)
    return body


def test_from_a_line_half_remembered_to_a_collection_and_a_checked_draft(hand: Hand) -> None:
    page = hand.page
    collection = f"Desk {page.viewport_size['width']} {hand.has_mouse}"  # type: ignore[index]
    page.goto("/quotes")
    expect(page.get_by_label("Words")).to_be_focused()
    wait_until_still(page)
    hand.write(WORDS)
    hand.press("Enter")
    cards = page.locator(".card.quotation")
    expect(cards.nth(1)).to_be_visible()
    wait_until_still(page)
    first = cards.first.locator("blockquote").inner_text()
    hand.use(cards.first.get_by_role("button", name="Copy with attribution"))
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    assert f"<p>“{first}” — <b>" in page.evaluate(RICH_TEXT)
    leave(hand, pin(hand, 0, collection, is_new=True))
    body = pin(hand, 1, collection, is_new=False)

    hand.use(body.get_by_role("link", name=collection))
    kept = page.locator(".card.kept")
    expect(kept).to_have_count(2)
    expect(kept.first).to_contain_text(first)
    wait_until_still(page)
    hand.skip()
    hand.use(page.get_by_role("button", name="Down").first)
    expect(kept.nth(1)).to_contain_text(first)
    wait_until_still(page)
    hand.wait_for_focus()
    open_popover(hand, page.get_by_role("button", name="Tags and note").nth(1))
    hand.reach(page.get_by_label("Tags, with commas between them"))
    hand.write("sewers, passion")
    hand.reach(page.get_by_role("textbox", name="Note", exact=True))
    hand.write("For the opening.")
    hand.use(page.get_by_role("button", name="Save"))
    expect(kept.nth(1).locator(".note-text")).to_have_text("For the opening.")
    expect(kept.nth(1).locator(".badge", has_text="sewers")).to_be_visible()
    wait_until_still(page)
    body = open_popover(hand, page.get_by_role("button", name="Export"), "Shift+Tab")
    with page.expect_download() as exported:
        hand.use(body.get_by_role("button", name="Download"))
    assert "For the opening." in exported.value.path().read_text(encoding="utf-8")
    leave(hand, body)

    hand.use(page.get_by_role("link", name="Quotes", exact=True), "Shift+Tab")
    expect(page.get_by_label("Words")).to_be_focused()
    wait_until_still(page)
    if hand.has_mouse:
        hand.use(page.get_by_role("radio", name="Check a draft"))
    else:
        hand.reach(page.get_by_role("radio", name="Find a quotation"))
        for key in ("ArrowRight", "ArrowRight", "Enter"):
            hand.press(key)
    page.get_by_label("Draft").wait_for()
    wait_until_still(page)
    hand.reach(page.get_by_label("Draft"))
    hand.write(DRAFT)
    if hand.has_mouse:
        hand.use(page.get_by_role("button", name="Check", exact=True))
    else:
        hand.press("ControlOrMeta+Enter")
    expect(page.locator(".card.judged")).to_contain_text("Words changed")
    wait_until_still(page)
    with page.expect_download() as reported:
        hand.use(page.get_by_role("button", name="Report in Word"))
    document = Document(io.BytesIO(reported.value.path().read_bytes()))
    assert "three in the morning" in next(iter(document.comments)).text
    hand.use(page.locator("summary", has_text="Take over the true words"))
    hand.use(page.get_by_role("button", name="Copy the draft"))
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    assert "sewer at three in the morning" in page.evaluate("navigator.clipboard.readText()")
    assert hand.presses <= MOST[hand.has_mouse], hand.counted
    wait_until_still(page)
    assert sticking_out(page) == faint_text(page) == []
    if page.viewport_size["width"] < 1000:  # type: ignore[index]
        assert small_targets(page) == []
