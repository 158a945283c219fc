"""A file shows itself how it marks a change of speaker."""

from __future__ import annotations

import pytest

from ingest.reading import Reading, read_file
from ingest.script import Line
from ingest.speakers.labels import match_examiner, read_label_matches
from kb.model import Role

ASKED = [
    "Welcome to Lantern Talk. I'm here with Ivo Marsh, who founded Kestrel Bakery. How did it start?",
    "What did you tell the bakers?",
    "Did anyone go?",
]
ANSWERED = [
    "It started with one cold oven. We baked for the street and nobody paid us for a whole winter.",
    "I told them the truth. There was no flour left, and the whole street waited for rolls.",
    "Three went. Nine stayed, and each of them owns a part of it today.",
]


def read_text(text: str, name: str = "talk.txt") -> Reading:
    """Read a file of the given text."""
    return read_file(text.encode(), name, interview_id="talk")


def write_talk(host: str, guest: str, *, head: str = "", number: bool = False) -> str:
    """Write the talk under these labels, counted if wanted."""
    rows = []
    for count, (asked, answered) in enumerate(zip(ASKED, ANSWERED, strict=True), 1):
        rows += [(host, asked, count), (guest, answered, count)]
    return head + "\n\n".join(f"{label.format(n=count if number else '')}{text}" for label, text, count in rows)


def who_says(reading: Reading) -> list[tuple[str | None, Role]]:
    """Speaker and role of each spoken turn."""
    return [(turn.speaker, turn.role) for turn in reading.transcript.turns if turn.kind == "talk"]


@pytest.mark.parametrize(
    ("host", "guest"),
    [
        ("I: ", "R: "),
        ("Q: ", "Marsh: "),
        ("Podcast Host: ", "Ivo Marsh: "),
        ("Will: ", "Grace: "),
        ("I – ", "C – "),
        ("#Lena Holt: ", "#Ivo Marsh: "),
        ("@Lena: ", "@Ivo: "),
        ("LH: ", "IM: "),
    ],
)
def test_what_comes_in_turn_with_a_label_is_a_label(host: str, guest: str) -> None:
    one, other = (label.strip(" :–#@") for label in (host, guest))
    assert who_says(read_text(write_talk(host, guest))) == [(one, "host"), (other, "leader")] * 3


@pytest.mark.parametrize(
    ("host", "guest"), [("INT: ", "P017: "), ("Moderator: ", "PID-012: "), ("FACILITATOR: ", "R1: "), ("IV: ", "B1: ")]
)
def test_who_asks_people_with_codes_is_no_leader(host: str, guest: str) -> None:
    said = who_says(read_text(write_talk(host, guest)))
    assert [role for _, role in said][::2] == ["host"] * 3
    assert "leader" not in {role for speaker, role in said if speaker == host.strip(" :")}


@pytest.mark.parametrize(
    ("host", "guest"),
    [("Q{n}: ", "A{n}: "), ("Q{n}. ", "A{n}. "), ("Question {n}: ", "Answer {n}: "), ("Frage {n}: ", "Antwort {n}: ")],
)
def test_counted_questions_are_one_voice(host: str, guest: str) -> None:
    said = who_says(read_text(write_talk(host, guest, number=True)))
    assert [role for _, role in said] == ["host", "unknown"] * 3
    assert len({speaker for speaker, _ in said}) == 2


@pytest.mark.parametrize(
    ("codes", "head"),
    [
        ("IR", "Interviewer: Lena Holt (I)\nRespondent: Ivo Marsh (R)\n\n"),
        ("IR", "I = Interviewer (Lena Holt)\nR = Respondent (Ivo Marsh)\n\n"),
        ("LI", "L = Lena Holt (interviewer)\nI = Ivo Marsh\n\n"),
    ],
)
def test_a_legend_names_the_codes(codes: str, head: str) -> None:
    text = write_talk(f"{codes[0]}: ", f"{codes[1]}: ", head=head)
    assert who_says(read_text(text)) == [("Lena Holt", "host"), ("Ivo Marsh", "leader")] * 3


