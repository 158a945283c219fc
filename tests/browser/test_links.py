"""Links to podcasts, videos and pages in a real browser: what they offer is chosen, fetched, previewed and added."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from published import (
    SOUP_VTT,
    WATCH,
    Publisher,
    Served,
    make_episode,
    make_feed,
    player,
    publish,
    serve_playlist,
    serve_podcast,
    serve_youtube,
    track,
)

from browser.looks import faint_text, sticking_out, wait_until_still
from browser.served import PATIENCE, serve, watch

pytestmark = pytest.mark.slow

HOSTILE = "&lt;img src=x onerror=pwned=1&gt; :smile: **bold** $x$ and a title that is longer than a phone is wide"
SALT = '<podcast:person role="guest">Mara Quill</podcast:person><podcast:transcript url="/salt.vtt" type="text/vtt"/>'
TIMED = """<?xml version="1.0" encoding="utf-8" ?><transcript>
<text start="1.2" dur="5.5">Tom Verity: How do you get two hundred volunteers to care about soup?</text>
<text start="6.9" dur="4.0">Mara Quill: You let every one of them sit down and eat beside the people who come in.</text>
<text start="12.5" dur="4.0">Tom Verity: And what drives them away?</text>
<text start="17.5" dur="4.0">Mara Quill: Being treated like a pair of hands, and I do not blame them.</text>
</transcript>"""
ARTICLE = """<!doctype html><html lang="en-GB"><head><title>Soup | Kitchen</title>
<meta property="og:title" content="Soup for a city"><meta property="article:published_time" content="2024-05-06">
</head><body><p><b>Tom Verity:</b> How do you get two hundred volunteers to care about soup?</p>
<p><b>Mara Quill:</b> You let every one of them sit down and eat beside the people who come in.</p>
<p><b>Tom Verity:</b> And what drives them away?</p>
<p><b>Mara Quill:</b> Being treated like a pair of hands, and I do not blame them for it.</p>
<p><a rel="license" href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a></p></body></html>"""


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Page]:
    with opened_app(tmp_path_factory.mktemp("public"), browser, 1280) as page:
        yield page


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


@pytest.fixture(scope="module")
def youtube() -> Iterator[Publisher]:
    with publish() as publisher:
        serve_youtube(publisher)
        serve_playlist(publisher)
        yield publisher


@pytest.fixture(params=[1280, 390])
def page(tmp_path: Path, browser: Browser, youtube: Publisher, request: pytest.FixtureRequest) -> Iterator[Page]:
    variables = {"KB_LINKS_PRIVATE": "1", "STAND_IN_YOUTUBE": youtube.address}
    with opened_app(tmp_path, browser, request.param, **variables) as page:
        yield page


@contextmanager
def opened_app(folder: Path, browser: Browser, width: int, **variables: str) -> Iterator[Page]:
    """Open a page of an app that has no interviews yet."""
    size = {"width": width, "height": 844}
    with (
        serve(folder / "home", folder / "outbound", **variables) as address,
        browser.new_context(base_url=address, viewport=size) as context,  # type: ignore[arg-type]
    ):
        context.set_default_timeout(PATIENCE)
        with watch(context.new_page()) as opened:
            yield opened


def look_up(page: Page, address: str) -> None:
    page.goto("/add")
    page.get_by_label("Add by link").wait_for()
    wait_until_still(page)
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
    wait_until_still(page)
    page.get_by_label("Choose item 3", exact=True).check(force=True)
    page.get_by_role("button", name="Fetch 1", exact=True).click()
    expect(page.get_by_role("row", name="Mara Quill leader")).to_be_visible()
    wait_until_still(page)
    assert sticking_out(page) == []
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Done: 1 added.")).to_be_visible()
    look_up(page, f"{running.address}/feed.xml")
    expect(page.get_by_text("6 May 2024 · added already")).to_be_visible()


def test_a_feed_that_has_grown_offers_what_is_new_alone_and_shows_how_far_the_fetching_is(page: Page) -> None:
    with publish() as grown:
        feed = serve_podcast(grown)
        is_shown = threading.Event()
        grown.serves["/bread.vtt"] = Served(grown.serves["/bread.vtt"].body, "text/vtt", held_until=is_shown)
        look_up(page, feed)
        expect(page.get_by_text("3 items, 2 to be had and not added yet")).to_be_visible()
        wait_until_still(page)
        page.get_by_label("Choose all 2 with a transcript that are new").check(force=True)
        page.get_by_role("button", name="Fetch 2", exact=True).click()
        expect(page.get_by_text("1 of 2 · Bread & butter")).to_be_visible()
        expect(page.get_by_text("Nothing is added yet: what comes is shown first.")).to_be_visible()
        is_shown.set()
        page.get_by_role("button", name="Add 2 of 2").click()
        expect(page.get_by_text("Done: 2 added.")).to_be_visible()

        more = make_episode(4, "Salt of the street", "Mon, 05 Aug 2024 08:00:00 +0000", SALT)
        grown.serves["/feed.xml"] = Served(make_feed(grown.address, more=more), "application/rss+xml")
        grown.serves["/salt.vtt"] = Served(SOUP_VTT.replace("soup", "salt"), "text/vtt")
        asked = len(grown.asked)
        look_up(page, feed)
        expect(page.get_by_text("4 items, 1 to be had and not added yet")).to_be_visible()
        expect(page.get_by_text("added already")).to_have_count(2)
        for item in (2, 3, 4):
            expect(page.get_by_label(f"Choose item {item}", exact=True)).to_be_disabled()
        wait_until_still(page)
        page.get_by_label("Choose item 1", exact=True).check(force=True)
        page.get_by_role("button", name="Fetch 1", exact=True).click()
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_text("Done: 1 added.")).to_be_visible()
        assert grown.asked[asked:] == ["/feed.xml", "/salt.vtt"]
        page.get_by_role("link", name="Browse").click()
        for title in ("Salt of the street", "Bread & butter", "Soup for a city"):
            expect(page.get_by_text(title).first).to_be_visible()


def test_a_video_is_fetched_previewed_and_added_and_its_playlist_offers_the_other_alone(
    page: Page, youtube: Publisher
) -> None:
    is_shown = threading.Event()
    youtube.serves["/api/timedtext"] = Served(TIMED, "text/xml", held_until=is_shown)
    youtube.serves["/youtubei/v1/player"] = player(track("en", automatic=True))
    look_up(page, WATCH)
    expect(page.get_by_text("1 of 1 · Soup for a city")).to_be_visible()  # one video needs no choice
    is_shown.set()
    expect(page.get_by_text("a machine's transcript (YouTube's automatic captions)")).to_be_visible()
    wait_until_still(page)
    assert sticking_out(page) == []
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Done: 1 added.")).to_be_visible()

    look_up(page, "https://www.youtube.com/playlist?list=PLinvented0001")
    expect(page.get_by_text("2 items, 1 to be had and not added yet")).to_be_visible()
    expect(page.get_by_label("Choose item 1", exact=True)).to_be_disabled()
    expect(page.get_by_text("6 May 2024 · added already")).to_be_visible()
    wait_until_still(page)
    page.get_by_label("Choose item 2", exact=True).check(force=True)
    youtube.serves["/youtubei/v1/player"] = Served(status=429)
    page.get_by_role("button", name="Fetch 1", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("YouTube does not answer this network for now")


def test_a_web_page_is_fetched_previewed_and_added_and_a_second_time_changes_nothing(page: Page) -> None:
    with publish() as web:
        web.serves["/talks/soup"] = Served(ARTICLE, "text/html")
        for told in ("Done: 1 added.", "Done: 1 unchanged."):
            look_up(page, f"{web.address}/talks/soup")
            expect(page.get_by_role("row", name="Mara Quill")).to_be_visible()
            expect(page.get_by_text("Not told: show")).to_be_visible()
            wait_until_still(page)
            assert sticking_out(page) == []
            page.get_by_role("button", name="Add it").click()
            expect(page.get_by_text(told)).to_be_visible()
        page.get_by_role("link", name="Browse").click()
        page.get_by_role("link", name="Soup for a city").first.click()
        expect(page.get_by_text("You let every one of them sit down").first).to_be_visible()
        expect(page.get_by_role("link", name="CC BY 4.0").or_(page.get_by_text("CC BY 4.0")).first).to_be_visible()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://127.0.0.1:1/feed.xml", "127.0.0.1 is no public address"),
        ("http://[::1]/talk", "::1 is no public address"),
        ("http://localhost/talk", "localhost is no public address"),
    ],
)
def test_a_private_address_is_refused_unless_it_is_permitted(private: Page, address: str, told: str) -> None:
    look_up(private, address)
    advice = "; where links may lead to machines of your own network, set KB_LINKS_PRIVATE=1"
    expect(private.get_by_role("alert")).to_have_text(f"{told}{advice}")
    expect(private.get_by_role("button", name="Add it")).to_have_count(0)


def test_a_page_that_leads_on_to_a_secret_place_is_refused(page: Page, running: Publisher) -> None:
    elsewhere = {"Location": "http://169.254.169.254/latest/meta-data/"}
    running.serves["/moved"] = Served(status=302, headers=elsewhere)
    look_up(page, f"{running.address}/moved")
    expect(page.get_by_role("alert")).to_have_text("169.254.169.254 is no public address")


def test_a_refusal_stands_below_the_field_in_one_line(page: Page) -> None:
    look_up(page, "http://169.254.169.254/latest/meta-data/")
    expect(page.get_by_role("alert")).to_have_text("169.254.169.254 is no public address")
