"""The theme lexicon: questions that people ask about leadership, and sentences in which leaders answer.

Questions are abstract ("How do leaders ignite shared passion?"), answers are concrete ("I gave away my Legos"): a theme
has both. If a question is similar to a theme's questions, passages are judged by a model learnt from passages tagged
with the theme. Without tags (custom themes, other embedding models), the theme's sentences serve as queries.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kb.errors import BadLexicon
from kb.text.yaml_faults import explain_yaml, find_text_fault
from kb.text.yaml_files import read_carried

CARRIED = Path(__file__).with_name("lexicon.yaml")
LIMIT = 4_000_000  # maximum bytes of a file


@dataclass(frozen=True, slots=True)
class Theme:
    """A topic that people ask leaders about."""

    id: str  # used in URLs: "letting-go"
    name: str  # display name
    questions: tuple[str, ...]  # ways to ask about it
    voices: tuple[str, ...]  # ways in which leaders speak of it


@cache
def load_lexicon(own: Path | None = None) -> tuple[Theme, ...]:
    """Load the bundled themes, then those of the custom file; a custom theme replaces a bundled one with the same id.

    Raises BadLexicon, in one line that names the file, the place and the problem.
    """
    if own is None:
        return _load_carried()
    return tuple({theme.id: theme for theme in (*_load_carried(), *read_lexicon(own))}.values())


def read_lexicon(path: Path) -> tuple[Theme, ...]:
    """Read themes from YAML: a list of `id`, `name`, `questions` and `voices`. Raises BadLexicon."""
    try:
        if path.stat().st_size > LIMIT:
            raise BadLexicon(f"The lexicon {path} has more than {LIMIT:,} bytes; cut it into fewer themes")
        text = path.read_text(encoding="utf-8")
        entries = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise BadLexicon(f"The lexicon {path} cannot be read as UTF-8 text: {error}") from error
    except yaml.YAMLError as error:
        raise BadLexicon(f"The lexicon {path}{explain_yaml(error, text)}") from error
    except ValueError as error:  # a date or a number that there is not
        raise BadLexicon(
            f"The lexicon {path} holds a value that cannot be: {error}; put it in quotation marks"
        ) from error
    except RecursionError as error:
        raise BadLexicon(f"The lexicon {path} is nested too deep; it needs three levels") from error
    return _read_entries(entries, path)


@cache
def _load_carried() -> tuple[Theme, ...]:
    return _read_entries(read_carried(CARRIED), CARRIED)


def _read_entries(entries: Any, path: Path) -> tuple[Theme, ...]:
    if not isinstance(entries, list):
        raise BadLexicon(f"The lexicon {path} must be a list of themes, each with id, name, questions and voices")
    themes = [_read_theme(entry, f"The lexicon {path}, theme {number}") for number, entry in enumerate(entries, 1)]
    counted = Counter(theme.id for theme in themes)
    if doubled := next((one for one, count in counted.items() if count > 1), None):
        raise BadLexicon(f"The lexicon {path} has two themes with the id {doubled!r}; rename one")
    return tuple(themes)


def _read_theme(entry: Any, where: str) -> Theme:
    if not isinstance(entry, dict):
        raise BadLexicon(f"{where} must have id, name, questions and voices")
    theme_id, name = (_read_text(entry.get(key), f"{where}, {key}") for key in ("id", "name"))
    questions, voices = (_read_texts(entry.get(key), f"{where}, {key}") for key in ("questions", "voices"))
    return Theme(theme_id, name, questions, voices)


def _read_text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadLexicon(f"{where} must be a text")
    if fault := find_text_fault(value.strip()):
        raise BadLexicon(f"{where} {fault}")
    return value.strip()


def _read_texts(values: Any, where: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not values or not all(isinstance(one, str) and one.strip() for one in values):
        raise BadLexicon(f"{where} must be a list of sentences")
    return tuple(_read_text(one, where) for one in values)