def test_a_legend_may_give_a_role_alone() -> None:
    text = write_talk("K – ", "C – ", head="Talk with a client\n\n[K] – Koordinator \t[C] - Client\n\n")
    assert {speaker for speaker, _ in who_says(read_text(text))} == {"K", "C"}
    text = write_talk("IN: ", "CL: ", head="IN = Interviewer; CL = Client\n\n")
    assert who_says(read_text(text)) == [("IN", "host"), ("CL", "leader")] * 3


@pytest.mark.parametrize(
    "voice",
    ["UNIDENTIFIED FEMALE", "UNKNOWN VOICE", "WOMAN IN AUDIENCE", "AUDIENCE MEMBERS", "PROTESTER", "SPEAKER 81771"],
)
def test_a_voice_without_a_name_is_no_leader(voice: str) -> None:
    rows = write_talk("LENA HOLT: ", "IVO MARSH: ").split("\n\n")
    rows.insert(4, f"{voice}: He came to my kitchen and asked me to wait for my wages.")
    roles = dict(who_says(read_text("\n\n".join(rows))))
    assert roles["LENA HOLT"] == "host"
    assert roles["IVO MARSH"] == "leader"
    assert roles[voice] in ("unknown", "other")


def test_what_a_listener_throws_in_is_no_name() -> None:
    rows = ["We sold bread.", "Yeah.", "And rolls to the whole street.", "Exactly.", "Right?", "Yeah.", "Then cake."]
    text = "\n\n".join(f"00:{count:02}:00 {row}" for count, row in enumerate(rows * 3))
    assert {speaker for speaker, _ in who_says(read_text(text))} == {None}


def test_captions_all_in_capitals_name_nobody() -> None:
    rows = ["THE MEMBERS WILL PREPARE", "THE CHAMBER AND BRING", "ABSENT MEMBERS.", "PEREGRINE MOSS", "A QUORUM IS"]
    rows += ["OF THE MEMBERS", "AND THE CHAMBER WILL", "PREPARE A PRAYER.", "ORSINO PELL AYE", "TO BRING WHO IS ABSENT"]
    cues = [f"00:00:{count:02}.000 --> 00:00:{count + 1:02}.000\n{row}\n" for count, row in enumerate(rows)]
    assert {speaker for speaker, _ in who_says(read_text("WEBVTT\n\n" + "\n".join(cues), "talk.vtt"))} == {None}


def test_a_dash_begins_the_words_of_somebody_unknown() -> None:
    text = write_talk("- ", "- ") + "\n\nAnd I would do it again."
    assert who_says(read_text(text)) == [(None, "unknown")] * 6
    named = text + "\n\n- [Lena] Again?\n\n- [Ivo] All of it.\n\n- [Lena] Good.\n\n- [Ivo] Thanks."
    assert [speaker for speaker, _ in who_says(read_text(named))][-4:] == ["Lena", "Ivo"] * 2


def test_labels_inside_lines_split_them() -> None:
    pairs = zip(ASKED, ANSWERED, strict=True)
    text = "\n\n".join(f"Holt: {asked} Marsh: {answered}" for asked, answered in pairs)
    assert who_says(read_text(text)) == [("Holt", "host"), ("Marsh", "leader")] * 3
    glued = text.replace("? Marsh:", "?Marsh:")
    assert who_says(read_text(glued)) == [("Holt", "host"), ("Marsh", "leader")] * 3


def test_a_name_after_a_colon_in_speech_splits_nothing() -> None:
    text = "\n\n".join(
        f"Holt: {asked}\n\nMarsh: {answered} Result: more bread."
        for asked, answered in zip(ASKED, ANSWERED, strict=True)
    )
    assert who_says(read_text(text)) == [("Holt", "host"), ("Marsh", "leader")] * 3


