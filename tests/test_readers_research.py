"""Transcripts of research and archives: times and people stand by reference, and are joined to the words."""

from __future__ import annotations

import pytest
from talk import GUEST, HOST, TALK, build_turns, read_sample, read_turns, spoken, talk_of

from ingest.readers import read_script
from ingest.script import Script
from kb.errors import UnreadableFile


def read_xml(text: str) -> Script:
    return read_script(text.encode(), "talk.xml")


@pytest.mark.parametrize("name", ["elan.eaf", "exmaralda.exb", "transcriber.trs", "tei.xml", "chat.cha"])
def test_times_and_people_are_joined_to_the_words(name: str) -> None:
    assert read_turns(name) == TALK


def test_the_words_of_apple_podcasts_have_blanks_between_them() -> None:
    assert read_turns("apple.ttml") == talk_of("SPEAKER_1", "SPEAKER_2")


def test_words_of_scripts_without_blanks_stay_joined() -> None:
    words = "".join(
        f'<span begin="{n}.0" end="{n}.5" podcasts:unit="word">{word}</span>' for n, word in enumerate("我们开始", 1)
    )
    head = '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:podcasts="http://podcasts.apple.com/x"><body><div>'
    script = read_xml(f'{head}<p begin="1.000" end="5.000">{words}</p></div></body></tt>')
    assert spoken(script) == [(1.0, None, "我们开始")]


def test_slow_talk_in_timed_text_is_in_seconds_if_the_file_writes_them_so() -> None:
    rows = "".join(f'<p begin="{start}" end="{start}">Yes.</p>' for start in ("00:01:00", "00:31:00", "01:01:00"))
    assert [line.start for line in read_xml(f"<tt><body><div>{rows}</div></body></tt>").lines] == [60, 1860, 3660]
    rows = "".join(f'<p begin="{start}ms" end="{start}ms">Yes, we did.</p>' for start in (1500, 4000))
    assert [line.start for line in read_xml(f"<tt><body><div>{rows}</div></body></tt>").lines] == [1.5, 4.0]


def elan(tiers: str) -> str:
    slots = "".join(f'<TIME_SLOT TIME_SLOT_ID="t{n}" TIME_VALUE="{n * 1000}"/>' for n in range(1, 9))
    return (
        f'<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"/><TIME_ORDER>{slots}<TIME_SLOT TIME_SLOT_ID="t9"/>'
        f"</TIME_ORDER>{tiers}</ANNOTATION_DOCUMENT>"
    )


def aligned(name: str, start: str, text: str) -> str:
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{name}" TIME_SLOT_REF1="{start}" TIME_SLOT_REF2="t9">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
    )


def referring(name: str, parent: str, text: str) -> str:
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="{name}" ANNOTATION_REF="{parent}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    )


def test_tiers_without_a_participant_are_named_by_their_ids_without_the_level() -> None:
    tiers = (
        f'<TIER TIER_ID="tx@Ada Byron">{aligned("a1", "t2", "Shall we begin?")}</TIER>'
        f'<TIER TIER_ID="Ben Oyo-orth">{aligned("a2", "t5", "We shall, at once.")}</TIER>'
        f'<TIER TIER_ID="Notes">{aligned("a3", "t1", "a good passage for the book")}</TIER>'
    )
    assert spoken(read_xml(elan(tiers))) == [
        (2.0, "Ada Byron", "Shall we begin?"),
        (5.0, "Ben Oyo", "We shall, at once."),
    ]


def test_words_in_a_dependent_tier_have_the_time_of_what_they_hang_on() -> None:
    tiers = (
        f'<TIER TIER_ID="ref@A" PARTICIPANT="Ada">{aligned("a1", "t3", "t.001")}</TIER>'
        f'<TIER TIER_ID="tx@A" PARENT_REF="ref@A" PARTICIPANT="Ada">{referring("a2", "a1", "We began small.")}</TIER>'
        f'<TIER TIER_ID="ft@A" PARENT_REF="tx@A" PARTICIPANT="Ada">{referring("a3", "a2", "Wir waren klein.")}</TIER>'
    )
    assert spoken(read_xml(elan(tiers))) == [(3.0, "Ada", "We began small.")]


def test_annotations_that_refer_to_each_other_in_a_circle_have_no_time() -> None:
    tiers = f'<TIER TIER_ID="Ada">{referring("a1", "a2", "We began.")}{referring("a2", "a1", "We went on.")}</TIER>'
    assert spoken(read_xml(elan(tiers))) == [(None, "Ada", "We began."), (None, "Ada", "We went on.")]


