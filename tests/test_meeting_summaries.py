"""A meeting's summary, by a service or by a person, is not the talk; a transcript with a summary around it is."""

from __future__ import annotations

import pytest
from documents import make_docx, make_pdf

from ingest.reading import Reading, read_file
from ingest.speakers.talk_signs import LIKE_A_SUMMARY, SUMMARY
from kb.errors import UnreadableFile

GEMINI = """📝 Notes
Mar 14, 2025
Clinic interview
Invited Ada Byron Ben Coil
Attachments Clinic interview
Meeting records Transcript Recording
Summary
Ada Byron interviewed Ben Coil about the founding of the clinic, the first year without pay, and how the council \
came to fund it after counting the ambulances that were not called.
Details
Founding of the clinic: Ben Coil explained that the clinic began with one room and a kettle (00:00:00). People came \
for the tea and stayed for the doctor, according to Ben Coil (00:02:10).
Funding: Ben Coil stated that nobody paid in the first year. The council later compared the ambulances of two \
winters and agreed to pay for a second room (00:05:00).
Advice: Ada Byron asked for advice to young doctors, and Ben Coil recommended to learn the names of the cleaners \
(00:07:30).
Suggested next steps
[ ] Ben Coil will send the figures of the two winters to Ada Byron.
You should review Gemini's notes to make sure they're accurate. Get tips and learn how Gemini takes notes
Please provide feedback about using Gemini to take notes in a short survey.
"""
GEMINI_GERMAN = """📝 Notizen
14. März 2025
Gespräch über die Praxis
Eingeladen Ada Byron Ben Coil
Zusammenfassung
Ada Byron befragte Ben Coil zur Gründung der Praxis und zu den Kosten des ersten Jahres, das die Stadt nicht bezahlte.
Details
Gründung: Ben Coil erklärte, dass die Praxis mit einem Zimmer und einem Kessel begann (00:00:00). Die Leute kamen \
für den Tee und blieben für den Arzt.
Kosten: Ben Coil berichtete, dass die Stadt nach dem zweiten Winter die nicht gerufenen Wagen zählte und die Kosten \
für ein zweites Zimmer übernahm (00:05:00).
Vorgeschlagene nächste Schritte
[ ] Ben Coil wird die Zahlen der beiden Winter an Ada Byron senden.
"""
ZOOM = """Meeting summary for Clinic interview (03/14/2025)

Quick recap

The meeting focused on the founding of a clinic. Ben described the first year, the volunteers, and the agreement \
with the council. Ada asked about the lessons for other towns and the team discussed the plans for a second room.

Next steps

Ben: Send the figures of the two winters to Ada.
Ada: Prepare the article and share the draft with the group.
Ben and Ada: Schedule a visit to the clinic in April.

Summary

Founding of the clinic

Ben explained how the clinic started with one room. He emphasized the role of volunteers and of tea in the waiting \
room.

Agreement with the council

Ben mentioned that the council counted ambulances for two winters before it agreed to pay. Ada noted the parallel to \
the programme in Larkfield and suggested a comparison.

AI can make mistakes. Review for accuracy. Please rate the accuracy of this summary.
"""
FATHOM = """# Clinic interview - March 14

VIEW RECORDING - 31 mins (No highlights): https://video.example/share/abc

## Meeting Purpose

Interview with the founder of the clinic for the spring issue.

## Key Takeaways

- The clinic began with one room and a kettle, and without money for the first year
- The council agreed to pay after comparing the ambulances of two winters
- Cleaners know which patients are frightened; young doctors should learn their names

## Topics

### Founding

- One room above the bakery, rent paid by neighbours
- Volunteers brought tea, which brought people

### Funding

- No pay in the first year, a loan in the second
- Council counted ambulances: 41 before, 18 after

## Next Steps

- Ben to send the figures to Ada
- Ada to draft the article by Friday
"""
OTTER = """Clinic interview
Fri, Mar 14, 2025 10:02AM • 31:40

SUMMARY KEYWORDS
clinic, council, ambulances, tea, volunteers, winter, cleaners, doctor, funding, figures

SPEAKERS
Ada Byron, Ben Coil

Overview
Ben Coil discussed the founding of the clinic with one room and a kettle, the first year without pay, and the \
support of the council, which compared the ambulances of two winters before it decided to fund a second room.

Action Items
[ ] Send the figures of the two winters to Ada Byron.
[ ] Schedule a visit to the clinic in April.

Outline
Founding of the Clinic
Ben Coil describes the first room above the bakery and the role of tea in bringing people to the doctor.
Funding by the Council
Ben Coil explains how the council counted the ambulances of two winters and decided to pay for a second room.
"""
MINUTES = """MINUTES OF THE MEETING

Date: 14 March 2025
Present: Ada Byron (chair), Ben Coil, Orla Fenwick
Apologies: Bram Castellan

Agenda

1. Founding of the clinic
2. Funding

Discussion

Mr Coil reported on the first year of the clinic. The chair thanked the volunteers for the work of the winter. Ms \
Fenwick asked whether the council would pay for a second room, and Mr Coil confirmed that the figures had been sent.

Decisions

The committee approved the lease of the second room, and the budget for the year was adopted without a vote.

Action points

BC: send the figures to the council by Friday.
OF: draft a letter to the volunteers.
"""
FRENCH = """Compte rendu de la réunion du 14 mars 2025

Résumé

Ada Byron a interrogé Ben Coil sur la création de la clinique, la première année sans salaire et le financement par \
la ville après deux hivers.

Points clés

La clinique est née dans une pièce avec une bouilloire. La ville a comparé les ambulances de deux hivers et elle a \
payé la deuxième pièce.

Prochaines étapes

Ben Coil : envoyer les chiffres des deux hivers à Ada Byron.
Ada Byron : préparer l'article pour vendredi.
"""
COPILOT = """Meeting notes:

Founding: Ben described the beginning of the clinic with one room and a kettle and the support of the neighbours.
- Volunteers: Ben mentioned that volunteers brought tea, which brought people to the doctor.
- Rent: Ben explained that the rent of the first year was paid by the baker below.

Funding: Ada asked about the funding and Ben outlined the comparison of two winters by the council.
- Figures: The council counted 41 ambulances before and 18 after the clinic opened.

Follow-up tasks:

Figures: Send the figures of the two winters to Ada. (Ben)
Article: Draft the article and share it with the group. (Ada)

AI-generated content may be incorrect
"""
SUMMARIES = (GEMINI, GEMINI_GERMAN, ZOOM, FATHOM, OTTER, MINUTES, FRENCH, COPILOT)
NAMES = ("gemini", "gemini-german", "zoom", "fathom", "otter", "minutes", "french", "copilot")
TALK = """Ada Byron: Thanks for joining, Ben. How did you start the clinic?

Ben Coil: I started with one room and a kettle. People came for the tea and stayed for the doctor, and I let them.

Ada Byron: And who paid you for it?

Ben Coil: The first year nobody paid me. Then the council counted the ambulances that we had not called, and they \
came.
"""


