"""One app over the sample interviews and a hostile file, and the browser in which the tests of this folder open it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from browser.hand import Hand
from browser.looks import wait_until_still
from browser.served import PATIENCE, ROOT, open_browser, serve, watch
from ingest.pipeline.run import Options, ingest_paths
from kb.embedding.protocol import Embedder
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

expect.set_options(timeout=PATIENCE)

QUESTION = "How do leaders ignite shared passion?"
HOSTILE = """Nora Bell: What did the lighthouse keepers of Skerry Point teach you about leading people?

Eve Mallory: The lighthouse keepers taught me <script>window.pwned = 1</script> that nobody leads a lighthouse alone. \
<iframe srcdoc="<script>parent.pwned = 2</script>"></iframe> They painted it together every summer, \
<style>body { display: none }</style> and ![beacon](http://203.0.113.1/x.png) they argued :red[about the colour] \
**for weeks** and $x^2$ -- then agreed. <img src="http://203.0.113.1/y.png" onerror="window.pwned = 3"> That :smile: \
was the whole lesson of the lighthouse -> and its keepers.

Nora Bell: And what drove keepers away from the lighthouse?

Eve Mallory: Lighthouse keepers left when the harbour office stopped answering their letters, and \
<a href="javascript:window.pwned = 4" onclick="window.pwned = 5">who would blame them</a>? I went there every month \
afterwards, I read each letter aloud, and nobody has left the lighthouse since.
"""
HOSTILE_FACTS = """file,title,leader,role,company,sector
hostile.txt,"<script>window.pwned = 6</script> Lights :red[on]",Eve Mallory,"<img src=x onerror=""window.pwned = 7"">",\
**Skerry** $a$ Trust,"<iframe srcdoc=""<script>parent.pwned = 8</script>""></iframe> -> sea"
"""


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("app")
    (folder / "hostile.txt").write_text(HOSTILE, encoding="utf-8")
    (folder / "facts.csv").write_text(HOSTILE_FACTS, encoding="utf-8")
    knowledge_base = KnowledgeBase.open(Settings(home=folder / "home"))
    ingest_paths([ROOT / "corpus"], knowledge_base)
    ingest_paths([folder / "hostile.txt"], knowledge_base, Options(metadata=folder / "facts.csv"))
    knowledge_base.close()
    return folder / "home"


@pytest.fixture(scope="package")
def outbound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "outbound"


@pytest.fixture(scope="package")
def app(home: Path, outbound: Path) -> Iterator[str]:
    with serve(home, outbound) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, open_browser(playwright) as opened:
        yield opened


@pytest.fixture
def page(app: str, browser: Browser) -> Iterator[Page]:
    with browser.new_context(base_url=app, permissions=["clipboard-read", "clipboard-write"]) as context:
        context.set_default_timeout(PATIENCE)
        with watch(context.new_page()) as opened:
            yield opened


@pytest.fixture(params=["light", "dark"])
def phone(app: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with browser.new_context(
        base_url=app,
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        color_scheme=request.param,
    ) as context:
        context.set_default_timeout(PATIENCE)
        with watch(context.new_page()) as opened:
            yield opened
            is_dark = opened.evaluate("getComputedStyle(document.querySelector('.stApp')).colorScheme") == "dark"
            assert is_dark == (request.param == "dark")


@pytest.fixture(params=[(1280, True), (390, True), (1280, False), (390, False)], ids=lambda one: f"{one[0]}-{one[1]}")
def hand(app: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Hand]:
    width, has_mouse = request.param
    size = {"width": width, "height": 844}
    permissions = ["clipboard-read", "clipboard-write"]
    with browser.new_context(base_url=app, viewport=size, permissions=permissions) as context:  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        with watch(context.new_page()) as opened:
            yield Hand(opened, has_mouse=has_mouse)


def ask(page: Page, question: str) -> None:
    page.get_by_label("Question").wait_for()
    wait_until_still(page)  # a page that is still being drawn may take what is typed away
    page.get_by_label("Question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def wait_for_answer(page: Page) -> None:
    expect(page.locator(".coverage")).to_be_visible()  # the first answer waits for the model
    wait_until_still(page)  # what stands below the answer is drawn after it
