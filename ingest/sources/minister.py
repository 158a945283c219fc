"""Keep the English talks of Taiwan's digital minister, with their facts."""

from __future__ import annotations

import re
from datetime import date

from ingest.sources.piece import Piece, make_slug
from ingest.speakers.name_match import is_known

GUEST = "Audrey Tang"
NAMED = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)-(?P<title>[ -~]+)\.md$")
SPEAKER = re.compile(r"^### {1,8}(?P<name>[^\s:：][^\n:：]{0,80}?) {0,8}[:：] {0,8}$", re.M)
WITH = re.compile(r"(?i)\b(?:interview|conversation|meeting|dialogue|chat) with (?P<name>[^\d,]{3,60}?)\s*$")
IMAGE = re.compile(r"!\[[^\[\]\n]{0,200}\]\([^()\n]{0,500}\)")
LINK = re.compile(r"\[([^\[\]\n]{1,500})\]\([^()\n]{0,500}\)")
CHINESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
MOST_CHINESE = 0.05  # of the signs of a talk in English, which may quote a few words
MINISTER = date(2016, 10, 1)  # sworn in as minister without portfolio
MINISTRY = date(2022, 8, 27)  # of digital affairs, opened
LEFT = date(2024, 5, 20)  # left office
ADDRESS = "https://sayit.archive.tw/"


def keep_english_talk(name: str, data: bytes) -> list[Piece]:
    """Keep a talk in English in which the minister speaks, with guest, host and date; nothing of any other file."""
    found = NAMED.match(name)
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    speakers = list(dict.fromkeys(one["name"].strip() for one in SPEAKER.finditer(text)))
    if not found or GUEST not in speakers or len(CHINESE.findall(text)) > MOST_CHINESE * len(text):
        return []
    title = " ".join(found["title"].replace("-", " ").split())
    day, slug = found["day"], make_slug(f"{found['day']}-{found['title']}")
    facts = {"guest": GUEST, "title": title, "host": _find_host(title, speakers), "date": day, "url": ADDRESS + slug}
    return [Piece(f"{slug}.md", LINK.sub(r"\1", IMAGE.sub("", text)).encode(), facts | _office(day))]


def _find_host(title: str, speakers: list[str]) -> str:
    """Find the host: the one whom the title names, if they speak."""
    found = WITH.search(title)
    named = [one for one in speakers if found and one != GUEST and is_known(one, [found["name"]])]
    return named[0] if len(named) == 1 else ""


def _office(day: str) -> dict[str, str]:
    """Return the office that the minister held on a day."""
    try:
        held = date.fromisoformat(day)
    except ValueError:
        return {}
    if not MINISTER <= held < LEFT:
        return {}
    role = "digital minister" if held < MINISTRY else "minister of digital affairs"
    return {"role": role, "company": "Government of Taiwan", "sector": "public sector"}
