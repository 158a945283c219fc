"""Caption files: who said what and when, each word once."""

from __future__ import annotations

import pytest
from talk import GUEST, HOST, TALK, WORDS, read_sample, read_turns, spoken, talk_of, texts

from ingest.readers import read_script
from ingest.script import Line
from kb.errors import UnreadableFile


def read_lines(text: str, name: str = "talk.txt") -> list[str]:
    return texts(read_script(text.encode(), name).lines)


@pytest.mark.parametrize(
    "name",
    [
        "zoom.vtt",  # a label on every cue, numbers, CRLF
        "teams.vtt",  # voice tags
        "descript.vtt",  # a label only where the speaker changes
        "podcast.srt",  # the role in brackets behind the name
        "broken.srt",  # numbers, blank lines, hours and spaces missing in turn
        "interview.ass",  # a field for the name
        "captions.ttml",  # people listed in the head
    ],
)
def test_named_captions_come_out_as_the_talk(name: str) -> None:
    assert read_turns(name) == TALK


def test_teams_identifiers_stay_labels_and_unpadded_times_are_read() -> None:
    tenant = "@7b2e9d14-63c8-4fa5-b0d7-2c8e1f5a9b46"
    host, guest = f"0f8a3c52-1d7e-4b96-8c2a-5e9b7d416f30{tenant}", f"e41b6d97-2a85-4c3f-9d60-8f7a1c5e2b94{tenant}"
    assert read_turns("teams-guid.vtt") == talk_of(host, guest)


def test_labels_in_capitals_are_kept_as_the_file_has_them() -> None:
    assert read_turns("youtube.sbv") == talk_of(HOST.upper(), GUEST.upper())


@pytest.mark.parametrize(
    "name",
    ["youtube-rolling.vtt", "youtube.json3", "youtube-transcript-api.json", "youtube-timedtext.xml", "whisper.lrc"],
)
def test_captions_without_names_say_each_word_once_and_name_nobody(name: str) -> None:
    script = read_sample(name)
    assert " ".join(texts(script.lines)) == WORDS
    assert script.lines[0].start == 0.5
    assert {line.speaker for line in script.lines} == {None}


def test_broadcast_captions_that_roll_up_come_out_once_and_change_at_chevrons() -> None:
    words = " ".join(texts(read_sample("broadcast-rollup.srt").lines))
    assert words.replace(">> ", "") == WORDS.upper()
    assert words.count(">>") == len(TALK)


def test_the_language_of_the_header_is_kept() -> None:
    assert read_sample("youtube-rolling.vtt").card == {"language": "en"}


def test_one_cue_with_two_voices_is_cut_in_two() -> None:
    script = read_script(
        b"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ada>Ready?</v> <v.loud Ben Oyo>Ready &amp; set.</v>\n", "a.vtt"
    )
    assert spoken(script) == [(1.0, "Ada", "Ready?"), (1.0, "Ben Oyo", "Ready & set.")]


def test_an_empty_voice_tag_names_nobody() -> None:
    script = read_script(b"WEBVTT\n\n00:01.000 --> 00:04.000\n<v >So it goes.\n", "a.vtt")
    assert spoken(script) == [(1.0, None, "So it goes.")]


def test_emphasis_and_placement_are_dropped_and_angle_brackets_of_speech_stay() -> None:
    lines = read_lines("1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<i>We</i> <font color='red'>love</font> it <3\n")
    assert lines == ["We love it <3"]


def test_rows_of_a_caption_are_joined_unless_another_voice_may_begin() -> None:
    lines = read_lines("1\n00:00:01,000 --> 00:00:02,000\nWe began\nsmall.\n- How small?\n- Two of us.\n")
    assert lines == ["We began small.", "- How small?", "- Two of us."]


def test_words_that_are_said_twice_stay_twice_in_captions_that_do_not_roll() -> None:
    cues = "".join(
        f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{word}\n\n" for n, word in enumerate(["No.", "No.", "Never."])
    )
    assert read_lines(cues) == ["No.", "No.", "Never."]


def test_words_behind_the_time_are_speech() -> None:
    assert read_lines("00:01.000 --> 00:02.000 Hello.\n\n00:02.000 --> 00:03.000 align:start\nBye.\n") == [
        "Hello.",
        "Bye.",
    ]


def test_captions_without_a_header_are_known_whatever_the_file_is_called() -> None:
    script = read_script(b"00:01.500 --> 00:02.000\nHello.\n\n01:00:02.000 --> 01:00:03.000\nBye.\n", "notes.md")
    assert spoken(script) == [(1.5, None, "Hello."), (3602.0, None, "Bye.")]


def test_comments_and_styles_are_no_speech() -> None:
    head = "WEBVTT - talk\n\nSTYLE\n::cue { color: lime }\n\nNOTE checked\nby hand\n\n"
    assert read_lines(f"{head}intro\n00:01.000 --> 00:02.000\nHello.\n") == ["Hello."]


def test_lyrics_with_several_times_are_said_at_each() -> None:
    script = read_script(
        b"[ti:Song]\n[00:02.00][00:09.50]Again\n[00:05.00]<00:05.10>Once <00:05.40>more\n[00:07.00]\n", "a.lrc"
    )
    assert script.card == {"title": "Song"}
    assert script.lines == (Line("Again", start=2.0), Line("Once more", start=5.0), Line("Again", start=9.5))


def test_captions_of_nothing_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="no words"):
        read_script(b"WEBVTT\n\n00:01.000 --> 00:02.000\n \n", "a.vtt")
