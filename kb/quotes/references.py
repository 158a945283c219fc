"""Cite interviews: references by style, and records for BibTeX, RIS and CSL-JSON. What is not known is left out."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from kb.answering.attribution import Placed, Quotable
from kb.model import Interview, Leader
from kb.quotes.styles import Reference, Style, check_installed, render
from kb.text.display import strip_bidi

CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029\s]+")
PARTICLES = frozenset("van von der den de da di del du la le bin al el ter ten dos".split())
SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV)\.?")
MEDIUM = "Audio podcast episode"
INVENTED = "Invented sample interview"


def make_reference(quoted: Quotable, style: Style, today: date) -> Reference:
    """Cite a quotation by a style, at its time or page. Raises BadSetting when the extra `cite` is missing."""
    locator = _locate(quoted, is_padded=style == "mla")
    reference = render(make_item(quoted.interview, quoted.leader, style, today), style, locator)
    if not quoted.interview.sample:
        return reference
    return Reference(f"{reference.entry} [{INVENTED}.]".strip(), reference.in_text)


def make_item(interview: Interview, leader: Leader, style: Style | None, today: date) -> dict[str, Any]:
    """Describe an interview as a CSL-JSON item in the form that a style needs; None: complete, for exchange.

    APA cites a recorded show by its host; the others cite an interview by who is interviewed.
    """
    is_show = style == "apa" and interview.host and interview.show
    people: dict[str, Any] = {"host" if is_show else "author": [_name(interview.host if is_show else leader.name)]}
    if not is_show and interview.host:
        people["interviewer"] = [_name(interview.host)]
    known = {
        "container-title": _clean(interview.show),
        "URL": _clean(interview.url or interview.media_url),
        "medium": MEDIUM if interview.show and (style is None or is_show) else None,
        "issued": _when(interview),
        "note": INVENTED if interview.sample and style is None else None,
    }
    is_published = interview.show or interview.url or interview.media_url
    if not is_published:  # styles take an interview of no source for a private one
        known["genre"] = "Interview transcript"
    found: dict[str, Any] = {
        "id": _slug(f"{interview.id}-{leader.name}"),
        "type": "broadcast" if is_show else "interview" if is_published else "document",
        "title": _clean(interview.title),
        **people,
        **{key: value for key, value in known.items() if value},
    }
    if "URL" in found:
        found["accessed"] = {"date-parts": [[today.year, today.month, today.day]]}
    return found


def to_csl_json(quoted: Iterable[Quotable], today: date) -> str:
    """Write the interviews of quotations as CSL-JSON, each once."""
    return json.dumps(_items(quoted, today), ensure_ascii=False, indent=1)


def to_ris(quoted: Iterable[Quotable], today: date) -> str:
    """Write the interviews of quotations as RIS, each once. Raises BadSetting when the extra `cite` is missing."""
    check_installed("rispy")
    import rispy

    class Writer(rispy.RisWriter):  # type: ignore[misc]
        def set_header(self, count: int) -> str:  # noqa: ARG002 - it would number the records
            return ""

    records = []
    for item in _items(quoted, today):
        parts = item.get("issued", {}).get("date-parts", [[]])[0]
        record = {
            "type_of_reference": "SOUND",
            "title": item["title"],
            "authors": [_last_first(one) for one in item["author"]],
            "secondary_authors": [_last_first(one) for one in item.get("interviewer", [])],
            "secondary_title": item.get("container-title"),
            "year": str(parts[0]) if parts else None,
            "date": "/".join(f"{part:02}" for part in parts) if len(parts) == 3 else None,
            "urls": [item["URL"]] if "URL" in item else None,
            "notes": [item["note"]] if "note" in item else None,
            "id": item["id"],
        }
        records.append({key: value for key, value in record.items() if value})
    return str(rispy.dumps(records, implementation=Writer))


def to_bibtex(quoted: Iterable[Quotable], today: date) -> str:
    """Write the interviews of quotations as BibTeX, each once. Raises BadSetting when the extra `cite` is missing."""
    check_installed("bibtexparser", "pylatexenc")
    from bibtexparser import Library, write_string
    from bibtexparser.model import Entry, Field
    from pylatexenc.latexencode import unicode_to_latex

    entries = []
    for item in _items(quoted, today):
        parts = item.get("issued", {}).get("date-parts", [[]])[0]
        fields = {
            "author": unicode_to_latex(" and ".join(map(_last_first, item["author"]))),
            "title": "{" + unicode_to_latex(item["title"]) + "}",
            "howpublished": unicode_to_latex(item.get("container-title", "")),
            "year": str(parts[0]) if parts else "",
            "month": str(parts[1]) if len(parts) == 3 else "",
            "url": re.sub(r"[{}\\\s]", "", item.get("URL", "")),
            "note": unicode_to_latex(_describe_note(item)),
        }
        kept = [Field(key, value) for key, value in fields.items() if value]
        entries.append(Entry("misc", item["id"], kept))
    return str(write_string(Library(entries)))


def _describe_note(item: dict[str, Any]) -> str:
    hosts = (" ".join(filter(None, (one.get("given"), one["family"]))) for one in item.get("interviewer", []))
    host = "".join(f"Interview by {name}" for name in hosts)
    return ". ".join(filter(None, (host, item.get("note"))))


def _items(quoted: Iterable[Quotable], today: date) -> list[dict[str, Any]]:
    items = (make_item(one.interview, one.leader, None, today) for one in quoted)
    return list({item["id"]: item for item in items}.values())


def _locate(placed: Placed, *, is_padded: bool) -> tuple[str, str] | None:
    """The time as hours, minutes and seconds, or the page; none where the time is that of an earlier turn.

    MLA writes the hours of every time, with two digits.
    """
    if placed.start is not None and placed.start_is_exact:
        minutes, seconds = divmod(int(placed.start), 60)
        hours, minutes = divmod(minutes, 60)
        if is_padded:
            return "timestamp", f"{hours:02}:{minutes:02}:{seconds:02}"
        return "timestamp", f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return ("page", str(placed.page)) if placed.page is not None else None


def _name(name: str | None) -> dict[str, str]:
    """Split a name into family and given name; a single name is a family name."""
    parts = (_clean(name) or "").split()
    suffix = parts.pop() if len(parts) > 2 and SUFFIX.fullmatch(parts[-1]) else ""
    if len(parts) < 2:
        return {"family": " ".join(parts)}
    first = len(parts) - 1
    while first > 1 and parts[first - 1].casefold() in PARTICLES:
        first -= 1
    found = {"family": " ".join(parts[first:]), "given": " ".join(parts[:first])}
    return found | ({"suffix": suffix} if suffix else {})


def _last_first(name: dict[str, str]) -> str:
    return ", ".join(name[part] for part in ("family", "suffix", "given") if part in name)


def _when(interview: Interview) -> dict[str, Any] | None:
    if interview.date:
        return {"date-parts": [[interview.date.year, interview.date.month, interview.date.day]]}
    if interview.year is None:
        return None
    return {"date-parts": [[interview.year]]} | ({"circa": True} if interview.year_is_approximate else {})


def _clean(text: str | None) -> str | None:
    """Strip what would begin another line or record, and marks that turn text around."""
    return CONTROL.sub(" ", strip_bidi(text)).strip() if text else None


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "interview"


def list_references(quoted: Sequence[Quotable], style: Style, today: date) -> list[str]:
    """The list of references of some quotations by a style, sorted, each once."""
    return sorted({make_reference(one, style, today).entry for one in quoted} - {""}, key=str.casefold)
