"""Times of turns: every writing of them is read and leaves the words, and no time comes that is silently wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import SHARED

from ingest.inspection import to_record
from ingest.pipeline.run import inspect_file
from ingest.reading import Reading, read_file
from kb.errors import KBError
from kb.model import Turn

Write = Callable[[str, int, str], str]
SPOKEN = [
    ("Nora Vale", 4, "Good evening, and welcome. Where did the bakery begin?"),
    ("Emil Korda", 13, "It began in my aunt's garage. We had one oven and no customers, and I was tired."),
    ("Nora Vale", 47, "What did you say to the others?"),
    ("Emil Korda", 52, "I said that nobody had to stay. Then I baked until morning, and they all came back."),
    ("Nora Vale", 75, "Did it work?"),
    ("Emil Korda", 3671, "It worked for some. For others it was too late by then, and that is my fault."),
]
PLAIN = "\n\n".join(f"{who}: {text}" for who, _, text in SPOKEN)
HALF_PAST_TWO = 14 * 3600 + 31 * 60 + 50


def read(text: str, name: str = "talk.txt") -> Reading:
    return read_file(text.encode(), name, interview_id="talk")


def talk_of(reading: Reading) -> list[Turn]:
    return [turn for turn in reading.transcript.turns if turn.kind in ("talk", "teaser", "sponsor")]


def rows(reading: Reading) -> list[tuple[str | None, float | None, str]]:
    return [
        (turn.speaker, turn.start if turn.start is None else int(turn.start), turn.text) for turn in talk_of(reading)
    ]


def starts(reading: Reading) -> list[float | None]:
    """The place of each spoken turn, with what is carried from the turn before."""
    record = to_record(reading)["turns"]
    assert isinstance(record, list)
    return [turn["start"] for turn in record if turn["kind"] in ("talk", "teaser", "sponsor")]


def write(pattern: Write, *, sep: str = "\n\n") -> str:
    return sep.join(pattern(*row) for row in SPOKEN) + "\n"


def clock(seconds: int, colon: str = ":", hours: int = 2) -> str:
    return f"{seconds // 3600:0{hours}}{colon}{seconds // 60 % 60:02}{colon}{seconds % 60:02}"


def half_day(seconds: int) -> str:
    hours, half = (seconds // 3600 - 1) % 12 + 1, "AM" if seconds < 43_200 else "PM"
    return f"{hours}:{seconds // 60 % 60:02}:{seconds % 60:02} {half}"


def spell(seconds: int, hour: str = "hour", minute: str = "minute", second: str = "second", many: str = "s") -> str:
    parts = [(seconds // 3600, hour), (seconds // 60 % 60, minute), (seconds % 60, second)]
    return " ".join(f"{count} {unit}{many if count > 1 else ''}" for count, unit in parts if count)


@pytest.mark.parametrize(
    "pattern",
    [
        lambda who, at, text: f"#{clock(at)}-3# {who}: {text}",
        lambda who, at, text: f"#{clock(at)}# {who}: {text}",
        lambda who, at, text: f"{who}: #{clock(at)}-7# {text}",
        lambda who, at, text: f"[{clock(at, '.')}] {who}: {text}",
        lambda who, at, text: f"{clock(at, '.')} {who}: {text}",
        lambda who, at, text: f"{who} ({clock(at, '.')}): {text}",
        lambda who, at, text: f"[{at // 60:02}.{at % 60:02}] {who}: {text}",
        lambda who, at, text: f"[{clock(at, 'h:')[:-4]}m:{at % 60:02}s] {who}: {text}".replace("h:m", "h:00m"),
        lambda who, at, text: f"{at // 60}m {at % 60}s {who}: {text}",
        lambda who, at, text: f"{who} ({at // 60}m{at % 60:02}s): {text}",
        lambda who, at, text: f"[{at // 60}'{at % 60:02}\"] {who}: {text}",
        lambda who, at, text: f"{who}   {spell(at)}\n{text}",
        lambda who, at, text: f"{who}\n{spell(at)}\n{text}",
        lambda who, at, text: f"{who} {spell(at, 'Stunde', 'Minute', 'Sekunde', 'n')}\n{text}",
        lambda who, at, text: f"{who} {spell(at, 'hora', 'minuto', 'segundo')}\n{text}",
        lambda who, at, text: f"({at // 60}:{at % 60:02}) {who}: {text}",
        lambda who, at, text: f"[{clock(at, hours=1)}.456000] {who}: {text}",
        lambda who, at, text: f"[{clock(at, hours=1)}.456000 - {clock(at + 3, hours=1)}] {who} -  {text}",
        lambda who, at, text: f"[{clock(at)}.10] {who}: {text}",
        lambda who, at, text: f"{clock(at)}:10 - {clock(at + 2)}:12\n{who}\n{text}",
        lambda who, at, text: f"{clock(at, ';')};10 - {clock(at + 2, ';')};12\n{who}\n{text}",
        lambda who, at, text: f"[{at}.25s] {who}: {text}",
        lambda who, at, text: f"[TC {clock(at)}] {who}: {text}",
        lambda who, at, text: f"[{clock(at, ': ')}] {who}: {text}",
        lambda who, at, text: f"【{clock(at, '：')}】{who}: {text}",
        lambda who, at, text: f"[{at // 3600}h{at // 60 % 60:02}'{at % 60:02}\"] {who}: {text}",
        lambda who, at, text: f"[{at // 60}min{at % 60:02}] {who}: {text}",
        lambda who, at, text: f"[{clock(at, '-')}] {who}: {text}",
        lambda who, at, text: f"{who} {at // 60}m{at % 60}s: {text}",
        lambda who, at, text: f"{who} @ {clock(at, '.')}: {text}",
    ],
)  # fmt: skip
def test_a_time_in_front_is_read_in_every_writing_and_leaves_the_words(pattern: Write) -> None:
    assert rows(read(write(pattern))) == [(who, at, text) for who, at, text in SPOKEN]


@pytest.mark.parametrize(
    "pattern",
    [
        lambda who, at, text: f"{who}: {text} #{clock(at + 5)}-3#",
        lambda who, at, text: f"{who}: {text} [{clock(at + 5, '.')}]",
        lambda who, at, text: f"{who}: {text} [{at // 60}m {at % 60 + 5}s]",
        lambda who, at, text: f"{who}: {text} ({at // 60}:{at % 60:02})",
        lambda who, at, text: f"{who}: {text} {clock(at)}",
    ],
)
def test_a_time_at_the_end_places_the_turn_after_it(pattern: Write) -> None:
    reading = read(write(pattern, sep="\n"))
    assert [turn.text for turn in talk_of(reading)] == [text for _, _, text in SPOKEN]
    assert sum(start is not None for start in starts(reading)) >= 5


@pytest.mark.parametrize(
    "said",
    [
        "It took 3 seconds",
        "John (3:16)",
        "(3s) Then he spoke.",
        "We ran it in 1m 3s.",
        "It was 16:9, not 4:3",
        "She came at 2:30 PM.",
        "Section 1.02.03 says so",
    ],
)
def test_numbers_in_speech_stay_words(said: str) -> None:
    text = "\n\n".join(f"{who}: {words} {said}" for who, _, words in SPOKEN)
    reading = read(text)
    assert [turn.text for turn in talk_of(reading)] == [f"{words} {said}" for _, _, words in SPOKEN]
    assert starts(reading) == [None] * 6
    assert reading.warnings == ()


def test_dates_of_one_year_are_no_times() -> None:
    reading = read("\n\n".join(f"{who}: [{day + 3:02}.02.24] {text}" for day, (who, _, text) in enumerate(SPOKEN)))
    assert starts(reading) == [None] * 6


@pytest.mark.parametrize(
    "pattern",
    [
        lambda who, at, text: f"[{who}] {clock(HALF_PAST_TWO + at)}\n{text}",
        lambda who, at, text: f"[{half_day(HALF_PAST_TWO + at)}] {who}: {text}",
        lambda who, at, text: f"{who} {half_day(2 * 3600 + at)}\n{text}",
        lambda who, at, text: f"[2026-01-08 {clock(HALF_PAST_TWO + at)}] {who}: {text}",
        lambda who, at, text: f"[08.01.26, {clock(HALF_PAST_TWO + at)}] {who}: {text}",
        lambda who, at, text: f"[{clock(20 * 3600 + at)} ET]\n\n{who}: {text}",
        lambda who, at, text: f"{clock(HALF_PAST_TWO + at)}\t{who}:\t{text}",
        lambda who, at, text: f"[{who}] {clock((86_380 + at) % 86_400)}\n{text}",
    ],
)
def test_times_of_day_become_offsets_from_the_first_and_are_told(pattern: Write) -> None:
    reading = read(write(pattern))
    assert rows(reading) == [(who, at - 4, text) for who, at, text in SPOKEN]
    assert any("times of day are counted from the first" in warning for warning in reading.warnings)


def test_hours_and_minutes_are_not_read_as_minutes_and_seconds() -> None:
    said = [(who, 31 + place // 4, text) for place, (who, _, text) in enumerate(SPOKEN)]
    reading = read("\n\n".join(f"{who} (14:{minute})\n{text}" for who, minute, text in said))
    assert starts(reading) == [0, 0, 0, 0, 60, 60]
    assert any("hours and minutes" in warning for warning in reading.warnings)


def test_a_single_time_of_day_is_left_out() -> None:
    reading = read(f"[20:00:01]\n\n{PLAIN}")
    assert starts(reading) == [None] * 6
    assert "a time of day, 20:00:01, was left out: it tells no place in the recording" in reading.warnings


@pytest.mark.parametrize("first_hour", [1, 10])
def test_captions_that_count_from_a_full_hour_begin_at_zero(first_hour: int) -> None:
    def cue(who: str, at: int, text: str) -> str:
        return f"1\n{clock(at + first_hour * 3600)},000 --> {clock(at + first_hour * 3600 + 3)},000\n{who}: {text}"

    reading = read(write(cue), "talk.srt")
    assert rows(reading) == SPOKEN
    assert any("count from" in warning for warning in reading.warnings)


def test_a_late_first_time_after_many_words_is_no_time_of_day() -> None:
    text = (
        f"Emil Korda: {'We baked all day. ' * 500}\n\nNora Vale: (1:05:10) Did it work?\n\nEmil Korda: (1:05:12) Yes.\n"
    )
    reading = read(text)
    assert starts(reading) == [None, 3910, 3912]


@pytest.mark.parametrize(
    "front",
    [
        "Summary\nThey spoke of ovens (00:31:10).\n\nTranscript",
        "Notes\nThe oven (00:01:10). The end (00:31:40).\n\nTranscript",
        "Timestamps:\n00:00 Intro\n05:12 The oven\n31:40 The end",
        "Chapters\n[00:00] Intro\n[05:12] The oven\n[31:40] The end",
        "Chapters\n(00:00:00) Intro\n(00:31:40) The end",
    ],
)
def test_times_of_a_summary_or_of_chapters_are_not_the_times_of_turns(front: str) -> None:
    assert starts(read(f"{front}\n\n{PLAIN}\n")) == [None] * 6
    timed = "\n\n".join(f"[{clock(at)}] {who}: {text}" for who, at, text in SPOKEN)
    assert starts(read(f"{front}\n\n{timed}\n")) == [at for _, at, _ in SPOKEN]


def test_headings_that_are_times_place_what_follows_in_the_notes_of_a_meeting() -> None:
    summary = "Emil spoke of ovens ([00:31:10](#00:31:10))."
    notes = f"# 📝 Notizen\n\nJan 8, 2026\n\n## Bakery talk\n\n{summary}\n\n# 📖 Transcript\n\n"
    rows_of = [f"**{who}:** {text}  " for who, _, text in SPOKEN]
    first, second = "\n".join(rows_of[:4]), "\n".join(rows_of[4:])
    reading = read(
        f"{notes}### 00:00:00 {{#00:00:00}}\n\n{first}\n\n### 00:01:10 {{#00:01:10}}\n\n{second}\n", "talk.md"
    )
    assert starts(reading) == [0, 0, 0, 0, 70, 70]
    assert reading.transcript.interview.title == "Bakery talk"
    assert not any("{#" in turn.text for turn in reading.transcript.turns)


@pytest.mark.parametrize(
    "timing",
    [
        lambda at: f"{clock(at, ' : ')} , 000 --> {clock(at + 3, ' : ')} , 000",
        lambda at: f"{clock(at, ': ')}, 000 -> {clock(at + 3, ': ')}, 000",
        lambda at: f"{clock(at, '：')}，000 --> {clock(at + 3, '：')}，000",
        lambda at: f"{clock(at)},000 → {clock(at + 3)},000",
        lambda at: f"{clock(at)},000 -- > {clock(at + 3)},000",
        lambda at: f"{clock(at)}:12 --> {clock(at + 3)}:02",
        lambda at: f"{clock(at, '.')}.000 --> {clock(at + 3, '.')}.000",
        lambda at: f"{clock(at)},000 {clock(at + 3)},000",
        lambda at: f"{clock(at)};000 ==> {clock(at + 3)};000",
        lambda at: f"[{clock(at)}'000 – {clock(at + 3)}'000]",
    ],
)
def test_captions_with_times_written_loosely_are_read(timing: Callable[[int], str]) -> None:
    assert rows(read(write(lambda who, at, text: f"1\n{timing(at)}\n{who}: {text}"), "talk.srt")) == SPOKEN


def test_a_name_on_the_first_row_of_every_caption_is_its_speaker() -> None:
    captions = write(lambda who, at, text: f"0:{at // 60}:{at % 60}.246 --> 0:{at // 60}:{at % 60}.826\n{who}\n{text}")
    assert [(who, text) for who, _, text in rows(read(captions))] == [(who, text) for who, _, text in SPOKEN]


@pytest.mark.parametrize("unit", [1, 1000])
def test_an_hour_of_silence_does_not_change_the_unit_of_whole_numbers(unit: int) -> None:
    records = [{"speaker": who, "start": at * unit, "text": text} for who, at, text in SPOKEN]
    assert rows(read(json.dumps(records), "talk.json")) == SPOKEN


def test_clocks_in_records_are_times_of_day_not_milliseconds() -> None:
    records = [{"speaker": who, "start": clock(HALF_PAST_TWO + at), "text": text} for who, at, text in SPOKEN]
    assert rows(read(json.dumps(records), "talk.json")) == [(who, at - 4, text) for who, at, text in SPOKEN]


def test_word_times_that_lost_their_form_leave_the_words() -> None:
    line = (
        "so<00: 00: 00. 320> we<00: 00: 02. 800> baked<00: 00: 03. 120> bread<00: 00: 03. 919> all<00: 00: 04. 400> day"
    )
    assert [turn.text for turn in talk_of(read(line))] == ["so we baked bread all day"]


def test_times_that_fall_back_are_told() -> None:
    text = "\n\n".join(f"[{clock(at)}] {who}: {text}" for who, at, text in (*SPOKEN, *SPOKEN))
    assert (
        "times fall back once, first from 1:01:11 to 0:04: several recordings, or times that are wrong"
        in read(text).warnings
    )


def test_a_time_after_the_end_of_the_recording_is_told() -> None:
    text = "\n\n".join(f"[{clock(at)}] {who}: {text}" for who, at, text in SPOKEN)
    warning = "the last time is 1:01:11, but the recording ends at 21:32"
    assert warning in read(f"Duration: 00:21:32\n\n{text}").warnings
    assert warning in read(f"---\nduration: '21:32'\n---\n\n{text}", "talk.md").warnings
    assert warning not in read(f"Duration: 01:21:32\n\n{text}").warnings


def test_in_the_shared_files_no_time_is_late_or_falls_back_without_a_warning() -> None:
    files = [path for folder in ("corpora", "formats/files", "wild/cases") for path in (SHARED / folder).rglob("*.*")]
    if not files:
        pytest.skip("the shared transcripts are not beside the project (../shared)")
    assert [str(path) for path in files if path.is_file() and _has_silent_fall(path)] == []


def _has_silent_fall(path: Path) -> bool:
    try:
        reading = inspect_file(path)
    except KBError:
        return False
    latest = 0.0
    for start in starts(reading):
        if start is not None and start < latest - 60:
            return not any("times fall back" in warning for warning in reading.warnings)
        latest = max(latest, start or 0.0)
    is_late = latest > 6 * 3600
    return is_late and not any("time" in warning for warning in reading.warnings)


def test_hostile_brackets_take_no_time() -> None:
    for piece in ("[", "[0: 1", "[1h 2m ", "[0: 00: 03] word ", "【0：", "(12.34", "<0 "):
        reading = read(f"Ada: {piece * (200_000 // len(piece))} words\n\nAda: words")
        assert reading.transcript.turns
