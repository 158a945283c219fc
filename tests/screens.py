"""The app's screens without a browser: open one as app.py frames it, and read what it shows."""

from __future__ import annotations

import html
import re

from conftest import ROOT
from streamlit.testing.v1 import AppTest


def open_page(path: str, **address: str | list[str]) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    page.switch_page(path)
    for name, value in address.items():
        page.query_params[name] = value
    return rerun(page)


def rerun(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def markup(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def shown(page: AppTest) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup(page)))


def alerts(page: AppTest) -> list[str]:
    """The lines that say what went wrong."""
    found: list[str] = re.findall(r'<p class="notice problem" role="alert">(.*?)</p>', markup(page), re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]*>", "", line)) for line in found]
