"""A podcast's link in a real browser: episodes are chosen, fetched, previewed and added, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from published import Publisher, Served, make_episode, make_feed, publish, serve_podcast

from browser.looks import faint_text, sticking_out, wait_until_still
from browser.served import PATIENCE, serve, watch

pytestmark = pytest.mark.slow

HOSTILE = "&lt;img src=x onerror=pwned=1&gt; :smile: **bold** $x$ and a title that is longer than a phone is wide"


@pytest.fixture(scope="module")
def running() -> Iterator[Publisher]:
    with publish() as publisher:
        serve_podcast(publisher)
        hostile = "".join(
            make_episode(100 + n, HOSTILE, "Mon, 01 Apr 2024 08:00:00 +0000", '<podcast:transcript url="/soup.vtt"/>')
            for n in range(25)
        )
        publisher.serves["/feed.xml"] = Served(make_feed(publisher.address, more=hostile), "application/rss+xml")
        yield publisher


@pytest.fixture(params=[1280, 390])
def page(tmp_path: Path, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    size = {"width": request.param, "height": 844}
    with (
        serve(tmp_path / "home", tmp_path / "outbound", KB_LINKS_PRIVATE="1") as address,
        browser.new_context(base_url=address, viewport=size) as context,  # type: ignore[arg-type]
    ):
        context.set_default_timeout(PATIENCE)
        with watch(context.new_page()) as opened:
            yield opened


def look_up(page: Page, address: str) -> None:
    page.goto("/add")
    page.get_by_label("Add by link").fill(address)
    page.get_by_role("button", name="Look it up").click()


def test_an_episode_is_chosen_fetched_previewed_and_added(page: Page, running: Publisher) -> None:
    look_up(page, f"{running.address}/feed.xml")
    expect(page.get_by_text("Kitchen Table")).to_be_visible()
    expect(page.get_by_label("Choose item 1", exact=True)).to_be_disabled()
    expect(page.get_by_label("Choose item 20", exact=True)).to_have_count(1)
    expect(page.get_by_text("<img src=x onerror=pwned=1> :smile: **bold** $x$").first).to_be_visible()
    wait_until_still(page)
    assert sticking_out(page) == []
    assert faint_text(page) == []
    assert page.evaluate("window.pwned") is None
    page.get_by_role("button", name="Show 8 more").click()
    expect(page.get_by_label("Choose item 28", exact=True)).to_have_count(1)

    page.get_by_label("Choose item 3", exact=True).check(force=True)
    page.get_by_role("button", name="Fetch 1", exact=True).click()
    expect(page.get_by_role("row", name="Mara Quill leader")).to_be_visible()
    wait_until_still(page)
    assert sticking_out(page) == []
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Done: 1 added.")).to_be_visible()
    look_up(page, f"{running.address}/feed.xml")
    expect(page.get_by_text("6 May 2024 · added already")).to_be_visible()


def test_a_refusal_stands_below_the_field_in_one_line(page: Page) -> None:
    look_up(page, "http://169.254.169.254/latest/meta-data/")
    expect(page.get_by_role("alert")).to_have_text("169.254.169.254 is no public address")