def test_two_voices_in_one_turn_are_told_apart() -> None:
    script = read_xml(
        '<!DOCTYPE Trans SYSTEM "trans-14.dtd"><Trans><Speakers><Speaker id="s1" name="Ada"/>'
        '<Speaker id="s2" name="Ben"/></Speakers><Episode><Section>'
        '<Turn startTime="1" endTime="9" speaker="s1 s2"><Sync time="1"/>'
        '<Who nb="1"/>We began <Event desc="laugh"/>small.<Who nb="2"/>Very small.<Sync time="4.5"/><Who nb="1"/>Yes.'
        "</Turn></Section></Episode></Trans>"
    )
    assert spoken(script) == [(1.0, "Ada", "We began small."), (1.0, "Ben", "Very small."), (4.5, "Ada", "Yes.")]


def test_tei_marked_up_word_by_word_reads_as_sentences() -> None:
    script = read_xml(
        '<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><profileDesc><particDesc><person xml:id="A">'
        "<persName><forename>Ada</forename><surname>Byron</surname></persName></person></particDesc></profileDesc>"
        '</teiHeader><text><timeline unit="ms"><when xml:id="T1" interval="2500"/></timeline><body>'
        '<annotationBlock who="people.xml#A" start="#T1"><u><seg><w>We</w><w>began</w><pause/><w>small</w><pc>.</pc>'
        "</seg></u><spanGrp><span>nous</span></spanGrp></annotationBlock></body></text></TEI>"
    )
    assert spoken(script) == [(2.5, "Ada Byron", "We began small.")]


def test_speeches_of_a_tei_text_take_the_name_in_front_if_the_header_has_none() -> None:
    script = read_xml(
        '<?xml version="1.0"?><!DOCTYPE TEI.2 PUBLIC "-//TEI//DTD x" "lite.dtd"><TEI.2><teiHeader/><text><body>'
        "<sp><speaker>ADA BYRON.</speaker><p>We began.</p><p>We <note>twice</note>went on.</p></sp></body></text>"
        "</TEI.2>"
    )
    assert spoken(script) == [(None, "ADA BYRON", "We began."), (None, "ADA BYRON", "We went on.")]


def test_an_oral_history_of_ohms_has_labels_minutes_and_no_index() -> None:
    script = read_sample("ohms.xml")
    turns = [turn for turn in build_turns(script) if turn.kind == "talk"]
    assert [(turn.speaker, turn.text) for turn in turns] == [(who, text) for who, _, text in TALK]
    assert [turn.start for turn in turns][:3] == [None, None, 60.0]
    assert script.card["title"] == "Interview with Bram Castellan, March 2, 2025"


def ohms(sync: str, *rows: str) -> Script:
    text = "\n".join(rows)
    return read_xml(
        f"<?xml version='1.0'?><ROOT><record><sync>{sync}</sync><transcript>{text}</transcript></record></ROOT>"
    )


LONG_ANSWER = "STONE: We opened at five. " + "The bread was gone by seven every morning of that winter. " * 4
OHMS_ROWS = (
    "QUILL: How did the bakery begin?", "", LONG_ANSWER.strip(), "Then the flood came to the whole street.", "",
    "QUILL: Who helped you?", "", "STONE: Everybody did. They carried sacks of flour up the stairs.",
)  # fmt: skip


def places(script: Script) -> list[tuple[float, str]]:
    """Each time, and the two words that stand there."""
    turns = build_turns(script)
    marks = [(mark.start, turn.text[mark.offset :]) for turn in turns for mark in turn.marks]
    return [(start, " ".join(words.split()[:2])) for start, words in marks if start is not None]


@pytest.mark.parametrize(
    ("sync", "told"),
    [
        ("1:|3(17)|4(3)|8(4)|", [(60.0, "The bread"), (120.0, "flood came"), (180.0, "They carried")]),
        ("5:|3(17)|8(1)|", [(300.0, "The bread"), (600.0, "Everybody did.")]),
        ("1:3(17)|4(1)", [(60.0, "The bread"), (120.0, "Then the")]),
        # A minute without a mark keeps its place; words beyond the end of a line are its last one.
        ("1:|3(17)||0(0)|4(99)|", [(60.0, "The bread"), (240.0, "street.")]),
        # Marks on neighbouring words were clicked through, and tell nothing.
        ("1:|3(17)|4(3)|4(4)|4(5)|8(4)|", [(60.0, "The bread"), (300.0, "They carried")]),
        (" 0.5 : | 3(17) | 4(3) ", [(30.0, "The bread"), (60.0, "flood came")]),
        ("0:|3(17)|", []),
        ("1:|99(1)|x(y)|3(", []),
        ("", []),
    ],
)
def test_a_minute_of_ohms_begins_at_its_word_inside_the_turn(sync: str, told: list[tuple[float, str]]) -> None:
    script = ohms(sync, *OHMS_ROWS)
    assert places(script) == told
    plain = [(turn.speaker, turn.text) for turn in build_turns(ohms("", *OHMS_ROWS))]
    assert [(turn.speaker, turn.text) for turn in build_turns(script)] == plain


