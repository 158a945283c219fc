"""What a person comes for, from end to end, in a wide window and a narrow one, by mouse and by keyboard alone.

Clicks and keys are counted, those of a mouse's hand together; letters that are typed are not, nor what is pressed in
the browser's dialogue for files.

| way | mouse | keyboard |
|---|---:|---:|
| ask, follow up three times, open a source, come back to the same place | 7 | 13 |
| add three files, correct the title and the leader of one, remove another, put it back, remove it again | 11 | 47 |
| find a line, pin two, reorder, tag and note, export, check a draft (test_desk.py) | 23 | 107 |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from browser.hand import Hand
from browser.looks import sticking_out, wait_until_still
from browser.served import PATIENCE
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

pytestmark = pytest.mark.slow

MOST = {("asking", True): 7, ("asking", False): 15, ("adding", True): 11, ("adding", False): 52}
QUESTION = "What drives good people away?"
FOLLOW_UPS = ("And what about layoffs?", "How do they earn trust again?", "What would they do differently?")
TOP = "document.querySelector('[data-testid=stMain]').scrollTop"
TALK = """---
title: {title}
leader: {leader}
role: founder
company: {company}
host: Tom Verity
---

**Tom Verity:** What did the first winter in {company} teach you about the people who came to work with you?

**{leader}:** That nobody stays for a speech. They stayed because each of them had a door of their own to open in the
morning, and because I asked every week what had made it stick. The doors of {company} were never locked from inside.

**Tom Verity:** And when somebody left?

**{leader}:** Then I walked them to the gate and asked what I had not asked before. I wrote down what they said, and I
read it to all of us on the next Monday, without a name.
"""
FACTS = {
    "granary": ("Doors of a granary", "Ilse Farrow", "Farrow Granaries"),
    "ferry": ("Ferries in fog", "Bram Oduya", "Oduya Ferries"),
    "glass": ("Blown by hand", "Suri Halloran", "Halloran Glass"),
}


def check_count(hand: Hand, way: str) -> None:
    """Fail where the way takes more presses than it did."""
    assert hand.presses <= MOST[way, hand.has_mouse], hand.counted


def test_from_a_question_through_three_follow_ups_to_a_source_and_back(hand: Hand) -> None:
    page = hand.page
    page.goto("/")
    page.get_by_text("For example").wait_for()
    wait_until_still(page)
    expect(page.get_by_label("Question")).to_be_focused()
    hand.write(QUESTION)
    hand.press("Enter")
    expect(page.locator(".coverage")).to_be_visible(timeout=3 * PATIENCE)  # the first answer waits for the model
    for number, question in enumerate(FOLLOW_UPS, 1):
        wait_until_still(page)
        page.wait_for_function("document.activeElement.matches('.coverage, .refusal')")
        hand.write(question)  # it goes into the follow-up
        hand.press("Enter")
        expect(page.locator(".thread a")).to_have_count(number)
        expect(page.get_by_label("Question")).to_have_value(question)

    page.wait_for_function("document.activeElement.matches('.coverage, .refusal')")
    wait_until_still(page)
    hand.use(page.locator(".group a.number").nth(1))
    expect(page).to_have_url(re.compile("#passage-2$"))
    opened = page.locator(".card", has=page.locator("#passage-2")).get_by_role("link", name="Open in interview")
    hand.reach(opened) if not hand.has_mouse else opened.scroll_into_view_if_needed()
    wait_until_still(page)
    left, url = page.evaluate(TOP), page.url
    beside = opened.evaluate("(one) => one.getBoundingClientRect().top")
    hand.use(opened)
    expect(page.locator(".turn.cited mark")).to_be_in_viewport()
    hand.use(page.get_by_role("link", name="Back to where you were"))
    expect(page.locator(".thread a")).to_have_count(3)
    expect(page).to_have_url(url)
    expect(page.get_by_label("Question")).to_have_value(FOLLOW_UPS[-1])
    page.wait_for_function(f"Math.abs({TOP} - {left}) < 2")
    expect(opened).to_be_focused()
    expect(opened).to_be_in_viewport()
    assert abs(opened.evaluate("(one) => one.getBoundingClientRect().top") - beside) < 2
    assert sticking_out(page) == []
    check_count(hand, "asking")


@pytest.fixture
def talks(home: Path, request: pytest.FixtureRequest) -> Iterator[list[FilePayload]]:
    """Three files; what is left of them is removed at the end."""
    made = {name: TALK.format(title=facts[0], leader=facts[1], company=facts[2]) for name, facts in FACTS.items()}
    yield [{"name": f"{name}.md", "mimeType": "text/markdown", "buffer": text.encode()} for name, text in made.items()]
    with closing(KnowledgeBase.open(Settings(home=home))) as opened:
        for card in opened.interviews():
            if card.source.removesuffix(".md") in FACTS:
                opened.remove(card.id)


def test_from_three_files_to_one_corrected_and_one_removed(hand: Hand, talks: list[FilePayload], home: Path) -> None:
    page = hand.page
    page.goto("/add")
    upload = page.get_by_role("region", name="Transcripts").locator("button")
    upload.wait_for()
    wait_until_still(page)
    hand.skip()
    hand.choose_files(upload.first).set_files(talks)
    adding = page.get_by_role("button", name="Add 3 of 3")
    expect(adding).to_be_in_viewport(ratio=0.9)
    wait_until_still(page)
    hand.use(adding)
    expect(page.get_by_text("Done: 3 added.")).to_be_visible()
    wait_until_still(page)

    hand.use(page.get_by_role("link", name="Correct granary.md"))
    expect(page.get_by_label("Title")).to_be_focused()
    wait_until_still(page)
    hand.write("Doors that were never locked")
    hand.fill(page.get_by_label("Name of the leader"), "Ilse Farrow-Brandt")
    hand.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator(".heading h1")).to_have_text("Doors that were never locked")
    hand.go_back()
    expect(page.get_by_role("link", name="Correct granary.md")).to_be_focused()  # the place that was left

    hand.use(page.get_by_role("link", name="ferry.md", exact=True))
    page.locator("summary", has_text="Correct facts").wait_for()
    wait_until_still(page)
    hand.skip()
    remove = page.get_by_role("button", name="Remove this interview")
    for is_undone in (True, False):
        hand.use(remove)
        expect(page.get_by_text("Removed: Ferries in fog")).to_be_visible()
        wait_until_still(page)
        hand.wait_for_focus()
        if is_undone:
            hand.use(page.get_by_role("button", name="Undo"))
            expect(page.get_by_text("1 interview put back.")).to_be_visible()
            wait_until_still(page)
            hand.wait_for_focus()
    assert sticking_out(page) == []
    check_count(hand, "adding")
    with closing(KnowledgeBase.open(Settings(home=home))) as opened:
        kept = {card.source: card for card in opened.interviews()}
    assert "ferry.md" not in kept
    assert kept["granary.md"].title == "Doors that were never locked"
    assert kept["granary.md"].leader_names == ("Ilse Farrow-Brandt",)
    assert kept["glass.md"].title == "Blown by hand"
