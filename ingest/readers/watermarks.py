"""Find what transcription services write into a transcript about themselves: nobody says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.script import Line

SERVICES = (
    "turboscribe, otter, rev.com, rev.ai, sonix, happyscribe, happy scribe, descript, trint, temi, notta, fireflies, "
    "amberscript, castingwords, gotranscript, scribie, transkriptor, riverside, assemblyai, assembly ai, deepgram, "
    "podscribe, castmagic, cockatoo, maestra, veed, kapwing, simon says, simonsays, speechpad, verbit, 3play, "
    "transcribeme, noscribe, macwhisper, superwhisper, whisper, aiko, reduct, fathom, tactiq, tl;dv, submagic, "
    "downsub, amara, swell ai, good tape, goodtape, sembly, audiopen, microsoft teams, microsoft stream, vook"
).split(", ")
_SERVICE = rf"(?:{'|'.join(map(re.escape, SERVICES))})"
NAMED = re.compile(rf"\b{_SERVICE}(?![\w-])", re.I)
# People speak of these tools too: only lines and brackets that open like an advertisement are one.
OPENS = re.compile(
    rf"""[\s\[(*_>~（-]*(?:(?:this|the|your)\ (?:editable\ )?
        (?:file|transcript(?:ion)?|document|text|recording|audio|export)\b
    |(?:auto(?:matic(?:ally)?|mated)?[\ -])?(?:(?:machine|computer|ai)[\ -])?
        (?:transcri\w+|transkri\w+|trascri\w+
        |subtitle[sd]\b|caption(?:s|ed)\b|untertitel\w*|(?:generated|exported|created|recorded|edited|powered|made
        |produced)\b.{{0,30}}\b(?:by|with|from|at|using|on)\b|upgrade\b)
    |go\ unlimited|расшифр|транскри|субтитр|转录|转写|字幕|由
    |{_SERVICE}(?:\.\w{{2,3}})?(?:\ is\ the\ (?:world|most|best|lead)|\ transcript))""",
    re.I | re.X,
)
ADVERTISES = re.compile(
    r"""\b(?:transcri\w+|transkri\w+|trascri\w+|go\ unlimited|upgrade|free\ (?:trial|plan|version)|subtitles?|captions?
    |remove\ this|generated|exported|created|powered|recorded|longer\ than|automated|untertitel\w*)\b
    |расшифр|транскри|субтитр|转录|转写|字幕""",
    re.I | re.X,
)
SPOKEN = re.compile(r"\b(?:i|i'm|i’m|we|we're|we’re|you|my|our|he|she|they|me|us)\b|[?？]", re.I)
ANONYMOUS = re.compile(
    r"""[\s\[(*_>]*(?:this\ (?:editable\ )?(?:transcript(?:ion)?|text)\ (?:was|is|has\ been)
        \ (?:auto|computer|machine|ai\b
        |generated\ (?:auto|by\ (?:an?\ )?(?:ai|artificial|computer|machine|software)))
    |this\ transcript\ was\ exported\ on\b|this\ file\ is\ longer\ than\ \d{1,3}\ minutes\b
    |go\ unlimited\ (?:to|at)\b)""",
    re.I | re.X,
)
# The foot of a page: 'TurboScribe.ai - 3'.
FOOT = re.compile(rf"\W{{0,5}}{_SERVICE}(?:\.\w{{2,3}})?\W{{1,5}}(?:page )?\d{{1,4}}(?:(?: of |/)\d{{1,4}})?$", re.I)
FOOT_LENGTH = 40  # characters
# Every advertisement has one of these; looking for them first is fast.
SIGNS = (
    "transcri", "transkri", "trascri", "go unlimited", "subtit", "caption", "untertitel", "powered by", "generated",
    "recorded with", "расшифр", "транскри", "субтитр", "转录", "转写", "字幕",
)  # fmt: skip
# Every advertisement on a line of its own has one of these, or is the foot of a page.
ALONE_SIGNS = (
    *SIGNS, "upgrade", "free trial", "free plan", "free version", "remove this", "exported", "created", "powered",
    "recorded", "longer than", "automated", "this text", "this edit",
)  # fmt: skip
BRACKETED = re.compile(r"[(\[（][^()\[\]（）]{4,300}[)\]）]")
GOES_ON = re.compile(r"\s*[(\[（][^()\[\]（）]{4,300}[)\]）]\W*\w")  # words follow the bracket
CLOSES = re.compile(r"[^()\[\]（）]{0,200}[)\]）]")
LONGEST = 300  # characters of an advertisement
LINES = 2  # over which one that is cut at the margin may run on


def is_watermark(text: str) -> bool:
    """Whether a text is only a service's advertisement or note, not somebody's words about such a tool."""
    if is_foot(text):
        return True
    if not 0 < len(text) <= LONGEST or not OPENS.match(text) or GOES_ON.match(text):
        return False
    if ANONYMOUS.match(text):
        return True
    return bool(ADVERTISES.search(text) and NAMED.search(text)) and not SPOKEN.search(text)


def is_foot(text: str) -> bool:
    """Whether a text is the foot that a service sets under a page."""
    return 0 < len(text) <= FOOT_LENGTH and text[-1].isdigit() and FOOT.match(text) is not None


def drop_watermarks(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Remove advertisements that stand within lines of speech; those on lines of their own stay, for `is_watermark`."""
    text = "\n".join(line.text for line in lines).lower()
    signs = tuple(sign for sign in SIGNS if sign in text)
    return tuple(_without_watermarks(_join_cut(lines, signs), signs)) if signs else tuple(lines)


def _join_cut(lines: Sequence[Line], signs: Sequence[str]) -> Iterator[Line]:
    """Yield the lines; an advertisement in brackets that the margin cuts is whole again."""
    skip = 0
    for index, line in enumerate(lines):
        if skip:
            skip -= 1
        elif found := _find_close(lines, index, signs):
            count, end = found
            last = lines[index + count].text
            yield replace(line, text=" ".join([one.text for one in lines[index : index + count]] + [last[:end]]))
            yield replace(lines[index + count], text=last[end:].strip())
            skip = count
        else:
            yield line


def _find_close(lines: Sequence[Line], index: int, signs: Sequence[str]) -> tuple[int, int] | None:
    """Find where the bracket of an advertisement closes in the next lines: how many lines on, and where."""
    text = lines[index].text
    opened = max(text.rfind("("), text.rfind("["))
    if opened < 0 or len(text) - opened > LONGEST or CLOSES.match(text, opened + 1) or not _holds(text, signs):
        return None
    if not OPENS.match(text, opened):
        return None
    for count in range(1, min(LINES, len(lines) - index - 1) + 1):
        if found := CLOSES.match(lines[index + count].text):
            return count, found.end()
    return None


def _without_watermarks(lines: Iterator[Line], signs: Sequence[str]) -> Iterator[Line]:
    for line in lines:
        text = line.text
        if _holds(text, signs):
            spoken = "" if is_watermark(text) else BRACKETED.sub(_keep_speech, text).strip()
            text = spoken if spoken or line.speaker else text
        yield line if text == line.text else replace(line, text=text)


def _holds(text: str, signs: Sequence[str]) -> bool:
    lower = text.lower()
    return any(sign in lower for sign in signs)


def _keep_speech(bracket: re.Match[str]) -> str:
    return "" if is_watermark(bracket[0]) else bracket[0]
