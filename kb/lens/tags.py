"""The tags of people: what they say that words show; found again after an interview was read or cut anew."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from kb.errors import BadTag
from kb.lens.framework import Framework
from kb.model import Span
from kb.quotes.collections.anchoring import anchor_words
from kb.quotes.collections.refinding import Standing, find_standings
from kb.storage.catalog import Catalog
from kb.storage.tag_table import Tag, TagTable

LONGEST_NAME, LONGEST_LABEL = 80, 60  # characters


@dataclass(frozen=True, slots=True)
class KeptTag:
    """A tag, and what became of its words."""

    tag: Tag
    standing: Standing

    @property
    def is_verbatim(self) -> bool:
        """Whether the words stand in their interview today, said by the same person."""
        return self.standing.state in ("verbatim", "moved")


class TagDesk:
    """Reads and writes tags; caches where their words stand. Shared by all threads.

    Methods raise StoreUnavailable when the catalog cannot be read; those that write, also when it can only be read.
    """

    def __init__(self, catalog: Catalog, framework: Framework) -> None:
        self._catalog = catalog
        self._framework = framework
        self._table = TagTable(catalog.database)
        self._standings: tuple[int, dict[Tag, Standing]] = -1, {}
        self._lock = threading.Lock()

    def judge(self, person: str, interview_id: str, span: Span, behaviour_id: str, *, holds: bool) -> Tag:
        """Keep that some words show a behaviour of the framework, or do not; replaces what the person said before.

        Raises BadTag, or UnknownInterview when the turn is not there.
        """
        if self._framework.behaviour(behaviour_id) is None:
            raise BadTag(f"The framework {self._framework.name} has no behaviour {behaviour_id[:40]!r}")
        return self._put(person, interview_id, span, self._framework.name, behaviour_id, holds=holds)

    def label(self, person: str, interview_id: str, span: Span, label: str) -> Tag:
        """Keep a tag of a person's own on some words. Raises BadTag, or UnknownInterview."""
        return self._put(person, interview_id, span, "", _check(label, "A tag", LONGEST_LABEL), holds=True)

    def withdraw(self, tag_id: str) -> None:
        """Remove a tag, if it is there."""
        self._catalog.database.check_writable()
        self._table.remove(tag_id)

    def version(self) -> str:
        """Return a name of the present state of all tags."""
        return self._table.version()

    def tags(self) -> Sequence[Tag]:
        """Return the tags of this framework, and people's own, oldest first."""
        return [one for one in self._table.tags() if one.framework in ("", self._framework.name)]

    def kept(self) -> list[KeptTag]:
        """Return the tags, each with what became of its words; found once for as long as the interviews are as now."""
        tags, generation = self.tags(), self._catalog.generation()
        with self._lock:
            known = self._standings[1] if self._standings[0] == generation else {}
            fresh = [one for one in tags if one not in known]
            found = dict(zip(fresh, find_standings(self._catalog, fresh), strict=True)) if fresh else {}
            known = {one: found.get(one) or known[one] for one in tags}
            self._standings = generation, known
        return [KeptTag(one, known[one]) for one in tags]

    def _put(self, person: str, interview_id: str, span: Span, framework: str, label: str, *, holds: bool) -> Tag:
        self._catalog.database.check_writable()
        name = _check(person, "Your name", LONGEST_NAME)
        anchor = anchor_words(self._catalog, interview_id, span)
        if anchor is None:
            raise BadTag(f"There are no words at {span.start} to {span.end} of turn {span.turn}; tag some words")
        place = anchor.source_hash, anchor.turn, anchor.start_offset, anchor.end_offset
        made = Tag(
            id=_make_id(name.casefold(), framework, label, *place),
            person=name,
            framework=framework,
            label=label,
            holds=holds,
            **asdict(anchor),
        )
        self._table.put(made)
        return made


def _check(text: str, what: str, longest: int) -> str:
    cleaned = " ".join(text.split())
    if not 0 < len(cleaned) <= longest:
        raise BadTag(f"{what} needs 1 to {longest} characters; type it anew")
    return cleaned


def _make_id(*parts: str | int) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
