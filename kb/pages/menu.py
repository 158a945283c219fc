"""The menu: links between the screens, which take the question and the filters along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from kb.pages.parts import HERE, NAME, read_script

FILTERS = ("leader", "company", "sector", "year", "source")
COMPARED = FILTERS[:4]
UNDERSTOOD: dict[str, tuple[str, ...]] = {
    "": ("q", *FILTERS),  # Ask
    "compare": ("q", "by", "of", *FILTERS),
    "lens": FILTERS,
    "quotes": ("q", *FILTERS),
    "browse": FILTERS,
}
SCRIPTS = ("copy.js", "keys.js", "names.js", "place.js")
LONGEST = 2_000  # characters that a link takes along; servers take addresses of some 8,000
STYLE = Path(HERE / "style.css")

Values = Mapping[str, Sequence[str]]


class Menu:
    """The look of all screens, and the links between them.

    They are plain links: Streamlit's own lose the question when the reader goes back to it.
    """

    def __init__(self, pages: Sequence[st.Page], current: st.Page) -> None:
        self._pages = [page for page in pages if page.visibility == "visible"]
        self._current = current.url_path
        self._drawn = ""
        st.html(STYLE)
        self._place = st.empty()

    def draw(self) -> None:
        """Draw the links, or draw them anew where the address has changed since."""
        values = {name: st.query_params.get_all(name) for name in st.query_params}
        links = "".join(self._draw_link(page, values) for page in self._pages)
        if links == self._drawn:
            return
        self._drawn = links
        frame = f'<nav class="frame" aria-label="Pages"><a class="name" href="./">{NAME}</a>{links}</nav>'
        scripts = "".join(map(read_script, SCRIPTS))  # before there is a button to press
        self._place.html(f"{frame}{scripts}", unsafe_allow_javascript=True)

    def _draw_link(self, page: st.Page, values: Values) -> str:
        carried = encode_along(take_along(values, self._current, page.url_path))
        here = " aria-current=page" if page.url_path == self._current else ""
        address = escape(f"./{page.url_path}{'?' if carried else ''}{carried}")
        return f'<a href="{address}"{here}>{page.title}</a>'


def encode_along(values: Values) -> str:
    """Values as the query of an address; '' for more than a link takes along."""
    encoded = urlencode(values, doseq=True)
    return encoded if len(encoded) <= LONGEST else ""


def take_along(values: Values, current: str, target: str) -> Values:
    """What the address of one screen hands to that of another: what the other understands of it.

    Who is compared is what the others are limited to, and the other way round.
    """
    if current == target:
        handed = dict(values)
    elif current == "compare":
        by = (values.get("by") or ["leader"])[0]
        handed = {**values, by: values.get("of") or []}
    elif target == "compare":
        by = next((name for name in COMPARED if len(values.get(name) or ()) > 1), "leader")
        handed = {**values, "by": [by], "of": values.get(by) or [], by: []}
    else:
        handed = dict(values)
    return {name: handed[name] for name in UNDERSTOOD.get(target, ()) if handed.get(name)}
