"""Documents of every school: the same talk must come out, whoever wrote it down."""

from __future__ import annotations

import re

import pytest
from documents import make_docx, make_epub, make_odt, make_zip
from talk import GUEST, HOST, TALK, WORDS, build_turns, read_sample, read_turns, texts

from ingest.readers import read_script
from ingest.readers.documents.markdown import strip_markup
from ingest.script import Line
from kb.errors import UnreadableFile

WHOLE_SECONDS = [(speaker, float(int(start)), text) for speaker, start, text in TALK]
UNTIMED = [(speaker, None, text) for speaker, _, text in TALK]


def talk_turns(name: str) -> list[tuple[str | None, float | None, str]]:
    """The turns of a sample that are talk."""
    return [(turn.speaker, turn.start, turn.text) for turn in build_turns(read_sample(name)) if turn.kind == "talk"]


def turns_of(data: bytes) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in build_turns(read_script(data, "file"))]


@pytest.mark.parametrize(
    "name",
    [
        "otter.txt",  # "Name  0:22  ", a credit at the end
        "rev.txt",  # "Name: (00:12)"
        "riverside.txt",  # "Name (00:12)"
        "happyscribe.txt",  # "[00:00:12.000] - Name"
        "fireflies.txt",  # "00:00:12 - Name"
        "lenny.md",  # "Name (00:00:12):" with front matter, full names once, then first names
        "changelog.md",  # "**Name:** \\[00:12\\]" and a break
        "descript.md",  # "**Name:** [00:00:12]"
        "tstbtc.md",  # "Name: 00:00:12", sentences on lines of their own
        "headings.md",  # "### Name [00:00:12]"
        "lexfridman.md",  # "**Name**[(00:00:12)](link)" under a table of contents
        "obsidian.md",  # wiki links, block ids, callouts, notes at the end
        "lexfridman.html",  # spans for name, time and text
        "cite-time.html",  # <cite>, <time>, <p>
        "table.html",  # a row for each turn
    ],
)
def test_timed_documents_come_out_as_the_talk(name: str) -> None:
    assert talk_turns(name) == WHOLE_SECONDS


@pytest.mark.parametrize(
    "name",
    [
        "initials.txt",  # initials with a legend
        "questions.txt",  # Q and A with a head that names them
        "wrapped.txt",  # cut at the margin
        "table.md",  # a table
        "strong.html",  # names in <strong>, scripts and menus around
        "bold-names.html",  # names that only the bold type tells
    ],
)
def test_documents_without_times_come_out_as_the_talk(name: str) -> None:
    assert talk_turns(name) == UNTIMED


def test_labels_in_capitals_stay_in_capitals() -> None:
    assert talk_turns("capitals.txt") == [(who.upper() if who else who, start, text) for who, start, text in UNTIMED]


def test_a_printed_hearing_ends_its_labels_with_a_full_stop() -> None:
    assert [who for who, _, _ in talk_turns("hearing.txt")] == ["The CHAIRMAN", "Mr. CASTELLAN"] * 3


def test_word_97_pages_are_read_in_their_own_encoding() -> None:
    script = read_sample("word97.htm")
    assert "I’m here with Bram Castellan" in " ".join(texts(script.lines))
    assert [who for who, _, _ in talk_turns("word97.htm")] == ["Orla", "Bram"] * 3
    assert any("windows-1252" in warning for warning in script.warnings)


def test_rich_text_has_its_own_way_with_apostrophes() -> None:
    assert talk_turns("talk.rtf") == [(who, None, text.replace("'", "’")) for who, _, text in TALK]


def test_programs_number_their_speakers() -> None:
    turns = talk_turns("whisperx.txt")
    assert [who for who, _, _ in turns] == ["SPEAKER_00", "SPEAKER_01"] * 3
    assert [text for _, _, text in turns] == [text for _, _, text in TALK]


def test_a_time_on_a_line_of_its_own_begins_a_turn_where_nobody_is_named() -> None:
    assert read_turns("otter-unnamed.txt") == [(None, start, text) for _, start, text in WHOLE_SECONDS]


def test_a_copied_youtube_panel_is_one_text_with_marks() -> None:
    turns = build_turns(read_sample("youtube-panel.txt"))
    assert " ".join(turn.text for turn in turns) == WORDS
    assert [mark.start for turn in turns for mark in turn.marks] == [start for _, start, _ in WHOLE_SECONDS]