def test_an_oral_history_with_hostile_marks_is_read_in_no_time() -> None:
    sync = "999:|" + "|".join(f"{n}({n})" for n in range(1, 60_000))
    script = ohms(sync, *OHMS_ROWS)
    assert all("#" not in turn.text for turn in build_turns(script))


def test_captions_in_an_oral_history_of_ohms_come_before_an_empty_transcript() -> None:
    script = read_xml(
        "<?xml version='1.0'?><ROOT><record><sync/><transcript>No transcript.</transcript>"
        "<vtt_transcript>WEBVTT\n\n00:00:02.000 --&gt; "
        "00:00:04.000\n&lt;v Ada Byron&gt;We began small.&lt;/v&gt;</vtt_transcript></record></ROOT>"
    )
    assert spoken(script) == [(2.0, "Ada Byron", "We began small.")]


def test_an_oral_history_with_an_index_alone_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="holds no transcript"):
        read_xml(
            "<?xml version='1.0'?><ROOT><record><sync/><transcript>No transcript.</transcript><index><point>"
            "<time>4</time><synopsis>They tell how it began.</synopsis></point></index></record></ROOT>"
        )


def test_a_debate_has_questions_and_answers_and_what_nobody_says_is_set_apart() -> None:
    turns = build_turns(read_sample("akomantoso.xml"))
    assert [(turn.speaker, turn.text) for turn in turns if turn.kind == "talk"] == [
        (who, text) for who, _, text in TALK
    ]
    assert [turn.text for turn in turns if turn.kind != "talk"] == ["THE LOOMS OF TIDEPOOL (The witness took a seat)"]


def test_codes_of_a_chat_transcript_are_no_words() -> None:
    script = read_script(
        b"@Begin\n@Participants:\tINV Investigator, PAR Participant\n"
        b"*INV:\t&-um <did you> [/] did you [: do] it (be)cause of New_York ? [+ gram]\n"
        b"*PAR:\t0is yes (..) &=laughs +/.\n%mor:\tco|yes\n*PAR:\txxx .\n@End\n",
        "talk.txt",
    )
    assert spoken(script) == [
        (None, "Investigator", "um did you did you it because of New York?"),
        (None, "Participant", "yes"),
    ]


def test_a_document_type_without_entities_is_no_danger() -> None:
    subset = "<!DOCTYPE tt [ <!ELEMENT tt ANY> <!ATTLIST p begin CDATA '9'> ]>"
    script = read_xml(f'<?xml version="1.0"?>{subset}<tt><body><p begin="00:00:01">We began.</p></body></tt>')
    assert spoken(script) == [(1.0, None, "We began.")]


def test_settings_with_a_document_type_are_no_transcript() -> None:
    head = '<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/plist.dtd">'
    with pytest.raises(UnreadableFile, match="holds no transcript"):
        read_xml(f"{head}<plist><dict><key>Name</key><string>A window</string><string>Its size</string></dict></plist>")


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE Trans SYSTEM "trans-14.dtd" [<!ENTITY a "b">]><Trans><Turn>&a;</Turn></Trans>',
        '<!DOCTYPE Trans [<!ENTITY % a SYSTEM "http://x/y.dtd"> %a;]><Trans/>',
        "<!DOCTYPE Trans [%a;]><Trans/>",
        '<!DOCTYPE Trans SYSTEM "x.dtd"><Trans><Turn>&b;</Turn></Trans>',
        '<!DOCTYPE Trans SYSTEM "x.dtd"><!DOCTYPE a [<!ENTITY b "c">]><Trans/>',
    ],
)
def test_entities_are_refused_in_one_line(document: str) -> None:
    with pytest.raises(UnreadableFile, match=r"entities|broken") as refusal:
        read_xml(document)
    assert "\n" not in str(refusal.value)


def test_host_and_guest_of_a_research_file_are_known_by_its_head() -> None:
    assert read_sample("ohms.xml").card["interviewer"] == [HOST]
    assert read_sample("chat.cha").card["interviewee"] == [GUEST]
    assert read_sample("tei.xml").card["interviewer"] == [HOST]
