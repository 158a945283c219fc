"""Format the source of a quotation: a line to paste, and a link that opens the recording at that second."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from kb.model import Interview, Leader
from kb.text.display import strip_bidi, strip_remarks


class Placed(Protocol):
    """What has a place in its source: a citation, a passage, a turn with what was given before it."""

    @property
    def start(self) -> float | None:
        """Seconds from the beginning of the recording, if they are known."""

    @property
    def start_is_exact(self) -> bool:
        """Whether the time was given here, and not some turns earlier."""

    @property
    def page(self) -> int | None:
        """The page, counted from 1, if it is known."""


class Quotable(Placed, Protocol):
    """Words that can be pasted with their source: a citation, or a quotation that was found."""

    @property
    def quote(self) -> str:
        """The words, verbatim."""

    @property
    def interview(self) -> Interview:
        """The interview in which they are said."""

    @property
    def leader(self) -> Leader:
        """Who says them."""


def format_attribution(citation: Quotable) -> str:
    """Format a quotation with speaker, interview and date, as plain text to paste."""
    leader, interview = citation.leader, citation.interview
    who = _join_names(leader.name, *list_position(leader))
    where = _join_names(interview.title, interview.show, interview.when)
    address = link_at(interview, citation.start) or ""
    sample = "[invented sample interview]" if interview.sample else ""
    parts = [f"“{citation.quote}”", f"— {who}.", f"{where}.", format_place(citation), address, sample]
    return " ".join(part for part in parts if part)


def list_position(leader: Leader) -> list[str]:
    """Role and company, as far as they are known, without remarks on how they are."""
    return [shown for part in (leader.role, leader.company) if part and (shown := strip_remarks(part))]


def format_place(placed: Placed) -> str:
    """Format the place in the source: '12:01', 'after 12:01' if the time is of an earlier turn, 'p. 3', or ''."""
    if placed.start is not None:
        return format_time(placed.start) if placed.start_is_exact else f"after {format_time(placed.start)}"
    return f"p. {placed.page}" if placed.page is not None else ""


def format_time(seconds: float) -> str:
    """Format seconds as m:ss, or as h:mm:ss from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _join_names(*names: str | None) -> str:
    """Join names, which must not turn around what they are pasted into; the quotation stays as it is."""
    return ", ".join(strip_bidi(name) for name in names if name)


def link_at(interview: Interview, start: float | None) -> str | None:
    """Build a link to the recording at this second, else to the page; None if the interview has no valid address.

    YouTube reads `t` in the query; elsewhere the time goes into the fragment, as in W3C Media Fragments 1.0, unless the
    address needs its own.
    """
    address = interview.media_url or interview.url
    if not address or not address.lower().startswith(("https://", "http://")):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:  # such as a bracket that is not closed
        return None
    if start is None or start < 1:
        return address
    host = parts.hostname or ""
    if host.removeprefix("www.").removeprefix("m.") in ("youtube.com", "youtu.be"):
        values = [
            (key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key not in ("t", "start")
        ]
        return urlunsplit(parts._replace(query=urlencode([*values, ("t", f"{int(start)}s")])))
    if parts.fragment and not parts.fragment.startswith("t="):
        return address
    return urlunsplit(parts._replace(fragment=f"t={int(start)}"))
