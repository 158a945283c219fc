"""Detect what is not the interview: indexes, tables of contents, stage directions, sponsor reads, teasers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.readers.clock import STAMP
from ingest.readers.watermarks import ALONE_SIGNS, is_foot, is_watermark
from ingest.script import Line
from ingest.speakers.labels import fold_label
from ingest.speakers.timestamps import LEADING
from ingest.speakers.vocabulary import BREAKS, END_HEADINGS, NO_PEOPLE, SECTIONS
from kb.model import Turn

INDEX_REFERENCE = re.compile(r"\b\d{1,3}:\d{1,2}(?:,\d{1,2})*\b")
UNTIMED_REFERENCE = re.compile(r"(?<![\d:.,\[(<])\d{1,3}:\d{1,2}(?:,\d{1,2})*(?![\d:.\])>])")
CONTENTS_ROW = re.compile(r".*?(?:\.\s?){4,}\s*\d{1,4}\s*$")
STAGE = re.compile(r"\s*(?:\[[^\[\]]{1,200}\]|\([^()]{1,200}\)|\*[^*]{1,80}\*|♪[^♪]*♪?)[.:]?\s*$")
STAGE_OPENS = re.compile(
    r"\s*\((?:Whereupon|Recess|Discussion|Pause|Off the record|Luncheon|Exhibit|The (?:proceedings|witness))\b[^)]*$"
)
CREDIT = re.compile(
    r"(?i)\s*(?:transcri(?:bed|ption|pt)\b.{0,60}\b(?:by|https?:|otter\.ai|rev\.com|descript)"
    r"|this (?:editable )?transcript was|transcription ended after|.{2,60} (?:started|stopped) transcription\s*$"
    r"|full (?:interview|episode) available|\[?end of (?:interview|transcript|recording|audio|tape|side)\b"
    r"|(?:[^:\n]{2,60}:\s*)?(?:an? )?(?:[\w-]+ ){0,3}interviews? (?:was |were )?(?:conducted|recorded|held|done) "
    r"(?:\w+ ){0,4}by [A-Z]"
    r"|https?://\S+\s*$"
    # Google's notes below a talk, in the language of the meeting.
    r"|(?:dies|cett|est|quest|d[ei]t|dez)\w{0,3}\s(?:[\w-]{1,20}\s){0,2}(?:trans[ck]ri|trascri)\w*\s.{0,60}?"
    r"(?:comput|ordenador|ordinateur|automa)"
    r"|(?:trans[ck]ri|trascri)\w*\s(?:[^\W\d]{1,15}\s){1,4}\d{1,2}:\d\d:\d\d\s*$"
    r"|.{0,12}文字起こし.{0,12}(?:コンピュータ|自動))"
)
CREDIT_SIGNS = (
    "transcri",
    "transkri",
    "trascri",
    "文字起こし",
    "interview",
    "full episode",
    "end of ",
    "http",
)  # every credit has one of these
SENTENCE_END = re.compile(r"[.!?…:;\"”’')\]—–-]\s*$")
BREAK_LINE = re.compile(
    rf"\s*[\[(]?(?P<label>[A-Za-z][A-Za-z -]{{1,20}}?)[\])]?\s*:?\s*(?:{STAMP}\s*(?:[-–—]\s*{STAMP}\s*)?)?$"
)
PARTS = frozenset(("intro", "outro"))
BREAK_BEGINS = frozenset(label[:2] for label in BREAKS)
INDEX_ROWS = 10  # a concordance has at least
INDEX_SHARE = 0.4  # of the rows of a concordance
BREAK_LENGTH = 60  # characters; a longer line is speech that begins with such a word
CONTENTS_ROWS = 3  # consecutive rows, each a time and a few words
CONTENTS_WORDS = 14
CONTENTS_SHARE = 0.5  # of the lines
FACT = re.compile(r"\s*(?P<key>[^\W_][^:\n]{0,40}?)\s*:\s*\S")

# A sponsor read has one phrase that only such reads have, and one more that is typical of them.
SPONSOR = re.compile(
    r"(?i)\b(?:(?:this|today'?s) (?:episode|show|podcast|conversation)(?: of [\w\s']{2,40})? is (?:also )?"
    r"(?:brought to you|sponsored|supported|presented) by"
    r"|support for (?:this|today'?s) (?:show|podcast|episode) comes from"
    r"|thanks? to our (?:sponsors?|partners?|friends) at"
    r"|(?:a |quick )?(?:word|message|break) (?:from|for) our sponsors?"
    r"|brought to you by our (?:sponsors?|friends))"
)
PITCH = re.compile(
    r"(?i)\b(?:(?:promo|coupon|discount) code|use (?:the )?code|at checkout|free trial|sign up (?:today|now|for free)"
    r"|\d{1,2}% off|percent off|(?:visit|go to|head (?:on )?over to|check (?:it|them) out at) \S+"
    r"(?:\.(?:com|io|ai|co|dev|org)| dot com|\s?/|\s+slash)|slash \w+ to (?:learn|get)|learn more at)"
)
INTRODUCTION = re.compile(
    r"(?i)\b(?:my guest|our guest|(?:I'?m|I am) (?:joined|here|talking|speaking) (?:today )?(?:by|with|to)"
    r"|welcome to the show|please welcome)\b"
)
SPONSOR_SIGNS = (
    "sponsor",
    "brought to you",
    "supported by",
    "support for this",
    "support for today",
    "presented by",
    "our partner",
    "our friends",
)  # every sponsor read has one of these
SPONSOR_WORDS = 400  # a longer turn holds more than the sponsor read

TEASER_TURNS = 12  # a cold open has few turns
TEASER_WORDS = 12  # fewer may recur by chance
PROBE = 6  # consecutive words that are looked for
PROBES = 8  # probes of a turn, at most
PROBES_FOUND = 0.7  # share of probes that recur in a teaser; cuts and misheard words lose the others
RUN = re.compile(rf"[^\W_][\w'’]*(?: [^\W_][\w'’]*){{{PROBE - 1}}}")


def find_non_speech(lines: Sequence[Line]) -> frozenset[int]:
    """Find lines that nobody speaks, without knowing the labels: word indexes, tables of contents, credits."""
    whole = "\n".join([line.text for line in lines]).lower()
    credit_signs = [sign for sign in CREDIT_SIGNS if sign in whole]
    signs = [sign for sign in ALONE_SIGNS if sign in whole]
    rows = {
        index for index, line in enumerate(lines) if not line.speaker and _is_non_speech(line.text, credit_signs, signs)
    }
    return frozenset(rows | _index_pages(lines) | _index_at_end(lines) | _contents(lines))


def is_stage_direction(text: str) -> bool:
    """Whether a paragraph is all in brackets: what happens, not what is said."""
    return text.lstrip()[:1] in ("[", "(", "*", "♪") and STAGE.match(text) is not None


def opens_stage_direction(text: str) -> bool:
    """Whether a bracket opens here that a later line closes: '(Whereupon, at noon, the'."""
    return "(" in text and STAGE_OPENS.match(text) is not None


def is_fact(text: str) -> bool:
    """Whether a line states something about the file: 'Date: 4 May 2021'."""
    fact = FACT.match(text)
    return fact is not None and fold_label(fact["key"]) in NO_PEOPLE


def is_section(text: str) -> bool:
    """Whether a line is only the name of a part: 'QUESTIONS AND ANSWERS'."""
    if len(text) > BREAK_LENGTH or text[-1:] in ".?!":
        return False
    folded = fold_label(text)
    return folded in SECTIONS or (folded in END_HEADINGS and (" " in folded or text.endswith(":")))


def is_break(label: str) -> bool:
    """Whether a label marks a pause or a jingle."""
    return fold_label(label) in BREAKS


def is_break_line(text: str, *, is_heading: bool) -> bool:
    """Whether an unlabelled line is a pause or a jingle: '[BREAK]', 'Outro: 1:12:03'; 'Intro' may head a part."""
    is_likely = len(text) < BREAK_LENGTH and text.lstrip().lstrip("[(")[:2].lower() in BREAK_BEGINS
    found = BREAK_LINE.match(text) if is_likely else None
    return found is not None and is_break(found["label"]) and not (is_heading and fold_label(found["label"]) in PARTS)


def ends_sentence(text: str) -> bool:
    """Whether a line ends where speech may pause, not at the margin."""
    return SENTENCE_END.search(text[-4:]) is not None


def is_in_capitals(text: str) -> bool:
    """Whether all letters are capitals; scripts that have none make no heading of a line with 'AI' in it."""
    return text.isupper() and all(letter.isupper() for letter in text if letter.isalpha())


def ends_talk(heading: str) -> bool:
    """Whether notes follow a heading, not talk."""
    return fold_label(re.sub(r"^[\W\d_]+", "", heading)) in END_HEADINGS


def is_sponsor_read(text: str) -> bool:
    """Whether a turn is an advertisement: two sure signs are needed."""
    if text.count(" ") > SPONSOR_WORDS:
        return False
    plain = text.lower()
    if not any(word in plain for word in SPONSOR_SIGNS) or INTRODUCTION.search(text):
        return False
    return SPONSOR.search(text) is not None and PITCH.search(text) is not None


def find_teasers(turns: Sequence[Turn]) -> frozenset[int]:
    """Find those of the first turns whose words recur later: a cold open cut from the talk."""
    if len(turns) < 2 * TEASER_TURNS:
        return frozenset()
    probes = {turn.index: _probes(turn.text) for turn in turns[:TEASER_TURNS] if turn.kind == "talk"}
    if not any(probes.values()):
        return frozenset()
    later = " ".join(turn.text for turn in turns[TEASER_TURNS:]).lower()
    return frozenset(index for index, found in probes.items() if found and _recur(found, later))


def _recur(probes: Sequence[str], later: str) -> bool:
    """Whether most probes recur; looking ends where too many have not."""
    left = len(probes)
    for probe in probes:
        left -= probe not in later
        if left < PROBES_FOUND * len(probes):
            return False
    return True


def _is_non_speech(text: str, credit_signs: Sequence[str], signs: Sequence[str]) -> bool:
    """Whether nobody speaks a line. The signs are those of CREDIT_SIGNS and ALONE_SIGNS that the file has."""
    if len(text) > 300 or not (bare := text.rstrip()):
        return False
    if bare[-1].isdigit() and (CONTENTS_ROW.match(text) or is_foot(text)):
        return True
    if not credit_signs and not signs:
        return False
    lower = text.lower()
    for sign in credit_signs:
        if sign in lower and CREDIT.match(text):
            return True
    return any(sign in lower for sign in signs) and is_watermark(text)


def _contents(lines: Sequence[Line]) -> set[int]:
    """Find lists of chapters: consecutive rows of a time and a few words, unless the whole file is written so."""
    filled = [index for index, line in enumerate(lines) if line.text.strip() and line.start is None]
    rows = {index for index in filled if _is_contents_row(lines[index].text)}
    if not rows or len(rows) > CONTENTS_SHARE * len(filled):
        return set()
    found: set[int] = set()
    run: list[int] = []
    for index in (*filled, -1):
        if index in rows:
            run.append(index)
            continue
        found.update(run if len(run) >= CONTENTS_ROWS else ())
        run = []
    return found


def _is_contents_row(text: str) -> bool:
    if text[:1] not in "0123456789[(<#" or text.count(" ") > CONTENTS_WORDS:
        return False
    stamp = LEADING.match(text)
    return (
        stamp is not None
        and stamp.end() < len(text.rstrip())
        and not any(sign in text[stamp.end() :] for sign in ":\t")
    )


def _index_pages(lines: Sequence[Line]) -> set[int]:
    """Find the pages of a concordance: rows with several page and line numbers, and little else."""
    rows = {index for index, line in enumerate(lines) if line.page and len(INDEX_REFERENCE.findall(line.text)) > 1}
    if len(rows) < INDEX_ROWS:
        return set()
    dense: dict[int, int] = {}
    total: dict[int, int] = {}
    for index, line in enumerate(lines):
        if line.page and line.text.strip():
            total[line.page] = total.get(line.page, 0) + 1
            dense[line.page] = dense.get(line.page, 0) + (index in rows)
    pages = {page for page, count in dense.items() if count > INDEX_SHARE * total[page]}
    return {index for index, line in enumerate(lines) if line.page in pages}


def _index_at_end(lines: Sequence[Line]) -> set[int]:
    """Find a concordance at the end of a file without pages: from where on most rows have several references."""
    filled = [index for index, line in enumerate(lines) if line.text.strip() and not line.page and not line.speaker]
    rows, start = 0, len(lines)
    for total, index in enumerate(reversed(filled), 1):
        is_row = len(UNTIMED_REFERENCE.findall(lines[index].text)) > 1
        rows += is_row
        start = index if is_row and rows > INDEX_SHARE * total else start
        if total > INDEX_ROWS and not rows:
            break
    return {index for index in filled if index >= start} if rows >= INDEX_ROWS else set()


def _probes(text: str) -> list[str]:
    """Sample runs of words from a turn, without punctuation, which a second transcription would set differently."""
    if text.count(" ") < TEASER_WORDS - 1:
        return []
    runs = RUN.findall(text.lower())
    return runs[:: max(1, len(runs) // PROBES)]
