"""The theme lexicon: what people ask about leading others, and how leaders themselves speak of it.

Questions are abstract ("How do leaders ignite shared passion?"), answers concrete ("I gave away my Legos"): a theme
holds both. A question that is near to the one is judged by what was learnt from passages that were tagged with the
theme or, where nobody tagged any (one's own themes, other models), searched in the words of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kb.errors import BadLexicon

CARRIED = Path(__file__).with_name("lexicon.yaml")
LIMIT = 4_000_000  # bytes of a file


@dataclass(frozen=True, slots=True)
class Theme:
    """A matter that people ask leaders about."""

    id: str  # stands in addresses: "letting-go"
    name: str  # as a person calls it
    questions: tuple[str, ...]  # as people ask
    voices: tuple[str, ...]  # as leaders speak of it


@cache
def load_lexicon(own: Path | None = None) -> tuple[Theme, ...]:
    """The themes that come with the package, with a person's own after them; one with a known id takes its place.

    Raises BadLexicon, in one line that names the file, the place and what is wrong.
    """
    themes = {theme.id: theme for theme in read_lexicon(CARRIED)}
    if own:
        themes |= {theme.id: theme for theme in read_lexicon(own)}
    return tuple(themes.values())


def read_lexicon(path: Path) -> tuple[Theme, ...]:
    """The themes of a YAML file: a list of `id`, `name`, `questions` and `voices`; BadLexicon where it is none."""
    try:
        if path.stat().st_size > LIMIT:
            raise BadLexicon(f"The lexicon {path} has more than {LIMIT:,} bytes; cut it into fewer themes")
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadLexicon(f"The lexicon {path} cannot be read as UTF-8 text: {error}") from error
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = f", line {place.line + 1}" if place else ""
        raise BadLexicon(f"The lexicon {path}{line} is not YAML: {getattr(error, 'problem', error)}") from error
    if not isinstance(entries, list):
        raise BadLexicon(f"The lexicon {path} must be a list of themes, each with id, name, questions and voices")
    themes = [_read_theme(entry, f"The lexicon {path}, theme {number}") for number, entry in enumerate(entries, 1)]
    ids = [theme.id for theme in themes]
    if doubled := next((one for one in ids if ids.count(one) > 1), None):
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
    return value.strip()


def _read_texts(values: Any, where: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not values or not all(isinstance(one, str) and one.strip() for one in values):
        raise BadLexicon(f"{where} must be a list of sentences")
    return tuple(one.strip() for one in values)
