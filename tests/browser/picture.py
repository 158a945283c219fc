"""Take the README's pictures of an answer: make picture takes that over the sample interviews.

That over real interviews, with tests on PYTHONPATH:
python -m browser.picture --corpus FOLDER --question QUESTION --to docs/founders-talk.png --height 2400
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from playwright.sync_api import sync_playwright

from browser.looks import wait_until_still
from browser.served import ROOT, open_browser, serve
from ingest.pipeline.run import Options, ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

QUESTION = "How do leaders ignite shared passion?"
WIDTH, HEIGHT = 1280, 1000


def main() -> None:
    """Read the options, and take the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpus", metavar="FOLDER")
    parser.add_argument("--metadata", type=Path, metavar="FILE.csv")
    parser.add_argument("--question", default=QUESTION)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "answer.png", metavar="FILE.png")
    parser.add_argument("--height", type=int, default=HEIGHT)
    take_picture(parser.parse_args())


def take_picture(options: argparse.Namespace) -> None:
    """Write what the app answers to the question, as the first screen shows it."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        knowledge_base = KnowledgeBase.open(Settings(home=home))
        ingest_paths([options.corpus], knowledge_base, Options(metadata=options.metadata))
        knowledge_base.close()
        with serve(home, Path(folder) / "outbound") as app, open_browser(playwright) as browser:
            size = {"width": WIDTH, "height": options.height}
            page = browser.new_page(viewport=size, color_scheme="light")  # type: ignore[arg-type]
            page.goto(f"{app}/?q={quote(options.question)}")
            page.locator(".coverage").wait_for(timeout=120_000)
            wait_until_still(page)
            page.screenshot(path=options.to)


if __name__ == "__main__":
    main()
