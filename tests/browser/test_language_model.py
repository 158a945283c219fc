"""The app with a language model beside it, in a real browser: one that tells the truth, that lies, that is down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import SOUP, STEEL
from lying_server import LyingServer
from lying_server import serve as serve_model
from playwright.sync_api import Browser, Page, expect

from browser.looks import faint_text, small_targets, sticking_out, wait_until_still
from browser.served import PATIENCE, serve, watch
from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

pytestmark = pytest.mark.slow

QUESTION = "What makes volunteers care, and who writes the safety rules of the plant?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    (folder / "soup.md").write_text(SOUP, encoding="utf-8")
    (folder / "steel.md").write_text(STEEL, encoding="utf-8")
    knowledge_base = KnowledgeBase.open(Settings(home=folder / "home"))
    ingest_paths([folder], knowledge_base)
    knowledge_base.close()
    return folder / "home"


@pytest.fixture(scope="module")
def model() -> Iterator[LyingServer]:
    with serve_model() as running:
        yield running


@contextmanager
def asked(home: Path, browser: Browser, url: str, name: str) -> Iterator[Page]:
    """The page with the brief to the question, over an app with that model."""
    patience = "2" if name == "silent" else "60"  # seconds; only what says nothing is not waited for
    settings = {"KB_LLM": "openai-like", "KB_LLM_URL": url, "KB_LLM_MODEL": name, "KB_LLM_TIMEOUT": patience}
    with serve(home, home.parent / "outbound", **settings) as app, browser.new_context(base_url=app) as context:
        context.set_default_timeout(PATIENCE)
        with watch(context.new_page()) as page:
            page.goto(f"/?q={QUESTION}")
            expect(page.locator(".coverage")).to_be_visible()
            expect(page.locator(".written :is(.verdict, .notice)").last).to_be_visible()
            yield page


def test_true_sentences_are_marked_as_checked_and_lead_to_the_very_words(
    home: Path, browser: Browser, model: LyingServer
) -> None:
    with asked(home, browser, f"{model.url}/v1", "truth") as page:
        sentences = page.locator(".checked.verified")
        expect(sentences).to_have_count(2)
        expect(sentences.first.locator(".verdict")).to_have_attribute("title", re.compile("^Checked: the passage"))
        expect(page.locator(".legend")).to_be_visible()
        wait_until_still(page)  # what the model writes is drawn again and again

        number = sentences.first.locator("a.number").first
        number.hover()
        expect(sentences.first.locator(".peek").first).to_be_visible()
        wait_until_still(page)
        assert faint_text(page) == []
        page.set_viewport_size({"width": 390, "height": 844})
        wait_until_still(page)
        assert sticking_out(page) == []
        assert small_targets(page) == []
        asked_before = len(model.prompts)
        page.locator("[data-testid=stFeedback] button, .stFeedback button").first.click()
        expect(page.get_by_text("Thank you; it is kept on this machine.")).to_be_visible()
        expect(sentences).to_have_count(2)
        wait_until_still(page)  # a model that were asked again would be asked at the end
        assert len(model.prompts) == asked_before

        number.click()
        expect(page.locator(".turn.cited mark")).to_be_in_viewport()
    knowledge_base = KnowledgeBase.open(Settings(home=home))
    (thumb,) = knowledge_base.feedback()
    knowledge_base.close()
    assert thumb.question == QUESTION
    assert thumb.hits
    assert thumb.quotations


@pytest.mark.parametrize(
    ("name", "verdict", "reason"),
    [
        ("invented", "unsupported", "these words stand in no passage that it cites"),
        ("dropped-negation", "corrected", "the passage has other words"),
    ],
)
def test_a_lie_is_struck_or_corrected_before_the_readers_eyes(
    home: Path, browser: Browser, model: LyingServer, name: str, verdict: str, reason: str
) -> None:
    with asked(home, browser, f"{model.url}/v1", name) as page:
        sentence = page.locator(f".checked.{verdict}")
        expect(sentence).to_contain_text(reason)
        if verdict == "unsupported":
            expect(sentence.locator("s")).to_contain_text("Profit is the only thing")
        else:
            expect(sentence.locator(".replaced")).to_have_attribute("title", re.compile("^The model wrote: "))
        expect(page.locator(".checked.verified")).to_have_count(0)
        assert page.locator(".group .said").count() >= 2


@pytest.mark.parametrize(
    ("name", "problem"), [("down", "cannot be reached"), ("silent", "said nothing"), ("broken", "broke off")]
)
def test_a_model_that_fails_costs_one_line_beside_the_brief(
    home: Path, browser: Browser, model: LyingServer, name: str, problem: str
) -> None:
    url = "http://127.0.0.1:9" if name == "down" else model.url
    with asked(home, browser, f"{url}/v1", name) as page:
        assert page.locator(".group .said").count() >= 2
        expect(page.locator(".written .notice")).to_contain_text(problem)
        expect(page.locator(".written .draft")).to_have_count(0)
        assert page.locator(".card").count() >= 2
