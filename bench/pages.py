"""Measure how long each page of the app takes to be drawn in Chromium.

First: the page that is opened first after the app has started, in a browser that holds nothing of it. Warm: the same
page again, of the same app in the same browser. Of several checkouts each page is measured in turn, so that what else
the machine does slows all alike.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from bench.figures import describe_machine, format_table
from bench.inputs import PROJECT, MissingInput, require
from bench.serving import serve_app
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings

ROUNDS, WARM = 5, 3
QUESTION = "How do leaders ignite shared passion?"
PATIENCE = 120_000  # milliseconds for a page to be drawn
DRAWN = """() => document.querySelector("h1")
  && document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]")"""

Times = dict[tuple[str, str], list[float]]  # seconds, by page and column


@dataclass(frozen=True, slots=True)
class App:
    """A checkout, and the knowledge base that it opens."""

    name: str  # '' or ' before'
    project: Path
    home: Path

    def has(self, page: str) -> bool:
        """Whether this commit has a page: its first part is what app.py calls it."""
        path = page.partition("?")[0] or "ask"
        return f'url_path="{path}"' in (self.project / "app.py").read_text(encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Return 2 after one line on standard error if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, metavar="FOLDER", help="knowledge base to open")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help="starts of the app for each page")
    parser.add_argument("--warm", type=int, default=WARM, metavar="N", help="times that it is opened again, each start")
    parser.add_argument("--pages", nargs="*", metavar="NAME", help="only these, by the names in the table")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="of another commit: it is measured too")
    parser.add_argument("--home-before", type=Path, metavar="FOLDER", help="for --before, where its schema is another")
    options = parser.parse_args(arguments)
    try:
        apps = list(_list_apps(options))
        pages = list_pages(options.home)
        wanted = {name: pages[name] for name in options.pages or pages if name in pages}
        times = measure(apps, wanted, options.rounds, options.warm)
    except KBError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(report(times, wanted, apps))
    return 0


def list_pages(home: Path) -> dict[str, str]:
    """List the pages by name, each with an address that shows something. Raises the errors of `KnowledgeBase.open`."""
    with closing(KnowledgeBase.open(Settings(home=home))) as knowledge_base:
        card = next((one for one in knowledge_base.interviews() if one.leaders), None)
        leaders = [one.value for one in knowledge_base.facets().leaders[:2]]
    if card is None:
        raise MissingInput(f"There is no interview with a leader in {home}; name another by --home FOLDER")
    asked = {"q": QUESTION}
    return {
        "Ask": "",
        "Ask, an answer": f"?{urlencode(asked)}",
        "Compare": f"compare?{urlencode({**asked, 'of': leaders}, doseq=True)}",
        "Lens": "lens",
        "Quotes": "quotes",
        "Quotes, found": f"quotes?{urlencode(asked)}",
        "Collections": "collections",
        "Browse": "browse",
        "Browse, leaders": "browse?view=Leaders",
        "Add interviews": "add",
        "Interview": f"interview?{urlencode({'id': card.id})}",
        "Leader": f"leader?{urlencode({'name': card.leaders[0].name})}",
        "Workshop": f"workshop?{urlencode(asked)}",
    }


def measure(apps: Sequence[App], pages: Mapping[str, str], rounds: int, warm: int) -> Times:
    """Open each page of each app, as often as asked, one app after the other and the next time the other way round."""
    times: Times = defaultdict(list)
    with sync_playwright() as playwright:
        browser = _open_browser(playwright)
        for round_ in range(rounds):
            for number, (name, page) in enumerate(pages.items(), 1):
                print(f"\rround {round_ + 1}: page {number} of {len(pages)}", end="", file=sys.stderr, flush=True)
                for app in [one for one in apps if one.has(page)][:: 1 if round_ % 2 else -1]:
                    first, *again = _open_page(browser, app, page, warm)
                    times[name, f"first{app.name}"].append(first)
                    times[name, f"warm{app.name}"] += again
        browser.close()
    print(file=sys.stderr)
    return times


def report(times: Times, pages: Mapping[str, str], apps: Sequence[App]) -> str:
    """Format the table: for each page the median of its times, in milliseconds."""
    columns = [f"{when}{app.name}" for when in ("first", "warm") for app in apps]
    rows = [[name, *(_format(times.get((name, column), ())) for column in columns)] for name in pages]
    return "\n".join([describe_machine(), "", format_table(["p50 (ms)", *columns], rows)])


def _list_apps(options: argparse.Namespace) -> Iterator[App]:
    require(options.home / "catalog.sqlite", "--home")
    yield App("", PROJECT, options.home)
    if options.before:
        home = options.home_before or options.home
        require(home / "catalog.sqlite", "--home-before")
        require(options.before / "app.py", "--before")
        yield App(" before", options.before.resolve(), home)


def _open_browser(playwright: Playwright) -> Browser:
    """The system's Chromium, else Playwright's own."""
    system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        return playwright.chromium.launch(executable_path=system, args=["--no-sandbox", "--disable-gpu"])
    except Error as error:
        raise MissingInput("There is no Chromium; run: playwright install chromium") from error


def _open_page(browser: Browser, app: App, page: str, warm: int) -> list[float]:
    """Start the app and open a page of it, first and again; return seconds until it is drawn.

    Raises KBError when it is not, and MissingInput when the app does not start.
    """
    with serve_app(app.project, app.home) as (_, port), browser.new_context() as context:
        context.set_default_timeout(PATIENCE)
        seconds: list[float] = []
        for _ in range(1 + warm):
            tab = context.new_page()
            began = time.perf_counter()
            try:
                tab.goto(f"http://127.0.0.1:{port}/{page}")
                tab.wait_for_function(DRAWN)
            except Error as error:
                raise KBError(f"The page {page or 'Ask'} is not drawn: {error.message.splitlines()[0]}") from error
            seconds.append(time.perf_counter() - began)
            tab.close()
        return seconds


def _format(seconds: Sequence[float]) -> str:
    return f"{1000 * median(seconds):,.0f}" if seconds else "–"


if __name__ == "__main__":
    sys.exit(main())
