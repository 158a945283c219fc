"""Corrections that a person makes to an interview's facts; they win over its file and over tables of facts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from urllib.parse import urlsplit

from kb.errors import BadMetadata
from kb.model import Interview, Leader, Passage, Transcript

FACTS = ("title", "date", "show", "host", "media_url")  # of an interview
LEADER_FACTS = ("name", "role", "company", "sector")  # of each of its leaders
NEEDED = {"title": "A title", "name": "A leader's name"}  # they cannot be emptied
LONGEST = 500  # characters of a fact
YEAR = re.compile(r"(c\. ?)?(1[89]\d\d|20\d\d)$")
DATE_FORMATS = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%d.%m.%Y")
HOW_TO_DATE = "write it as 2021-03-04, 4 March 2021, 2021 or c. 2021"

Facts = Mapping[str, str]  # '' empties a fact


@dataclass(frozen=True, slots=True)
class Mending:
    """What a person has changed; every other fact follows the file."""

    facts: Facts = field(default_factory=dict)
    leaders: Mapping[str, Facts] = field(default_factory=dict)  # by the name before the change

    def then(self, later: Mending) -> Mending:
        """Return these changes followed by later ones, which name the leaders as these have renamed them."""
        before = {one["name"]: name for name, one in self.leaders.items() if "name" in one}
        leaders = dict(self.leaders)
        for name, changed in later.leaders.items():
            first = before.get(name, name)
            leaders[first] = {**leaders.get(first, {}), **changed}
        return Mending({**self.facts, **later.facts}, leaders)

    def apply(self, transcript: Transcript, passages: Sequence[Passage]) -> tuple[Transcript, list[Passage]]:
        """Change a transcript and its passages; the words stay as they are."""
        names = {name: one["name"] for name, one in self.leaders.items() if "name" in one}
        turns = tuple(
            replace(turn, speaker=names[turn.speaker]) if turn.role == "leader" and turn.speaker in names else turn
            for turn in transcript.turns
        )
        spoken = [replace(one, speaker=names.get(one.speaker, one.speaker)) for one in passages]
        return Transcript(self._mend_card(transcript.interview), turns), spoken

    def apply_to_card(self, card: Interview) -> Interview:
        """Change the facts of an interview."""
        return self._mend_card(card)

    def to_json(self) -> str:
        """Write as JSON."""
        return json.dumps(
            {"facts": dict(self.facts), "leaders": {name: dict(one) for name, one in self.leaders.items()}}
        )

    @classmethod
    def from_json(cls, text: str) -> Mending:
        """Read what `to_json` has written. Raises ValueError when it is something else."""
        match json.loads(text):
            case {"facts": dict(facts), "leaders": dict(leaders), **other} if not other:
                if _are_facts(facts, FACTS) and all(_are_facts(one, LEADER_FACTS) for one in leaders.values()):
                    return cls(facts, leaders)
        raise ValueError("not the facts of an interview")

    def _mend_card(self, card: Interview) -> Interview:
        leaders = tuple(_mend_leader(one, self.leaders.get(one.name, {})) for one in card.leaders)
        changed = replace(
            card,
            leaders=leaders,
            title=self.facts.get("title", card.title),
            show=self.facts.get("show", card.show) or None,
            host=self.facts.get("host", card.host) or None,
            media_url=self.facts.get("media_url", card.media_url) or None,
        )
        if "date" not in self.facts:
            return changed
        day, year, is_approximate = read_when(self.facts["date"])
        return replace(changed, date=day, year=year, year_is_approximate=is_approximate)


def list_changes(interview: Interview, facts: Facts, leaders: Sequence[Facts] = ()) -> Mending:
    """List what differs in a form that a person filled; `leaders` are in the order of the interview's own.

    Raises BadMetadata when a value cannot be used.
    """
    changed = _differ(facts_of(interview), facts)
    of_leaders = {
        leader.name: different
        for leader, filled in zip(interview.leaders, leaders, strict=False)
        if (different := _differ(facts_of_leader(leader), filled))
    }
    names = [of_leaders.get(name, {}).get("name", name) for name in interview.leader_names]
    if len(set(names)) < len(names):
        raise BadMetadata("Two leaders of one interview have the same name; give each their own")
    return Mending(changed, of_leaders)


def facts_of(interview: Interview) -> dict[str, str]:
    """The facts of an interview that can be changed, as text."""
    return {name: interview.when if name == "date" else getattr(interview, name) or "" for name in FACTS}


def facts_of_leader(leader: Leader) -> dict[str, str]:
    """The facts of a leader that can be changed, as text."""
    return {name: getattr(leader, name) or "" for name in LEADER_FACTS}


def read_when(text: str) -> tuple[date | None, int | None, bool]:
    """Read a day or a year, and whether the year is approximate. Raises BadMetadata when it is neither."""
    if not text:
        return None, None, False
    if found := YEAR.match(text):
        return None, int(found[2]), bool(found[1])
    for form in DATE_FORMATS:
        try:
            day = datetime.strptime(text, form).date()
        except ValueError:
            continue
        return day, day.year, False
    raise BadMetadata(f"{text} is no date; {HOW_TO_DATE}")


def check_fact(name: str, value: str) -> str:
    """Return a value in one line, without blanks round it. Raises BadMetadata when it cannot be used."""
    plain = " ".join(value.encode(errors="replace").decode().split())
    if not plain and name in NEEDED:
        raise BadMetadata(f"{NEEDED[name]} cannot be empty; write one")
    if len(plain) > LONGEST:
        raise BadMetadata(f"A fact has at most {LONGEST} characters, and one here has {len(plain):,}; shorten it")
    if name == "date":
        read_when(plain)
    if name == "media_url" and plain and not _is_address(plain):
        raise BadMetadata(f"{plain} is no web address; write one that begins with https://")
    return plain


def _are_facts(values: object, names: Sequence[str]) -> bool:
    """Whether these are facts that `check_fact` has let pass. Raises BadMetadata when one is too long or no date."""
    if not isinstance(values, dict) or not set(values) <= set(names):
        return False
    return all(isinstance(value, str) and check_fact(name, value) == value for name, value in values.items())


def _differ(before: Facts, filled: Facts) -> dict[str, str]:
    plain = {name: check_fact(name, value) for name, value in filled.items() if value != before[name]}
    return {name: value for name, value in plain.items() if value != before[name]}


def _mend_leader(leader: Leader, changed: Facts) -> Leader:
    values: dict[str, str | None] = {name: changed[name] or None for name in LEADER_FACTS if name in changed}
    return replace(leader, **values) if values else leader  # type: ignore[arg-type]


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
