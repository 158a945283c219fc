"""JSON of recognisers and editors: the same talk comes out of each, whatever its fields are called."""

from __future__ import annotations

import json

import pytest
from talk import GUEST, HOST, TALK, WORDS, read_sample, read_turns, spoken, talk_of, texts, without_marks

from ingest.readers import read_script
from ingest.script import Script
from kb.errors import UnreadableFile


def read_json(document: object) -> Script:
    return read_script(json.dumps(document).encode(), "talk.json")


@pytest.mark.parametrize(
    ("name", "host", "guest"),
    [
        ("whisperx.json", "SPEAKER_00", "SPEAKER_01"),
        ("fast-whisper-speakers.json", "SPEAKER_00", "SPEAKER_01"),
        ("deepgram.json", "Speaker 0", "Speaker 1"),
        ("assemblyai.json", "Speaker A", "Speaker B"),
        ("aws-speakers.json", "spk_0", "spk_1"),
        ("aws-channels.json", "ch_0", "ch_1"),
        ("google-tags.json", "speakerTag 1", "speakerTag 2"),
        ("google-v2.json", "Speaker 1", "Speaker 2"),
        ("speechmatics-2.json", "S1", "S2"),
        ("kaldi-bbc.json", "SPEAKER_00", "SPEAKER_01"),
        ("azure.json", "Speaker 1", "Speaker 2"),
        ("elevenlabs.json", "speaker_0", "speaker_1"),
        ("soniox.json", "Speaker 1", "Speaker 2"),
        ("rev-editor.json", "Speaker 0", "Speaker 1"),
        ("rev-monologues.json", HOST, GUEST),
        ("digital-paper-edit.json", HOST, GUEST),
        ("podcast20.json", HOST, GUEST),
        ("podlove.xml", HOST, GUEST),
        ("trint.json", HOST, GUEST),
        ("sonix.json", HOST, GUEST),
        ("otter.json", HOST, GUEST),
        ("recall.json", HOST, GUEST),
    ],
)
def test_speakers_times_and_words_are_joined(name: str, host: str, guest: str) -> None:
    assert read_turns(name) == talk_of(host, guest)


@pytest.mark.parametrize(
    ("name", "host", "guest"), [("ibm.json", "Speaker 0", "Speaker 1"), ("speechmatics-1.json", "F1", "M1")]
)
def test_recognisers_without_punctuation_keep_every_word(name: str, host: str, guest: str) -> None:
    assert without_marks(read_turns(name)) == without_marks(talk_of(host, guest))


@pytest.mark.parametrize("name", ["whisper.json", "whisper-cpp.json"])
def test_segments_without_speakers_name_nobody(name: str) -> None:
    script = read_sample(name)
    assert " ".join(texts(script.lines)) == WORDS
    assert {line.speaker for line in script.lines} == {None}
    assert [line.start for line in script.lines][:3] == [0.5, 1.7, 4.4]


def test_an_intro_that_nobody_speaks_is_set_apart() -> None:
    assert read_turns("podlove.json")[1:] == TALK


def test_title_and_language_are_kept() -> None:
    assert read_sample("otter.json").card == {"title": "Second Shift with Bram Castellan"}
    assert read_sample("assemblyai.json").card == {"language": "en_us"}


def test_whole_numbers_are_milliseconds_only_where_nobody_could_speak_so_slowly() -> None:
    fast = read_json([{"text": "One two three four.", "start": 0}, {"text": "Five six seven.", "start": 2}])
    slow = read_json([{"text": "One two three four.", "start": 0}, {"text": "Five six seven.", "start": 2000}])
    assert [line.start for line in fast.lines] == [0, 2]
    assert [line.start for line in slow.lines] == [0, 2]


def test_times_of_day_count_from_the_first_words() -> None:
    script = read_json(
        [
            {
                "speakerName": "Ada",
                "startDateTime": "x",
                "timestamp": "2024-05-01T10:00:30Z",
                "text": "Shall we begin?",
            },
            {"speakerName": "Ben", "startDateTime": "x", "timestamp": "2024-05-01T10:00:33Z", "text": "We shall."},
        ]
    )
    assert spoken(script) == [(0.0, "Ada", "Shall we begin?"), (3.0, "Ben", "We shall.")]


