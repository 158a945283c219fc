"""What comes from files, in a real browser: added, put right, shown as it is and never run, readable on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.conftest import HOSTILE, QUESTION, ask, wait_for_answer
from browser.looks import faint_text, small_targets, sticking_out, wait_until_still
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

pytestmark = pytest.mark.slow

COMPARED = "/compare?q=What+drives+people+away%3F&of=Eve+Mallory&of=Dmitri+Vasko"
KEEPERS = "Why did the keepers leave the lighthouse?"
BAKERY = """---
title: Bread before dawn
leader: Ottilie Kranz
role: founder
company: Kranz Ovens
host: Tom Verity
date: 2022-02-11
media_url: https://example.org/bread.mp3
---

**Tom Verity:** How do you keep night bakers from leaving for a job with daylight in it?

**Ottilie Kranz:** [00:31] Night bakers stay when the bread carries their name. Every loaf in our shops has the \
baker's initials pressed into the crust, and customers ask for them by letter. Nobody who is asked for by name leaves \
for daylight.

**Tom Verity:** And when a batch fails?

**Ottilie Kranz:** [01:15] Then I come in at two in the morning and we find out together, with flour on all of our \
hands. I have never learned anything about an oven from a report.
"""


def open_uploads(page: Page) -> tuple[Locator, Locator]:
    """Where transcripts are dropped, and where a table is."""
    page.goto("/add")
    fields = page.locator("input[type=file]")
    fields.first.wait_for(state="attached")
    wait_until_still(page)
    return fields.first, fields.last


def test_a_file_is_added_and_asked_about(page: Page, home: Path, tmp_path: Path) -> None:
    bakery = tmp_path / "bakery.md"
    bakery.write_text(BAKERY, encoding="utf-8")
    junk = tmp_path / "junk.pdf"
    junk.write_bytes(b"%PDF-1.4 not really\x00\x01")
    transcripts, _ = open_uploads(page)
    transcripts.set_input_files([bakery, junk])
    expect(page.get_by_role("row", name="Ottilie Kranz leader")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("junk.pdf")
    page.get_by_role("button", name="Add 1 of 2").click()
    expect(page.get_by_text("Done: 1 added.")).to_be_visible()
    expect(page.get_by_role("row", name="bakery.md added")).to_be_visible()
    assert (home / "uploads" / "bakery.md").read_text(encoding="utf-8") == BAKERY

    page.get_by_role("link", name="Ask about them").click()
    ask(page, "Why do night bakers stay?")
    wait_for_answer(page)
    said = page.locator(".group .said", has_text="Night bakers stay when the bread carries their name.")
    expect(said).to_be_visible()
    recording = page.locator(".card", has_text="Ottilie Kranz").first.get_by_role("link", name="Recording at 0:31")
    expect(recording).to_have_attribute("href", "https://example.org/bread.mp3#t=31")
    expect(recording).to_have_attribute("target", "_blank")


def test_names_and_roles_are_put_right_before_anything_is_stored(page: Page, home: Path, tmp_path: Path) -> None:
    labelled = tmp_path / "labelled.md"
    talk = BAKERY.split("---\n")[2].replace("Tom Verity", "SPEAKER_00").replace("Ottilie Kranz", "SPEAKER_01")
    labelled.write_text(talk, encoding="utf-8")
    transcripts, _ = open_uploads(page)
    transcripts.set_input_files([labelled])
    expect(page.get_by_text("Note: no leader is known")).to_be_visible()
    wait_until_still(page)
    page.get_by_text("Correct names and roles", exact=True).click()
    name = page.get_by_label("Name of SPEAKER_01")
    name.fill("Ottilie Kranz")
    name.press("Enter")
    expect(page.get_by_role("row", name="Ottilie Kranz leader")).to_be_visible()
    wait_until_still(page)
    page.get_by_role("radiogroup", name="Role of SPEAKER_00").get_by_text("host").click()
    expect(page.get_by_role("row", name="SPEAKER_00 host")).to_be_visible()
    expect(page.get_by_text("Note: no leader is known")).to_have_count(0)
    assert not (home / "uploads" / "labelled.md").exists()
    wait_until_still(page)

    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Done: 1 added.")).to_be_visible()
    knowledge_base = KnowledgeBase.open(Settings(home=home))
    stored = {turn.speaker: turn.role for turn in knowledge_base.transcript("labelled").turns}
    knowledge_base.close()
    assert stored == {"SPEAKER_00": "host", "Ottilie Kranz": "leader"}


def test_a_table_that_cannot_be_used_is_said_beside_it(page: Page, tmp_path: Path) -> None:
    transcripts, table = open_uploads(page)
    transcripts.set_input_files({"name": "a.md", "mimeType": "", "buffer": BAKERY.encode()})
    expect(page.get_by_role("button", name="Add it")).to_be_visible()
    wait_until_still(page)
    table.set_input_files({"name": "t.csv", "mimeType": "", "buffer": b"colour\nred\n"})
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.get_by_role("button", name="Add it")).to_have_count(0)


def test_words_of_a_transcript_are_shown_as_they_are_and_never_run(page: Page, home: Path) -> None:
    knowledge_base = KnowledgeBase.open(Settings(home=home))
    turns = knowledge_base.transcript("hostile").turns
    knowledge_base.close()
    for address in (
        f"/?q={KEEPERS}",
        f"/?q=And+why%3F&after={KEEPERS}",
        f"/compare?q={KEEPERS}&of=Eve+Mallory&of=Dmitri+Vasko",
        "/interview?id=hostile&turn=1&from=5&to=90",
        "/browse?find=skerry",
        "/browse?view=Leaders",
    ):
        page.goto(address)
        expect(page.locator(".stHtml", has_text="Eve Mallory").first).to_be_visible()
        expect(page.locator(".stHtml", has_text="**Skerry** $a$ Trust").first).to_be_visible()
        page.wait_for_timeout(500)  # time for a script to run, had it got in
        assert page.evaluate("window.pwned") is None
        assert page.locator(".stHtml :is(iframe, img, [onerror], [onclick], [srcdoc], [href^=javascript])").count() == 0
        assert page.locator(".stHtml :is(strong, em, .katex)").count() == 0
    page.goto("/interview?id=hostile")
    words = page.locator(".turn .words")
    expect(words).to_have_count(len(turns))
    assert [one.evaluate("node => node.textContent") for one in words.all()] == [turn.text for turn in turns]
    assert "<script>" in turns[1].text


def test_a_hostile_file_is_previewed_as_it_is(page: Page) -> None:
    transcripts, _ = open_uploads(page)
    name = "<img src=x onerror=pwned=1> :red[a] **b**.txt"
    transcripts.set_input_files({"name": name, "mimeType": "", "buffer": HOSTILE.encode()})
    expect(page.get_by_role("row", name="Eve Mallory")).to_be_visible()
    expect(page.locator(".stHtml").get_by_text(name)).to_be_visible()
    wait_until_still(page)
    page.get_by_text("How it begins").click()
    expect(page.get_by_text("<script>window.pwned = 1</script>")).to_be_visible()
    assert page.evaluate("window.pwned") is None
    assert page.locator(".stHtml :is(iframe, img)").count() == 0


def test_everything_can_be_read_and_pressed_on_a_phone(phone: Page) -> None:
    asking = ("/", f"/?q={QUESTION}", f"/?q=And+layoffs%3F&after={QUESTION}", COMPARED)
    addresses = (
        *asking,
        "/browse",
        "/browse?view=Leaders",
        "/leader?name=Eve+Mallory",
        "/quotes",
        "/collections",
        "/interview?id=hostile&turn=1",
        "/add",
    )
    for address in addresses:
        phone.goto(address)
        expect(phone.locator("h1")).to_be_visible()
        if "/?q=" in address:
            wait_for_answer(phone)
        wait_until_still(phone)
        assert sticking_out(phone) == [], address
        assert faint_text(phone) == [], address
        assert small_targets(phone) == [], address


@pytest.mark.usefixtures("page")
def test_the_server_turned_to_no_other_machine(outbound: Path) -> None:
    assert not outbound.exists(), outbound.read_text(encoding="utf-8")