def read(data: bytes, name: str) -> Reading:
    return read_file(data, name, interview_id="talk")


def as_docx(text: str) -> bytes:
    return make_docx(*(row for row in text.splitlines() if row.strip()))


def as_pdf(text: str) -> bytes:
    return make_pdf([row[:110] for row in text.replace("📝", "").splitlines() if row.strip()])


@pytest.mark.parametrize("name", ["talk.txt", "talk.md", "talk.docx", "talk.pdf"])
@pytest.mark.parametrize("text", SUMMARIES, ids=NAMES)
def test_a_summary_of_a_meeting_is_refused_in_one_line(text: str, name: str) -> None:
    data = as_docx(text) if name == "talk.docx" else as_pdf(text) if name == "talk.pdf" else text.encode()
    with pytest.raises(UnreadableFile) as refusal:
        read(data, name)
    assert str(refusal.value) == SUMMARY


@pytest.mark.parametrize("name", ["talk.txt", "talk.md", "talk.docx"])
@pytest.mark.parametrize("text", SUMMARIES, ids=NAMES)
@pytest.mark.parametrize("heading", ["Transcript", "📖 Transcript", ""])
def test_a_talk_with_a_summary_before_it_is_read(text: str, name: str, heading: str) -> None:
    whole = f"{text}\n\n{heading}\n\n{TALK}"
    reading = read(as_docx(whole) if name == "talk.docx" else whole.encode(), name)
    said = [" ".join(turn.text.split()) for turn in reading.transcript.turns if turn.speaker == "Ben Coil"]
    assert any("I started with one room and a kettle." in words for words in said)


@pytest.mark.parametrize("text", SUMMARIES, ids=NAMES)
def test_a_talk_with_a_summary_behind_it_is_read(text: str) -> None:
    reading = read(f"{TALK}\n\n{text}".encode(), "talk.txt")
    said = [" ".join(turn.text.split()) for turn in reading.transcript.turns if turn.speaker == "Ben Coil"]
    assert any("The first year nobody paid me." in words for words in said)


def test_a_summary_with_some_speech_in_it_is_shown_and_asked_about() -> None:
    quoted = 'Ben Coil said: "I started with one room, and I let them drink my tea." '
    reading = read(FATHOM.replace("### Founding\n", f"### Founding\n\n{quoted}\n").encode(), "talk.md")
    assert LIKE_A_SUMMARY in reading.warnings


def test_a_person_who_names_the_leader_is_believed() -> None:
    reading = read_file(MINUTES.encode(), "talk.txt", interview_id="talk", row={"leader": "Ben Coil"})
    assert LIKE_A_SUMMARY in reading.warnings