def test_numbers_and_headers_of_printed_pages_leave_a_text_file() -> None:
    words = [f"line {count} of what was said about the ovens" for count in range(1, 21)]
    page = [
        f"{count:>2}   {'MR. MARSH:  Well, ' if count in (1, 9) else ''}{row}" for count, row in enumerate(words, 1)
    ]
    page[3] = " 4          MS. HOLT:    Why?"
    text = "\n\n".join("\n\n".join(["     Draft - Not Final", *page, f"      {n}"]) for n in range(1, 5))
    turns = read_text(text).transcript.turns
    assert {turn.speaker for turn in turns if turn.kind == "talk"} == {"MR. MARSH", "MS. HOLT"}
    assert not any("Not Final" in turn.text or "  " in turn.text for turn in turns if turn.kind == "talk")


def test_a_firm_under_a_name_is_no_speaker() -> None:
    blocks = [
        ("Operator", "", "Our first question comes from Lena Holt."),
        ("Lena Holt", "Hollis & Co, Research Division", "What will the ovens cost?"),
        ("Ivo Marsh", "President, CEO & Director", "Less than the street thinks, because we build them."),
        ("Operator", "", "The next question comes from Nils Abend."),
        ("Nils Abend", "TB Crane, Research Division", "And the flour?"),
        ("Ivo Marsh", "President, CEO & Director", "We buy it a year ahead."),
        ("Unknown Analyst", "", "And the rolls?"),
        ("Ivo Marsh", "President, CEO & Director", "They sell themselves, every morning at six."),
    ]
    text = "\n\n".join("\n".join(filter(None, block)) for block in blocks)
    names = {speaker for speaker, _ in who_says(read_text(text))}
    assert names == {"Operator", "Lena Holt", "Ivo Marsh", "Nils Abend", "Unknown Analyst"}


def test_a_language_is_no_speaker() -> None:
    text = (
        f"Bahasa Indonesia:\n\n{write_talk('Interviewer: ', 'Marsh: ')}\n\nEnglish:\n\nInterviewer: Why?\n\nMarsh: So."
    )
    assert {speaker for speaker, _ in who_says(read_text(text))} == {"Interviewer", "Marsh"}


def test_an_everyday_word_that_is_read_as_a_label_is_told() -> None:
    more = "\n\nWe will say more of it. You will see, they will too, and it will not take long, as it never will.\n\n"
    reading = read_text(write_talk("Will: ", "Ivo Marsh: ").replace("\n\n", more))
    assert {speaker for speaker, _ in who_says(reading)} == {"Will", "Ivo Marsh"}
    assert any("'Will'" in warning for warning in reading.warnings)
    assert read_text(write_talk("Lena Holt: ", "Ivo Marsh: ")).warnings == ()


@pytest.mark.parametrize(
    ("text", "examiner"),
    [
        ("BY MR. HALE:", "MR. HALE"),
        ("  CROSS-EXAMINATION BY MS. ORME (continued)", "MS. ORME"),
        ("Examination by Dr. Vale", "Dr. Vale"),
        ("EXAMINATION BY MR. DE LA CRUZ:", "MR. DE LA CRUZ"),
        ("Examination by Mr. van der Berg", "Mr. van der Berg"),
        ("By and by Mr. Hale came", None),
        ("The examination by Mr. Hale was long.", None),
        ("Nothing of the kind", None),
    ],
)
def test_a_line_that_says_whose_questions_follow_names_the_examiner(text: str, examiner: str | None) -> None:
    found = match_examiner(text)
    assert (found["name"].strip() if found else None) == examiner


@pytest.mark.parametrize(
    ("text", "may_name"),
    [
        ("and then we went down to the old harbour", False),  # as captions are cut
        ("And then we went down to the old harbour", True),  # until all lines are known
        ("the interviewer", True),
    ],
)
def test_a_line_within_a_sentence_is_no_name(text: str, may_name: bool) -> None:
    assert bool(read_label_matches(Line(text))) == may_name
