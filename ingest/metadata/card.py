"""Fill an interview's card from its row of a table, front matter, its first lines and the file's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from ingest.metadata.table import FILE_SUFFIX, MACHINE_COLUMN, Row
from ingest.metadata.values import (
    FIELDS,
    as_text,
    fold_key,
    is_media,
    pick,
    read_date,
    read_flag,
    read_language,
    read_leaders,
    read_link,
    read_media,
    read_names,
    read_qualifies,
    read_year,
)
from ingest.script import Line, Script
from kb.model import Interview, Leader

HEAD_LINES = 40  # lines in which a file may state facts about itself
HEAD_KEYS = frozenset(
    {"title", "leader", "role", "company", "sector", "host", "show", "date", "year", "url", "media_url"}
)
HEAD_FACT = re.compile(r"(?P<key>[A-Za-z][A-Za-z _/-]{1,30})\s*(?:\([^()]{1,10}\)\s*)?[:：]\s*(?P<value>\S.{0,300})$")
NOT_IN_FRONT_MATTER = frozenset(
    {"name", "person", "people", "narrator", "source", "path", "file", "channel", "created"}
)

_NAME_WORD = r"(?:[^\W\d_a-z][\w.'’-]*|de|da|di|del|der|den|van|von|la|le|bin|al)"
NAME = re.compile(rf"{_NAME_WORD}(?:\s{_NAME_WORD}){{1,5}}$")
# Google Meet heads its notes with a sign and a word of any language: '📝 Notizen'.
GENERIC_HEADING = re.compile(
    r"(?i)(?:[📝📖]|\W*(?:(?:full|interview|episode|audio|the|raw|edited)\s+)*(?:transcript(?:ion)?s?|interview|details|summary|preface"
    r"|introduction|contents|table of contents|show notes|notes|overview|about|episode)\W*$)"
)
LANGUAGE_SUFFIXES = frozenset("ar cs da de en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv tr uk vi zh".split())


def read_card(script: Script, row: Row | None, *, source: str, source_hash: str, interview_id: str) -> Interview:
    """Read an interview's card. The table wins over front matter, and front matter over first lines and file name."""
    facts = _read_facts(script, row)
    url, media = read_link(facts.get("url")), read_media(facts.get("media_url"))
    day, year, approximate = _when(facts)
    hosts = read_names(facts.get("host"))
    return Interview(
        id=interview_id,
        title=as_text(facts.get("title")) or _title_of(script.lines) or readable_name(source),
        leaders=_leaders(facts, hosts),
        host=" and ".join(hosts) or None,
        show=as_text(facts.get("show")),
        date=day,
        year=year,
        year_is_approximate=approximate,
        url=url,
        media_url=media or (url if is_media(url) else None),
        licence=as_text(facts.get("licence")),
        source=source,
        source_hash=source_hash,
        language=read_language(facts.get("language")) or _language_of(source) or "en",
        sample=read_flag(facts.get("sample")),
        transcribed_by=as_text((row or {}).get(MACHINE_COLUMN)),
    )


def list_bad_links(script: Script, row: Row | None) -> list[str]:
    """List what begins as a web address on the card, and is none: `read_card` leaves it out."""
    facts = _read_facts(script, row)
    stated = [facts.get(field) for field in ("url", "media_url")]
    return [text for value in stated if (text := as_text(value) or "").startswith("http") and read_link(value) is None]


def _read_facts(script: Script, row: Row | None) -> _Facts:
    return _Facts((row or {}, _front_matter(script), _head_facts(script.lines)))


def readable_name(source: str) -> str:
    """Turn a file's name into a title: 'talks/founders-talk-7.md' becomes 'Founders talk 7'."""
    name = PurePosixPath(source).name
    while found := FILE_SUFFIX.search(name):
        name = name[: found.start()]
    words = " ".join(re.sub(r"[_\s]+|(?<=\w)[-.](?=\w)", " ", name).split())
    return words[:1].upper() + words[1:] if words else source


@dataclass(frozen=True, slots=True)
class _Facts:
    """Facts from several sources, the most trusted first."""

    sources: Sequence[Mapping[str, object]]

    def get(self, field: str) -> object:
        values = (pick(source, field) for source in self.sources)
        return next((value for value in values if value is not None), None)