def test_several_speakers_on_one_very_long_line_are_told_apart() -> None:
    assert [(who, text) for who, _, text in read_turns("one-line.txt")] == [(who, text) for who, _, text in TALK * 6]


def test_front_matter_becomes_facts_in_lower_case() -> None:
    card = read_sample("lenny.md").card
    assert (card["guest"], card["youtube_url"]) == (GUEST, "https://www.youtube.com/watch?v=invented0000")


def test_broken_front_matter_is_a_warning_and_not_the_end() -> None:
    script = read_script(b"---\nguest: [half: ::\n---\n\nAda: Hello.\n\nBen: Hi.\n\nAda: Well.\n", "a.md")
    assert (script.card, script.warnings) == ({}, ("the front matter is not valid YAML and was left out",))
    assert [turn.speaker for turn in build_turns(script)] == ["Ada", "Ben", "Ada"]


def test_the_head_of_a_page_gives_title_and_address() -> None:
    script = read_sample("strong.html")
    assert script.card == {"title": "Second Shift: Bram Castellan", "url": "https://example.org/castellan"}


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (r"It was \[laughs\] a \*bleep\* thing", "It was [laughs] a *bleep* thing"),
        ("so _very_ **old**, and *so* ~~new~~ ==bright==", "so very old, and so new bright"),
        ("snake_case_names and 2 * 3 * 4 stay", "snake_case_names and 2 * 3 * 4 stay"),
        ("don&#39;t say &quot;no&quot; &amp; go", 'don\'t say "no" & go'),
        (
            "see [the mill](https://example.org/a_(b)) or [it][] or <https://example.org>",
            "see the mill or it or https://example.org",
        ),
        ("a ![picture](x.png) of [[Otto Brandl|Otto]] and [[mills]]", "a  of Otto and mills"),
        ("at [12:30](https://youtu.be/x?t=750) he left", "at [12:30] he left"),
        ("one<br>two <b>three</b>", "one two three"),
    ],
)
def test_markdown_gives_up_its_markup_and_no_word(markup: str, words: str) -> None:
    assert strip_markup(markup) == words


def test_a_word_file_gives_paragraphs_soft_breaks_and_tables_in_order() -> None:
    data = make_docx(
        "Ada: One.\nBen: Two.", [("Ada:", "bold"), (" Three.", "")], table=[["Ben:", "Four."], ["Ada:", "Five."]]
    )
    assert turns_of(data) == [("Ada", "One."), ("Ben", "Two."), ("Ada", "Three."), ("Ben", "Four."), ("Ada", "Five.")]


def test_a_word_file_may_tell_names_by_bold_type_alone() -> None:
    data = make_docx(*([[(who or "", "bold"), (f" {text}", "")] for who, _, text in TALK]))
    assert turns_of(data) == [(who, text) for who, _, text in TALK]


def test_a_word_file_may_tell_speakers_by_colour_alone() -> None:
    data = make_docx(*([[(text, "0000C0" if who == HOST else "C00000")] for who, _, text in TALK]))
    assert turns_of(data) == [("Speaker 1" if who == HOST else "Speaker 2", text) for who, _, text in TALK]


def test_one_coloured_heading_makes_no_speaker() -> None:
    data = make_docx([("A talk at the mill", "C00000")], *(text for _, _, text in TALK))
    assert {who for who, _ in turns_of(data)} == {None}


def test_a_teams_document_has_a_range_a_name_and_the_words() -> None:
    rows = [f"0:0:{int(start)}.0 --> 0:0:{int(start) + 2}.490\n{who}\n{text}" for who, start, text in TALK]
    turns = build_turns(read_script(make_docx(*rows), "talk.docx"))
    assert [(turn.speaker, turn.start, turn.text) for turn in turns] == WHOLE_SECONDS


def test_an_opendocument_text_gives_paragraphs_breaks_spaces_and_tables() -> None:
    data = make_odt(
        "<text:h>The mill</text:h>",
        "<text:p>Ada:<text:tab/>One<text:s text:c='2'/>two.<text:line-break/>Ben: Three.</text:p>",
        "<text:p>Ada: Four<text:note><text:note-body><text:p>unsaid</text:p></text:note-body></text:note>.</text:p>",
        "<table:table><table:table-row><table:table-cell><text:p>Ben:</text:p></table:table-cell>"
        "<table:table-cell><text:p>Five.</text:p></table:table-cell></table:table-row></table:table>",
    )
    assert turns_of(data)[1:] == [("Ada", "One  two."), ("Ben", "Three."), ("Ada", "Four."), ("Ben", "Five.")]


