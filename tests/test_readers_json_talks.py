"""JSON of services: the speaker or the time stands in a field of its own name, in a list beside, or in the text."""

from __future__ import annotations

import json

import pytest
from talk import GUEST, HOST, TALK, build_turns, read_sample, read_turns, spoken

from ingest.readers import read_script
from ingest.script import Script

LABELLED = [f"{who}: {text}" for who, _, text in TALK]
UNTIMED = [(who, None, text) for who, _, text in TALK]


def read_json(document: object) -> Script:
    return read_script(json.dumps(document).encode(), "talk.json")


def talk_in(document: object) -> list[tuple[str | None, float | None, str]]:
    return [(turn.speaker, turn.start, turn.text) for turn in build_turns(read_json(document)) if turn.kind == "talk"]


@pytest.mark.parametrize("name", ["dote.json", "teams-metadata.vtt"])
def test_the_speakers_field_of_a_tool_is_known(name: str) -> None:
    assert read_turns(name) == TALK


def test_times_of_day_in_milliseconds_count_from_the_first_words() -> None:
    assert read_turns("read-ai.json") == [(who, round(start - 0.5, 2), text) for who, start, text in TALK]
    texts = {
        "speaker_blocks": [
            {"start_time": "1740903723", "words": "We began."},
            {"start_time": "1740903725", "words": "Small."},
        ]
    }
    assert [line.start for line in read_json(texts).lines] == [0.0, 2.0]


@pytest.mark.parametrize("name", ["mediasum.json", "earnings.json"])
def test_a_talk_in_lists_side_by_side_or_in_one_text_is_read(name: str) -> None:
    assert read_turns(name) == UNTIMED


@pytest.mark.parametrize(
    "document",
    [
        {"transcript": "\n\n".join(LABELLED)},
        {"data": {"content": " ".join(LABELLED)}},
        {"content": "\\n".join(LABELLED)},
        {"transcript": "<br>".join(LABELLED)},
        {"body": "\n".join(f"**{who}:** {text}" for who, _, text in TALK)},
        {"transcript": "\n".join(f"{who}\n{text}\n" for who, _, text in TALK)},
        {"transcript": "".join(f"<p><strong>{who}:</strong> {text}</p>" for who, _, text in TALK)},
        {"transcript": LABELLED},
        LABELLED,
        {"speakers": [who for who, _, _ in TALK], "utterances": [text for _, _, text in TALK]},
        {"result": {"text": [text for _, _, text in TALK], "speaker_labels": [who for who, _, _ in TALK]}},
        {"turns": [[who, text] for who, _, text in TALK]},
        [{who: text} for who, _, text in TALK],
    ],
)
def test_labels_in_a_text_and_names_beside_it_are_read(document: object) -> None:
    assert talk_in(document) == UNTIMED


@pytest.mark.parametrize(
    "document",
    [
        {"text": [x for _, _, x in TALK], "speaker": [who for who, _, _ in TALK], "start": [t for _, t, _ in TALK]},
        {
            "speaker": {str(n): who for n, (who, _, _) in enumerate(TALK)},
            "text": {str(n): text for n, (_, _, text) in enumerate(TALK)},
            "start_ms": {str(n): round(start * 1000) for n, (_, start, _) in enumerate(TALK)},
        },
        {
            "text": "Welcome.",
            "vtt": "WEBVTT\n\n" + "".join(f"00:{t:06.3f} --> 00:59.000\n<v {who}>{x}\n\n" for who, t, x in TALK),
        },
        {
            "speakers": [HOST, GUEST],
            "segments": [{"speaker": int(who == GUEST), "start": t, "text": x} for who, t, x in TALK],
        },
        {"entries": [{"sender": {"fullName": who}, "body": x, "startInSeconds": t} for who, t, x in TALK]},
    ],
)
def test_columns_captions_and_numbers_of_people_keep_their_times(document: object) -> None:
    assert talk_in(document) == TALK


def test_whole_paragraphs_of_a_text_without_labels_stay_apart() -> None:
    turns = build_turns(read_json({"text": "We began small.\n\nWe stayed small."}))
    assert [turn.text for turn in turns] == ["We began small.\n\nWe stayed small."]


def test_a_voice_of_number_0_is_a_voice_where_times_are_whole_milliseconds() -> None:
    words = [("Ready?", 0, 0), ("Nearly", 1, 900), ("there.", 1, 1200)]
    result = {"words": [{"word": word, "speakerTag": tag, "startTime": start} for word, tag, start in words]}
    script = read_json({"results": [{"alternatives": [result], "channelTag": 1}]})
    assert [(line.speaker, line.text) for line in script.lines] == [
        ("speakerTag 0", "Ready?"),
        ("speakerTag 1", "Nearly there."),
    ]


def test_words_in_a_span_of_nobody_are_nobodys() -> None:
    script = read_json(
        {
            "words": [{"text": "Hello.", "start": 1.0}, {"text": "Music.", "start": 4.2}],
            "speaker_labels": {
                "segments": [
                    {"speaker_label": "spk_0", "start_time": "1.0", "end_time": "2.0"},
                    {"speaker_label": "", "start_time": "4.0", "end_time": "5.0"},
                ]
            },
        }
    )
    assert spoken(script) == [(1.0, "spk_0", "Hello."), (4.2, None, "Music.")]


def test_captions_with_objects_over_several_rows_are_read_and_others_stay() -> None:
    cue = json.dumps({"speakerName": HOST, "spokenText": "Were they paid?"}, indent=1)
    script = read_script(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{cue}\n".encode(), "talk.vtt")
    assert spoken(script) == [(1.0, HOST, "Were they paid?")]
    assert spoken(read_script(b"WEBVTT\n\n00:01.000 --> 00:02.000\n{laughs}\n", "talk.vtt"))[0][2] == "{laughs}"


def test_the_title_of_a_document_in_a_list_is_kept() -> None:
    assert read_sample("mediasum.json").card["title"] == "Looms"
