"""The same talk as dozens of tools export it: each must come out with its speakers, times and words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from documents import make_docx, make_odt
from talk import GUEST, HOST, TALK, build_turns

from ingest.readers import read_script

ENDS = [*(start for _, start, _ in TALK[1:]), 27.0]
LABELS = [HOST, GUEST]


@dataclass(frozen=True, slots=True)
class Export:
    """How a tool writes a turn, and what stands around them all."""

    name: str  # of the file
    turn: str
    head: str = ""
    foot: str = ""
    labels: tuple[str, str] = (HOST, GUEST)  # as they come out
    exact: float | None = 0.01  # seconds by which times may differ; None: no times


def clock(seconds: float, *, mark: str = ".") -> str:
    return f"00:00:{int(seconds):02}{mark}{round(seconds % 1 * 1000):03}"


def fields(number: int) -> dict[str, object]:
    who, start, text = TALK[number]
    first, last = who.split()
    return {
        "n": number + 1, "i": LABELS.index(who), "j": LABELS.index(who) + 1, "who": who, "first": first, "last": last,
        "caps": who.upper(), "initials": first[0] + last[0], "role": ("Interviewer", "Respondent")[LABELS.index(who)],
        "qa": "QA"[LABELS.index(who)], "text": text, "start": start, "end": ENDS[number],
        "vtt": f"{clock(start)} --> {clock(ENDS[number])}",
        "short": f"{clock(start)[3:]} --> {clock(ENDS[number])[3:]}",
        "srt": f"{clock(start, mark=',')} --> {clock(ENDS[number], mark=',')}",
        "dot": clock(start), "hms": clock(start)[:8], "ms": clock(start)[3:8], "m": clock(start)[4:8],
        "whole": int(start), "millis": int(start * 1000),
    }  # fmt: skip


def write(export: Export) -> bytes:
    return (export.head + "".join(export.turn.format(**fields(n)) for n in range(len(TALK))) + export.foot).encode()


def talk_turns(data: bytes, name: str) -> list[tuple[str | None, float | None, str]]:
    turns = build_turns(read_script(data, name))
    return [(turn.speaker, turn.start, turn.text) for turn in turns if turn.kind == "talk"]


MACHINES = ("SPEAKER_00", "SPEAKER_01")
NUMBERED = ("Speaker 1", "Speaker 2")
WEBVTT = "WEBVTT\n\n"
CAPTIONS = [
    Export("zoom.vtt", "{n}\r\n{vtt}\r\n{who}: {text}\r\n\r\n", "WEBVTT\r\n\r\n"),
    Export("zoom-named-cues.vtt", '{n} "{who}" (123456{i})\n{vtt}\n{text}\n\n', WEBVTT),
    Export("teams-cue-ids.vtt", "0c6f4b3a-1111-4222-8333-444455556666/{n}-0\n{vtt}\n<v {who}>{text}</v>\n\n", WEBVTT),
    Export("teams-last-first.vtt", "{vtt}\n<v {last}, {first}>{text}</v>\n\n", WEBVTT),
    Export("otter.srt", "{n}\n{srt}\n{who}: {text}\n\n"),
    Export("label-above.srt", "{n}\n{srt}\n{who}:\n{text}\n\n"),
    Export("coloured.srt", '{n}\n{srt}\n<font color="#ff0">{who}: {text}</font>\n\n'),
    Export("bracketed.srt", "{n}\n{srt}\n[{who}] {text}\n\n"),
    Export("in-brackets.srt", "{n}\n{srt}\n({who}) {text}\n\n"),
    Export("capitals.vtt", "{vtt}\n{caps}: {text}\n\n", WEBVTT, labels=(HOST.upper(), GUEST.upper())),
    Export("whisperx.srt", "{n}\n{srt}\n[SPEAKER_0{i}]: {text}\n\n", labels=MACHINES),
    Export("whisperx.vtt", "{short}\n[SPEAKER_0{i}]: {text}\n\n", WEBVTT, labels=MACHINES),
    Export("whisper-cpp.vtt", "{vtt}\n(speaker {i}) {text}\n\n", WEBVTT, labels=("speaker 0", "speaker 1")),
]
KEYWORDS = "Second Shift\nMon, Mar 04, 2024 10:15AM • 27:12\n\nSUMMARY KEYWORDS\nloom, weaver\n\nSPEAKERS\n"
MEET = "Second Shift (2024-03-04 10:15 GMT) - Transcript\nAttendees\nOrla Fenwick, Bram Castellan\nTranscript\n"
TEXTS = [
    Export("otter.txt", "{who}  {m}  \n{text}\n\n", KEYWORDS + f"{HOST}, {GUEST}\n\n", exact=1),
    Export("zoom-saved.txt", "[{who}] {hms}\n{text}\n\n", exact=1),
    Export("descript.txt", "[{hms}] {who}: {text}\n\n", exact=1),
    Export("rev.txt", "{who}: ({ms})\n{text}\n\n", exact=1),
    Export("rev-numbers.txt", "Speaker {j} ({ms}):\n{text}\n\n", labels=NUMBERED, exact=1),
    Export("rev-columns.txt", "Speaker {j}    {ms}    {text}\n", labels=NUMBERED, exact=1),
    Export("riverside.txt", "{who} ({dot})\n{text}\n\n"),
    Export("trint.txt", "[{hms}] {who}: \n{text}\n\n", exact=1),
    Export("sonix.txt", "{who} [{hms}] \n{text}\n\n", "Second Shift\n\nCastellan.mp3\n\n", exact=1),
    Export("sonix-inline.txt", "{who}: [{hms}] {text}\n\n", exact=1),
    Export("pyannote.txt", "[{dot} - {dot}] SPEAKER_0{i} - {text}\n", labels=MACHINES),
    Export("seconds.txt", "{start:.1f}-{end:.1f} SPEAKER_0{i}: {text}\n", labels=MACHINES),
    Export("seconds-in-brackets.txt", "[{start:.2f}s --> {end:.2f}s] SPEAKER_0{i}: {text}\n", labels=MACHINES),
    Export("fields.txt", "Speaker: {who}, Start: {start:.2f}, End: {end:.2f}, Text: {text}\n"),
    Export("diarized.txt", "SPEAKER_0{i} {dot}\n{text}\n\n", labels=MACHINES),
    Export("columns.txt", "{hms}\t{who}\t{text}\n", exact=1),
    Export("dashes.txt", "{who} — {text}\n\n", exact=None),
    Export("carriage-returns.txt", "{who}: {text}\r\r", exact=None),
    Export("numbered.txt", "{n}\t{caps}:\t{text}\n", labels=(HOST.upper(), GUEST.upper()), exact=None),
    Export("meet.txt", "{who}: {text}\n", MEET, "Transcription ended after 00:00:27\n", exact=None),
    Export(
        "archive.txt",
        "{initials}: {text}\n\n",
        f"INTERVIEWER: {HOST}\nINTERVIEWEE: {GUEST}\nPLACE: Weir\n\n",
        exact=None,
    ),
]
NOTES = '---\ntags: [interview]\nguest: "[[Bram Castellan]]"\n---\n# Notes\n\n'
PAGES = [
    Export("descript.md", "**[{hms}] {who}:** {text}\n\n", exact=1),
    Export("descript-times-first.md", "[{hms}] **{who}:** {text}\n\n", "# Second Shift\n\n", exact=1),
    Export("headings.md", "### {who}\n\n{text}\n\n", "# Talk\n\n", exact=None),
    Export("bold-alone.md", "**{who}**\n\n{text}\n\n", "# Talk\n\n", exact=None),
    Export("italic-times.md", "**{who}** *{hms}*\n\n{text}\n\n", exact=1),
    Export("code-times.md", "**{who}** `{hms}`\n{text}\n\n", exact=1),
    Export("linked-times.md", "[{hms}](https://youtu.be/x?t={whole}) **{who}**: {text}\n\n", exact=1),
    Export("fathom.md", "[{m}](https://example.org/z?t={whole}) - **{who}**\n  {text}\n\n", "# Talk\n---\n\n", exact=1),
    Export("italics.md", "*{who}:* {text}\n\n", exact=None),
    Export("full-width.md", "{who}：{text}\n\n", exact=None),
    Export("callouts.md", "> [!quote] {who} {hms}\n> {text}\n\n", NOTES, "## Related\n- [[Looms]]\n", exact=1),
    Export("bullets.md", "- **{who}** ({ms}): {text}\n", "## Transcript\n", exact=1),
    Export("wiki.md", "[[{who}]]: {text} ^b{n}\n\n", "## Transcript\n\n", exact=None),
    Export("breaks.html", "<b>{who}</b>: {text}<br><br>", "<html><body><p>", "</p></body></html>", exact=None),
    Export("terms.html", "<dt>{who}</dt><dd>{text}</dd>", "<html><body><dl>", "</dl></body></html>", exact=None),
    Export("small.html", "<h4>{who} <small>{hms}</small></h4><p>{text}</p>", "<html><body>", "</body></html>", exact=1),
    Export(
        "boxes.html",
        "<div><div class='speaker-name'>{who}</div><div class='time'>{hms}</div><div class='text'>{text}</div></div>",
        "<html><body>",
        "</body></html>",
        exact=1,
    ),
    Export("bold.rtf", "{{\\b {who}:}} {text}\\par\\par ", "{\\rtf1\\ansi ", "}", exact=None),
]
TABLES = [
    Export("names.csv", '{who},"{dot}","{text}"\n', "Speaker Name,Start Time,Text\n"),
    Export("frames.csv", '{n},{hms}:12,{who},"{text}"\n', "#,timecode_in,who,utterance\n", exact=1),
    Export("tabs.tsv", "{hms}\t{who}\t{text}\n", "Time\tName\tDialogue\n", exact=1),
    Export("words.csv", '{hms},{who},"{text}"\n', "timestamp,speaker,words\n", exact=1),
    Export("german.csv", "{hms};{who};{text}\n", "Zeit;Sprecher;Text\n", exact=1),
    Export("two.csv", '{who},"{text}"\n', "name,text\n", exact=None),
    Export(
        "millis.csv", 'spk_{i},{millis},"{text}"\n', "speaker_label,start_ms,transcript\n", labels=("spk_0", "spk_1")
    ),
    Export("turns.csv", '{who},{n},"{text}"\n', "Participant,Turn,Content\n", exact=None),
]


@pytest.mark.parametrize("export", [*CAPTIONS, *TEXTS, *PAGES, *TABLES], ids=lambda export: export.name)
def test_an_export_comes_out_as_the_talk(export: Export) -> None:
    found = talk_turns(write(export), export.name)
    names = dict(zip(LABELS, export.labels, strict=True))
    assert [(who, text) for who, _, text in found] == [(names[who], text) for who, _, text in TALK]
    for (_, read, _), (_, start, _) in zip(found, TALK, strict=True):
        if export.exact is None:
            assert read is None
        else:
            assert read == pytest.approx(start, abs=export.exact)


def documents() -> Iterator[tuple[str, bytes, bool]]:
    """Name, bytes, and whether there are times."""
    rows = [fields(n) for n in range(len(TALK))]
    teams = [f"{row['who']}   {row['m']}\n{row['text']}" for row in rows]
    head = ["Second Shift-20240304_101500-Meeting Recording", "March 4, 2024, 10:15AM", "27s"]
    yield "teams.docx", make_docx(*head, *teams, f"{HOST} stopped transcription"), True
    yield (
        "bold.docx",
        make_docx(*[[(f"{row['who']}", "bold"), (f"   {row['m']}\n{row['text']}", "")] for row in rows]),
        True,
    )
    yield "rev.docx", make_docx(*[f"{row['who']}: [{row['hms']}] {row['text']}" for row in rows]), True
    timed: list[list[object]] = [
        ["Time", "Speaker", "Transcript"],
        *[[row["hms"], row["who"], row["text"]] for row in rows],
    ]
    yield "table.docx", make_docx(table=[[str(cell) for cell in row] for row in timed]), True
    plain: list[list[object]] = [["Speaker", "Transcript"], *[[row["who"], row["text"]] for row in rows]]
    yield "narrow.docx", make_docx(table=[[str(cell) for cell in row] for row in plain]), False
    bold = "<text:p><text:span text:style-name='B'>{who}:</text:span> {text}</text:p>"
    yield "bold.odt", make_odt(*[bold.format(**row) for row in rows]), False


@pytest.mark.parametrize(
    ("name", "data", "timed"), list(documents()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_document_comes_out_as_the_talk(name: str, data: bytes, timed: bool) -> None:
    seconds = [(who, float(int(start)) if timed else None, text) for who, start, text in TALK]
    assert talk_turns(data, name) == seconds


def test_questions_and_answers_of_a_deposition_are_the_examiners_and_the_witnesses() -> None:
    rows = [f"{row['qa']}\t{row['text']}" for row in map(fields, range(len(TALK)))]
    found = talk_turns(make_docx("DEPOSITION OF BRAM CASTELLAN", "BY MS. FENWICK:", *rows), "deposition.docx")
    assert [who for who, _, _ in found] == ["MS. FENWICK", "BRAM CASTELLAN"] * 3


def test_a_voice_that_the_tool_does_not_know_is_nobodys() -> None:
    data = write(Export("otter.txt", "{who}  {m}  \n{text}\n\n")).replace(
        f"{HOST}  0:20".encode(), b"Unknown Speaker  0:20"
    )
    assert [who for who, _, _ in talk_turns(data, "otter.txt")] == [HOST, GUEST, HOST, GUEST, None, GUEST]


def test_whisper_cpp_tells_that_another_speaks_but_not_who() -> None:
    data = write(Export("tdrz.txt", "[{vtt}]  {text} [SPEAKER_TURN]\n"))
    assert talk_turns(data, "tdrz.txt") == [(None, start, text) for _, start, text in TALK]


def test_headings_amid_a_page_are_nobodys_words_and_its_contents_are_no_talk() -> None:
    segment = (
        "<div><span class='ts-name'>{who}</span> <span class='ts-timestamp'><a href='x'>({hms})</a></span> {text}</div>"
    )
    rows = [segment.format(**fields(n)) for n in range(len(TALK))]
    contents = "".join(
        f"<li><a href='#c'>{time} - {what}</a></li>"
        for time, what in (("0:00", "Looms"), ("0:14", "Pay"), ("0:20", "Today"))
    )
    talk = f"<h2>Looms</h2>{''.join(rows[:4])}<h2>Today</h2>{''.join(rows[4:])}"
    page = f"<html><body><ul>{contents}</ul>{talk}</body></html>"
    assert [(who, text) for who, _, text in talk_turns(page.encode(), "talk.html")] == [
        (who, text) for who, _, text in TALK
    ]
