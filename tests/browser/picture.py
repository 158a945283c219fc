"""Take the README's picture of an answer, docs/answer.png, over the sample interviews: make picture."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from looks import wait_until_still
from playwright.sync_api import sync_playwright
from served import ROOT, open_browser, serve

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

QUESTION = "How do leaders ignite shared passion?"
SIZE = {"width": 1280, "height": 1000}


def take_picture(target: Path) -> None:
    """Write what the app answers to the question, as the first screen shows it."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        knowledge_base = KnowledgeBase.open(Settings(home=home))
        ingest_paths([ROOT / "corpus"], knowledge_base)
        knowledge_base.close()
        with serve(home, Path(folder) / "outbound") as app, open_browser(playwright) as browser:
            page = browser.new_page(viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
            page.goto(f"{app}/?q={quote(QUESTION)}")
            page.locator(".coverage").wait_for(timeout=60_000)
            wait_until_still(page)
            page.screenshot(path=target)


if __name__ == "__main__":
    take_picture(ROOT / "docs" / "answer.png")