def test_names_of_speakers_are_looked_up_in_the_list_of_people() -> None:
    document = {
        "segments": [
            {"speaker": "spk1", "words": [{"text": "Good", "start": 1.0}, {"text": "morning.", "start": 1.3}]}
        ],
        "speakers": [{"spkid": "spk1", "name": "Ada Quill"}],
    }
    assert spoken(read_json(document)) == [(1.0, "Ada Quill", "Good morning.")]


def test_a_pause_or_a_sentence_ends_a_line_but_not_a_turn() -> None:
    words = [("So", 0.0), ("we", 0.2), ("waited.", 0.4), ("Then", 4.0), ("it", 4.2), ("rained.", 4.4)]
    script = read_json({"words": [{"word": word, "start": start, "end": start + 0.2} for word, start in words]})
    assert spoken(script) == [(0.0, None, "So we waited."), (4.0, None, "Then it rained.")]


def test_the_first_of_several_readings_counts_and_translations_do_not() -> None:
    document = {
        "results": [{"alternatives": [{"transcript": "We built it."}, {"transcript": "We billed it."}], "start": 1.5}],
        "translations": [{"text": "Nous l'avons construit nous-mêmes, tous ensemble.", "start": 1.5}],
    }
    assert spoken(read_json(document)) == [(1.5, None, "We built it.")]


def test_two_channels_are_put_in_order_by_whole_lines() -> None:
    ada = [{"w": word, "start": start} for word, start in [("Ready?", 0.0), ("Go!", 8.0)]]
    ben = [{"w": word, "start": start} for word, start in [("Nearly", 2.0), ("there.", 2.3)]]
    script = read_json({"tracks": [{"participant": "Ada", "said": ada}, {"participant": "Ben", "said": ben}]})
    assert spoken(script) == [(0.0, "Ada", "Ready?"), (2.0, "Ben", "Nearly there."), (8.0, "Ada", "Go!")]


def test_plain_lists_of_start_end_and_text_are_read() -> None:
    assert spoken(read_json([[0.0, 2.5, "We began."], [2.5, 4.0, "We went on."]])) == [
        (0.0, None, "We began."),
        (2.5, None, "We went on."),
    ]
    segment = [1, 0, 3.5, 6.0, " We stayed.", [50364, 12]]
    assert spoken(read_json({"segments": [segment]})) == [(3.5, None, "We stayed.")]


def test_one_document_on_each_line_is_one_transcript() -> None:
    rows = b'{"text": "We began small.", "start": 1}\n{"text": "We stayed small.", "start": 4}\n'
    assert spoken(read_script(rows, "talk.jsonl")) == [(1.0, None, "We began small."), (4.0, None, "We stayed small.")]


def test_a_page_of_an_editor_inside_json_is_read_as_a_page() -> None:
    page = '<p><span class="timestamp" data-timestamp="3.2">0:03</span> Ada: We began small.</p><p>Ben: And then?</p>'
    assert "We began small." in " ".join(texts(read_json({"text": page, "media": "a.mp3", "media-time": 1}).lines))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"settings": {"theme": "dark", "size": 3}}', "no transcript"),
        ('{"text": "We began', "broken in line 1"),
        ("[" * 100_000 + "]" * 100_000, "nested"),
        ('{"a":' * 200 + '{"text": "deep", "start": 1}' + "}" * 200, "nested deeper"),
    ],
)
def test_json_that_is_no_transcript_is_refused_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as refusal:
        read_script(text.encode(), "talk.json")
    assert "\n" not in str(refusal.value)


def test_what_no_file_and_no_database_holds_is_marked() -> None:
    turns = [
        {"speaker": "Ann\0", "text": "We be\0gan \ud83d with bread."},
        {"speaker": "Bob", "text": "With \ud83d\ude42?"},
    ]
    lines = read_json({"segments": turns}).lines
    assert [(line.speaker, line.text) for line in lines] == [
        ("Ann\ufffd", "We be\ufffdgan \ufffd with bread."),
        ("Bob", "With 🙂?"),
    ]