def test_an_opendocument_text_may_tell_names_by_bold_type_alone() -> None:
    data = make_odt(
        *(f"<text:p><text:span text:style-name='B'>{who}</text:span> {text}</text:p>" for who, _, text in TALK)
    )
    assert turns_of(data) == [(who, text) for who, _, text in TALK]


def test_an_epub_is_read_in_the_order_of_its_spine() -> None:
    pages = [f"<p><b>{who}:</b> {text}</p>" for who, _, text in TALK]
    script = read_script(make_epub("".join(pages[:3]), "".join(pages[3:])), "talk.epub")
    assert [(turn.speaker, turn.text) for turn in build_turns(script)] == [(who, text) for who, _, text in TALK]
    assert script.card["title"] == "Second Shift"


@pytest.mark.parametrize(
    "entity", ['<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>', '<!DOCTYPE a [<!ENTITY x "y">]>']
)
def test_xml_with_entities_is_refused(entity: str) -> None:
    content = f'<?xml version="1.0"?>{entity}<a>&x;</a>'
    data = make_zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})
    with pytest.raises(UnreadableFile, match="damaged or unsafe"):
        read_script(data, "talk.odt")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    data = make_zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": b"a" * 30_000_000})
    with pytest.raises(UnreadableFile, match="zip bomb"):
        read_script(data, "talk.odt")


def test_an_archive_of_thousands_of_parts_is_refused() -> None:
    data = make_zip({"mimetype": "application/epub+zip", **{f"{n}.xhtml": "" for n in range(5_001)}})
    with pytest.raises(UnreadableFile, match="more than 5000"):
        read_script(data, "talk.epub")


def test_a_cut_off_word_file_is_refused_in_one_line() -> None:
    with pytest.raises(UnreadableFile, match="damaged") as caught:
        read_script(make_docx("Ada: One.")[:-600], "talk.docx")
    assert "\n" not in str(caught.value)


def test_a_blank_line_ends_a_paragraph_in_text() -> None:
    assert read_script(b"one\r\rtwo\r", "a.txt").lines[:3] == (Line("one"), Line(""), Line("two"))


def test_numbers_before_every_line_are_taken_off() -> None:
    data = "\n".join(f"{n:04d} {re.sub(' .*', ':', who or '')} {text}" for n, (who, _, text) in enumerate(TALK, 1))
    assert turns_of(data.encode()) == [((who or "").split()[0], text) for who, _, text in TALK]


@pytest.mark.parametrize("piece", ["<a ", "<div>", "</", "&#", '<a x="', "<script>", "<p><font>"])
def test_hostile_html_is_read_in_no_time(piece: str) -> None:
    script = read_script(f"<html><body><p>word</p>{piece * 100_000}".encode(), "a.html")
    assert texts(script.lines)[0] == "word"


def test_a_rare_time_inside_a_sentence_stands_for_words_that_could_not_be_heard() -> None:
    talk = " ".join(f"That is sentence number {number} of a long answer." for number in range(40))
    gap = "**Ada:** I went with a company called \\[33:20\\]; we sold ads."
    data = f"{gap} {talk}\n\n**Bo:** [34:02] Why?\n\n**Ada:** Well.\n\n**Bo:** I see.\n".encode()
    assert turns_of(data)[0][1].startswith("I went with a company called [33:20]; we sold ads.")
    assert turns_of(data)[1] == ("Bo", "Why?")


def test_times_inside_sentences_that_come_again_and_again_are_only_times() -> None:
    timed = b"**Ada:** I went with a [0:10] company that [0:20] sold ads to [0:30] people."
    data = timed + b"\n\n**Bo:** Why?\n\n**Ada:** Well.\n\n**Bo:** Aha.\n"
    assert turns_of(data)[0][1] == "I went with a company that sold ads to people."


def test_a_head_may_name_the_marks_behind_roles_and_titles_behind_names() -> None:
    head = "Interviewer (Q): Nora Ellis\nRespondent (A): Leila Stone, mayor, City of Ansel\n\n"
    talk = "Q: Did you know?\n\nA: I did.\n\nQ: Who else?\n\nA: Nobody else did.\n"
    spoken = [(speaker, text) for speaker, text in turns_of((head + talk).encode()) if text in talk]
    assert [speaker for speaker, _ in spoken] == ["Nora Ellis", "Leila Stone", "Nora Ellis", "Leila Stone"]
