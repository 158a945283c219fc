"""Read the values that people write about an interview: names, dates, links, yes and no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import get_args
from urllib.parse import urlsplit

from ingest.metadata.name_list import ROLE_WORD, drop_episode, split_names, split_title
from ingest.readers.clock import CLOCK
from kb.model import Leader, Qualifies

FIELDS: Mapping[str, tuple[str, ...]] = {
    "file": (
        "file", "episode_file", "filename", "file_name", "transcript_file", "path", "file_path", "transcript", "source",
    ),
    "title": ("title", "title_guess", "episode_title", "episode_name", "headline"),
    "leader": (
        "leader", "leaders", "guest", "guests", "guest_name", "interviewee", "interviewees", "respondent", "narrator",
        "featuring", "speaker", "speakers", "name", "person", "people",
    ),
    "role": ("role", "guest_role", "position", "job_title", "job", "guest_title", "function"),
    "company": ("company", "organisation", "organization", "companies", "employer", "firm", "affiliation", "org"),
    "sector": ("sector", "industry", "branch"),
    "qualifies": ("qualifies", "qualified_by", "qualification"),
    "evidence": ("evidence", "founded_or_grew", "achievement", "known_for"),
    "host": ("host", "hosts", "interviewer", "interviewers", "interviewed_by", "moderator", "presenter"),
    "show": ("show", "podcast", "podcast_name", "series", "programme", "program", "publication", "channel"),
    "date": (
        "date", "published", "date_published", "publication_date", "publish_date", "pubdate", "released",
        "release_date", "air_date", "recorded", "recorded_on", "interview_date", "date_of_interview", "created",
    ),
    "year": ("year", "approx_year", "approximate_year"),
    "url": ("url", "link", "webpage", "web_page", "page", "episode_url", "source_url", "permalink", "canonical_url"),
    "media_url": (
        "media_url", "youtube_url", "video_url", "audio_url", "audio", "video", "youtube", "youtube_id", "video_id",
        "enclosure", "enclosure_url", "media", "mp3", "recording",
        "recording_url", "media_link", "audio_link", "video_link",
        "audio_file", "video_file",
    ),
    "licence": ("licence", "license", "rights"),
    "language": ("language", "lang", "locale", "language_code"),
    "sample": ("sample", "is_sample", "invented", "fictional"),
}  # fmt: skip

SCALARS = (str, int, float, date)
MOST_ITEMS = 50  # of a list in front matter; nobody interviews more people at once

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
APPROXIMATE = re.compile(r"(?i)\b(?:c|ca|circa|approx|approximately|about|around|probably)\b|[~?]|(?<=\d)s\b")
YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
DATE_FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y",
    "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%d-%b-%Y",
)  # fmt: skip
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.I)
TIME_OF_DAY = re.compile(rf"[T ]{CLOCK}.*$")
WEEKDAY = re.compile(r"(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})$")

LINK = re.compile(r"https?://[^\s<>\"'\\]{4,2000}$", re.I)
YOUTUBE_ID = re.compile(r"[\w-]{11}$")
MEDIA_SITE = re.compile(
    r"https?://(?:[\w-]+\.)*(?:youtube\.com|youtu\.be|vimeo\.com)/|\.(?:mp3|mp4|m4a|ogg|opus|webm|wav)\b", re.I
)

ROLE_AT = re.compile(r"(?P<role>.{2,80}?)\s*(?:\bof\b|\bat\b|@|,)\s*(?P<company>.{2,80})$")
LANGUAGE_NAMES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "spanish": "es", "italian": "it",
    "portuguese": "pt", "dutch": "nl", "swedish": "sv", "polish": "pl", "russian": "ru", "japanese": "ja",
    "chinese": "zh", "korean": "ko",
}  # fmt: skip


def fold_key(key: str) -> str:
    """Normalise a column or field name for comparison: 'Founded or grew ' becomes 'founded_or_grew'."""
    return re.sub(r"[^a-z0-9]+", "_", key.strip().lower()).strip("_")


def pick(facts: Mapping[str, object], field: str) -> object:
    """Return the value of a field under the first of its names that has one; None if there is none."""
    return next((facts[name] for name in FIELDS[field] if facts.get(name) not in (None, "", [], {})), None)


def as_text(value: object) -> str | None:
    """Convert a value to one line of text; a list is joined, and values nested deeper are left out.

    Control characters become spaces: a terminal would obey them.
    """
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("name", "title", "url") if key in value), None)
    if isinstance(value, list | tuple):
        value = ", ".join(str(item) for item in value[:MOST_ITEMS] if isinstance(item, SCALARS))
    if not isinstance(value, SCALARS):
        return None
    return _without_wiki_marks(" ".join(CONTROL.sub(" ", str(value)).split())) or None


def read_date(value: object) -> date | None:
    """Read a day written in any unambiguous way."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = ORDINAL.sub("", WEEKDAY.sub("", as_text(value) or "")).replace(",", " ")
    text = TIME_OF_DAY.sub("", " ".join(text.split())).replace("Sept ", "Sep ")
    if slashed := SLASHED.match(text):
        return _read_slashed(*map(int, slashed.groups()))
    return next((day for day in (_try_date(text, form) for form in DATE_FORMATS) if day), None)


