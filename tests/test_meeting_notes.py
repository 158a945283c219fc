"""Documents of meeting assistants: notes by Gemini before a talk, and TurboScribe's writings of speakers and times."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest
from documents import make_pdf

from ingest.reading import Reading, read_file

ADA, BEN = "Ada Byron", "Ben Coil"
TALK = [
    (ADA, "Thanks for joining, Ben. How did you start the clinic?"),
    (BEN, "With one room and a kettle. People came for the tea and stayed for the doctor."),
    (ADA, "And who paid for it?"),
    (BEN, "The first year nobody did. Then the council counted the ambulances that were not called."),
    (ADA, "What would you tell a young doctor?"),
    (BEN, "Learn the names of the cleaners first. They know which patients are frightened."),
]
NOTES = {
    "en": (
        "📝 Notes", "Mar 14, 2025", "Clinic interview", "Invited Ada Byron Ben Coil", "Meeting records Transcript",
        "Summary", "Ada Byron interviewed Ben Coil about the clinic and its funding.", "Details",
        "Funding: Ben Coil explained that the council counted ambulances (00:05:00).", "Suggested next steps",
        "[ ] Ben Coil will send the figures.", "You should review Gemini's notes to make sure they're accurate.",
        "📖 Transcript", "Mar 14, 2025", "Clinic interview - Transcript",
    ),
    "de": (
        "📝 Notizen", "14. März 2025", "Gespräch über die Praxis", "Eingeladen Ada Byron Ben Coil", "Zusammenfassung",
        "Ada Byron befragte Ben Coil zur Praxis.", "Details", "Gründung: Ben Coil erklärte den Anfang (00:00:00).",
        "📖 Transkript", "Gespräch über die Praxis – Transkript",
    ),
}  # fmt: skip
ENDS = {
    "en": (
        "Transcription ended after 00:27:32",
        "This editable transcript was computer generated and might contain errors.",
    ),
    "de": (
        "Transkription endete nach 00:27:32",
        "Dieses bearbeitbare Transkript wurde computergeneriert und kann Fehler enthalten.",
    ),
}
HEADS = frozenset(("Summary", "Details", "Suggested next steps", "Zusammenfassung"))


def read(data: bytes, name: str) -> Reading:
    return read_file(data, name, interview_id="talk")


def spoken(reading: Reading) -> list[tuple[str | None, str]]:
    return [(turn.speaker, " ".join(turn.text.split())) for turn in reading.transcript.turns if turn.kind == "talk"]


def saved(document: docx.document.Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def write_notes(language: str, *, headings: bool) -> bytes:
    """Write the document of Google Meet: notes, then the talk with a time every five minutes."""
    document = docx.Document()
    for text in NOTES[language]:
        is_head = headings and (text in HEADS or text.startswith(("📝", "📖")) or text.endswith(("cript", "kript")))
        document.add_heading(text, 3) if is_head else document.add_paragraph(text)
    for place, (name, words) in enumerate(TALK):
        if place % 2 == 0:
            stamp = f"00:{place * 5:02}:00"
            document.add_heading(stamp, 3) if headings else document.add_paragraph(stamp)
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{name}:").bold = True
        paragraph.add_run(f" {words}")
    ended, note = ENDS[language]
    document.add_heading(ended, 3) if headings else document.add_paragraph(ended)
    document.add_paragraph(note)
    return saved(document)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("headings", [True, False])
def test_notes_by_gemini_before_and_below_a_talk_are_nobodys_words(language: str, headings: bool) -> None:
    reading = read(write_notes(language, headings=headings), "Clinic interview.docx")
    assert spoken(reading) == TALK
    turns = [turn for turn in reading.transcript.turns if turn.kind == "talk"]
    assert [turn.start for turn in turns if turn.speaker == ADA] == [0.0, 600.0, 1200.0]
    assert [turn.role for turn in turns[:2]] == ["host", "leader"]


AD = "(Transcribed by TurboScribe.ai. Go Unlimited to remove this message.)"
LONG = "(This file is longer than 30 minutes. Go Unlimited at TurboScribe.ai to transcribe files up to 10 hours long.)"
NUMBERED = [(f"Speaker {1 + (name == BEN)}", words) for name, words in TALK]


def stamp(place: int) -> str:
    return f"({place // 2}:{place * 7:02} - {place // 2}:{place * 7 + 6:02})"


def name_above(place: int, name: str, words: str) -> list[str]:
    return [f"[{name}]", words]


def name_and_time_above(place: int, name: str, words: str) -> list[str]:
    return [f"[{name}] {stamp(place)}", words]


def time_then_name(place: int, name: str, words: str) -> list[str]:
    return [stamp(place), f"[{name}]", words]


def all_in_one_line(place: int, name: str, words: str) -> list[str]:
    return [f"[{name}] {stamp(place)} {words}"]


@pytest.mark.parametrize("write", [name_above, name_and_time_above, time_then_name, all_in_one_line])
@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_turboscribe_s_documents_are_read_with_their_speakers(
    write: Callable[[int, str, str], list[str]], kind: str
) -> None:
    rows = [row for place, (name, words) in enumerate(NUMBERED) for row in write(place, name, words)]
    if kind == "docx":
        document = docx.Document()
        for row in ("clinic-interview.mp3", AD, *rows, LONG):
            document.add_paragraph(row)
        data = saved(document)
    else:
        data = make_pdf(["clinic-interview.mp3", AD, *rows[:6]], [*rows[6:], LONG], footer="TurboScribe.ai - {}")
    reading = read(data, f"clinic-interview.{kind}")
    assert spoken(reading) == NUMBERED
    if write is not name_above:
        assert [turn.start for turn in reading.transcript.turns if turn.speaker][:3] == [0.0, 7.0, 74.0]