def _front_matter(script: Script) -> dict[str, object]:
    folded = {fold_key(key): value for key, value in script.card.items()}
    return {key: value for key, value in folded.items() if key not in NOT_IN_FRONT_MATTER}


def _head_facts(lines: Sequence[Line]) -> dict[str, object]:
    """Read facts such as 'Interviewer: Ada Lovelace' before the talk begins; a label that recurs is a speaker's."""
    openings: Counter[str] = Counter()
    facts: dict[str, object] = {}
    for line in lines[:HEAD_LINES]:
        found = HEAD_FACT.match(line.text.strip())
        if not found or line.speaker:
            continue
        key, value = fold_key(found["key"]), found["value"].strip()
        field = next((field for field in HEAD_KEYS if key in FIELDS[field]), None)
        if field and not openings:
            openings.update(fold_key(re.split(r"[(:：]", one.text)[0]) for one in lines if ":" in one.text[:40])
        if field and openings[key] == 1 and _is_stated(field, value):
            facts.setdefault(key, value)
    return facts


def _is_stated(field: str, value: str) -> bool:
    """Whether a value has the shape of its field, not of speech."""
    if field in ("leader", "host"):
        names = read_names(value)
        return bool(names) and all(NAME.match(name) for name in names)
    if field == "date":
        return bool(read_date(value)) or (len(value) < 20 and read_year(value)[0] is not None)
    if field == "year":
        return len(value) < 20 and read_year(value)[0] is not None
    if field in ("url", "media_url"):
        return read_link(value) is not None
    return len(value) <= 120 and not value.endswith((".", "?", "!", ","))


def _when(facts: _Facts) -> tuple[date | None, int | None, bool]:
    """Read day, year, and whether the year is approximate, from the first source that has one."""
    for source in facts.sources:
        if day := read_date(pick(source, "date")):
            return day, day.year, False
        for field in ("year", "date"):
            year, approximate = read_year(pick(source, field))
            if year:
                return None, year, approximate
    return None, None, False


def _leaders(facts: _Facts, hosts: Sequence[str]) -> tuple[Leader, ...]:
    """Read the leaders, each with their own facts, or with the interview's where they have none."""
    named = {leader.name: leader for leader in read_leaders(facts.get("leader")) if leader.name not in hosts}
    roles, companies = _each(facts.get("role"), len(named)), _each(facts.get("company"), len(named))
    of_table = _each(pick(facts.sources[0], "sector"), len(named))
    sector, evidence = as_text(facts.get("sector")), as_text(facts.get("evidence"))
    qualifies = read_qualifies(facts.get("qualifies"))
    return tuple(
        Leader(
            leader.name,
            role=role or leader.role,
            company=company or leader.company,
            sector=stated or leader.sector or sector,
            qualifies=leader.qualifies or qualifies,
            evidence=leader.evidence or evidence,
        )
        for leader, role, company, stated in zip(named.values(), roles, companies, of_table, strict=True)
    )


def fill_found_leaders(card: Interview, row: Row | None) -> Interview:
    """Fill in from the table what it tells of leaders whom only the talk names, or names otherwise."""
    count = len(card.leaders)
    roles, companies, sectors = (_each(pick(row or {}, field), count) for field in ("role", "company", "sector"))
    filled = (
        replace(
            leader,
            role=leader.role or role,
            company=leader.company or company,
            sector=leader.sector or sector,
        )
        for leader, role, company, sector in zip(card.leaders, roles, companies, sectors, strict=True)
    )
    return replace(card, leaders=tuple(filled))


def _each(value: object, count: int) -> list[str | None]:
    """Return a value for each of several leaders; it is split only if it has as many parts as there are leaders."""
    text = as_text(value)
    parts = [part.strip() for part in (text or "").split(";")]
    if count > 1 and len(parts) == count:
        return [part or None for part in parts]
    return [text] * count


def _title_of(lines: Sequence[Line]) -> str | None:
    headings = (line.text.strip() for line in lines[:HEAD_LINES] if line.heading)
    return next((text for text in headings if 3 <= len(text) <= 160 and not GENERIC_HEADING.match(text)), None)


def _language_of(source: str) -> str | None:
    """Read the language from a name like 'talk.es.md'."""
    parts = PurePosixPath(source).name.lower().split(".")
    code = parts[-2] if len(parts) > 2 else ""
    return code if code in LANGUAGE_SUFFIXES else None