def read_year(value: object) -> tuple[int | None, bool]:
    """Read a year, and whether it is only approximate: 'c. 2012' is (2012, True)."""
    text = as_text(value) or ""
    found = YEAR.search(text)
    return (int(found[1]), bool(APPROXIMATE.search(text))) if found else (None, False)


def read_link(value: object) -> str | None:
    """Read a web address; None for anything else, such as one with a bracket that is not closed."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("url", "href", "link", "src") if key in value), None)
    if isinstance(value, list | tuple):
        value = next(iter(value), None)
    text = as_text(value) or ""
    found = re.search(r"\]\((https?://[^()\s]+)\)", text)
    text = found[1] if found else text.strip("<>")
    return text if LINK.match(text) and _is_address(text) else None


def _is_address(text: str) -> bool:
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def read_media(value: object) -> str | None:
    """Read the address of a recording; a bare YouTube id is made into one."""
    text = as_text(value) or ""
    if YOUTUBE_ID.match(text):
        return f"https://www.youtube.com/watch?v={text}"
    return read_link(value)


def is_media(link: str | None) -> bool:
    """Whether an address leads to a recording itself."""
    return bool(link and MEDIA_SITE.search(link))


def read_names(value: object) -> list[str]:
    """Read the names in a value: a list, 'A; B', 'A, B and C', or one name; roles after a name are left out."""
    return [leader.name for leader in read_leaders(value)]


def read_leaders(value: object) -> list[Leader]:
    """Read the people in a value, with their facts: 'Ada Lovelace, CEO of Acme', or a record with a name."""
    if isinstance(value, list | tuple):
        items = [item for item in value[:MOST_ITEMS] if isinstance(item, str | Mapping)]
        return [leader for item in items for leader in read_leaders(item)]
    if isinstance(value, Mapping):
        return [_read_record(value)] if as_text(value.get("name")) else []
    people = map(split_title, split_names(as_text(value) or ""))
    return [Leader(drop_episode(name), *read_role(rest)) for name, rest in people if name]


def read_role(rest: str) -> tuple[str | None, str | None]:
    """Read role and company from 'CEO of Acme'."""
    found = ROLE_AT.match(rest)
    if found and ROLE_WORD.search(found["role"]):
        return found["role"].strip(), found["company"].strip()
    return (rest.strip() or None, None) if ROLE_WORD.search(rest) else (None, None)


def read_qualifies(value: object) -> Qualifies | None:
    """Read the rule by which a leader qualifies; None if it is not one of ours."""
    text = (as_text(value) or "").lower()
    return next((rule for rule in get_args(Qualifies) if text.startswith(rule)), None)


def read_language(value: object) -> str | None:
    """Read a language code of two or three letters; None for anything else."""
    text = (as_text(value) or "").lower()
    if text in LANGUAGE_NAMES:
        return LANGUAGE_NAMES[text]
    found = re.match(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*$", text)
    return found[1] if found else None


def read_flag(value: object) -> bool:
    """Whether a value says yes."""
    return (as_text(value) or "").lower() in ("true", "yes", "y", "1", "x")


def _read_record(record: Mapping[str, object]) -> Leader:
    facts = {fold_key(str(key)): value for key, value in record.items()}
    return Leader(
        as_text(facts["name"]) or "",
        role=as_text(pick(facts, "role") or facts.get("title")),
        company=as_text(pick(facts, "company")),
        sector=as_text(pick(facts, "sector")),
        qualifies=read_qualifies(pick(facts, "qualifies")),
        evidence=as_text(pick(facts, "evidence")),
    )


def _without_wiki_marks(text: str) -> str:
    """Remove the wiki marks of notes: '[[Ada Lovelace]]' or '[[people/ada|Ada Lovelace]]'."""
    return re.sub(r"\[\[(?:[^\[\]|]{1,200}\|)?([^\[\]|]{1,200})\]\]", r"\1", text).strip("\"' ")


def _try_date(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        return None


def _read_slashed(first: int, second: int, year: int) -> date | None:
    """Read '25/12/2021' and '12/25/2021'; None for '04/05/2021', which is ambiguous: only its year counts."""
    if first == second or max(first, second) > 12:
        day, month = max(first, second), min(first, second)
        return _try_date(f"{year}-{month}-{day}", "%Y-%m-%d")
    return None
