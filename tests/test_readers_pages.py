"""Pages and documents around a talk: what the writer, the shop and the tools put there is nobody's words."""

from __future__ import annotations

import base64
import io
import quopri

import docx
import pytest
from documents import make_docx, make_odt
from docx.oxml import OxmlElement
from talk import GUEST, HOST, TALK, build_turns

from ingest.readers import read_script
from ingest.readers.watermarks import is_watermark
from ingest.reading import read_file
from ingest.script import Line
from kb.errors import UnreadableFile
from kb.model import Turn

QUESTIONS = ["How did you start?", "And the crew, what did they say?", "You left in 2010. Why?"]
ANSWERS = ["We started with one barge.", "They laughed, and then they came along.", "Because it was time."]
INTRODUCTION = "Elsa Marrow runs the largest fleet of the north. She met us on her first barge, which still leaks."
LABELLED = "".join(f"<p><strong>{who}:</strong> {text}</p>" for who, _, text in TALK)
CITED = "".join(f"<cite>{who}:</cite><time>0:10</time><p>{text}</p>" for who, _, text in TALK)
TAILS = {
    "blog": "<h3>Share this:</h3><ul><li>Facebook</li><li>X</li></ul><h3>Related</h3><p>The lock keeper</p>"
    "<h2>4 thoughts on “Looms”</h2><p><b>Hal</b> says: Bram is right.</p><h3>Leave a Reply</h3><p>Your email</p>",
    "newsletter": "<p>Subscribe to our newsletter</p><p>One loom a week.</p><h4>Next episode</h4><p>Ole Brand</p>"
    "<p>© 2024 Second Shift. All rights reserved.</p><p>Privacy Policy</p>",
    "german": "<p>Teilen:</p><p>Facebook</p><h3>Das könnte Sie auch interessieren</h3><p>Der Weber</p>",
    "related": "<h3>More from Second Shift</h3><p>Ole Brand: I build bridges</p><p>Ria Holt: I sell rope</p>",
    "host in comments": "<h3>Comments (2)</h3><p><b>Orla Fenwick:</b> Thanks all!</p><p><b>Hal:</b> Great</p>",
    "boxes": "<div class='author-box'><p>She lives on a boat.</p></div><aside>A quotation.</aside>",
    "writer": "<p>Orla Fenwick is a journalist in Hull.</p><p>This conversation has been edited and condensed.</p>",
}


def spoken(data: bytes | str, name: str = "file") -> list[tuple[str | None, str]]:
    """Speaker and words of the turns that are talk."""
    source = data.encode() if isinstance(data, str) else data
    return [(turn.speaker, turn.text) for turn in build_turns(read_script(source, name)) if turn.kind == "talk"]


def turns_of(data: bytes | str, name: str) -> tuple[Turn, ...]:
    source = data.encode() if isinstance(data, str) else data
    return read_file(source, name, interview_id="x").transcript.turns


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
@pytest.mark.parametrize("talk", [LABELLED, CITED], ids=["strong", "cite"])
def test_what_follows_the_talk_on_a_page_is_nobodys(talk: str, tail: str) -> None:
    page = f"<html><body><h1>Looms</h1>{talk}{tail}</body></html>"
    assert spoken(page, "page.html") == [(who, text) for who, _, text in TALK]


def test_a_share_bar_amid_the_talk_does_not_end_it() -> None:
    rows = [f"<p><strong>{who}:</strong> {text}</p>" for who, _, text in TALK]
    page = "".join((*rows[:2], "<p>Share this: Facebook</p>", *rows[2:]))
    assert [who for who, _ in spoken(page, "page.html")] == [who for who, _, _ in TALK]


def as_markdown(mark: str, joint: str) -> str:
    rows = [f"{mark}{question}{mark}{joint}{answer}" for question, answer in zip(QUESTIONS, ANSWERS, strict=True)]
    return "\n\n".join(("---\nguest: Elsa Marrow\n---\n# The barge queen", INTRODUCTION, *rows))


def as_html(tag: str, joint: str) -> str:
    rows = [f"<p><{tag}>{ask}</{tag}>{joint}{tell}</p>" for ask, tell in zip(QUESTIONS, ANSWERS, strict=True)]
    head = "<html><head><title>Interview with Elsa Marrow | Quay</title></head><body>"
    return f"{head}<h1>The barge queen</h1><p>{INTRODUCTION}</p>{''.join(rows)}</body></html>"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bold.md", as_markdown("**", "\n\n")),
        ("under.md", as_markdown("__", "\n")),
        ("italic.md", as_markdown("*", "\n\n")),
        ("run-in.md", as_markdown("**", " ")),
        ("strong.html", as_html("strong", "</p><p>")),
        ("break.html", as_html("b", "<br>")),
        ("run-in.html", as_html("b", " ")),
        ("em.html", as_html("em", "</p><p>")),
    ],
)
def test_questions_in_bold_or_italics_are_the_hosts_and_the_introduction_the_writers(name: str, text: str) -> None:
    turns = turns_of(text, name)
    assert [(turn.role, turn.text) for turn in turns if turn.kind == "talk"] == [
        pair
        for question, answer in zip(QUESTIONS, ANSWERS, strict=True)
        for pair in (("host", question), ("leader", answer))
    ]
    assert {turn.speaker for turn in turns if turn.role == "leader"} == {"Elsa Marrow"}
    assert any(INTRODUCTION in turn.text and turn.kind == "non_speech" for turn in turns)


def test_bold_questions_in_word_and_opendocument_are_the_hosts() -> None:
    pairs = list(zip(QUESTIONS, ANSWERS, strict=True))
    word = make_docx(INTRODUCTION, *[part for ask, tell in pairs for part in ([(ask, "bold")], tell)])
    span = "<text:p><text:span text:style-name='B'>{}</text:span></text:p>"
    open_document = make_odt(INTRODUCTION, *[part for ask, tell in pairs for part in (span.format(ask), tell)])
    for data in (word, open_document):
        turns = [turn for turn in turns_of(data, "talk") if turn.kind == "talk"]
        assert [turn.text for turn in turns] == [text for pair in pairs for text in pair]
        assert [turn.role for turn in turns] == ["host", "unknown"] * 3


def test_the_host_whom_the_file_names_asks_the_bold_questions() -> None:
    text = as_markdown("**", "\n\n").replace("guest: Elsa Marrow", "guest: Elsa Marrow\nhost: Jo Plank")
    assert [turn.speaker for turn in turns_of(text, "a.md") if turn.role == "host"] == ["Jo Plank"] * 3


def test_what_word_has_deleted_moved_away_or_hidden_is_not_spoken() -> None:
    document = docx.Document()
    for who, _, text in TALK:
        document.add_paragraph(f"{who}: {text}")
    for number, tag in enumerate(("w:moveFrom", "w:del")):
        paragraph = document.paragraphs[number]
        run = paragraph.add_run(" GONE")
        mark = OxmlElement(tag)
        paragraph._p.append(mark)
        mark.append(run._r)
    document.paragraphs[2].add_run(" HIDDEN").font.hidden = True
    ghost = document.styles.add_style("Ghost", 2)
    ghost.font.hidden = True
    document.paragraphs[3].add_run(" GHOST", style="Ghost")
    out = io.BytesIO()
    document.save(out)
    assert spoken(out.getvalue()) == [(who, text) for who, _, text in TALK]


@pytest.mark.parametrize(
    "rows",
    [
        [["", f"00:00:{int(start):02d}", who, text] for who, start, text in TALK],
        [["", f"{who}\n00:00:{int(start):02d}", text] for who, start, text in TALK],
        [[f"00:00:{int(start):02d} --> 00:01:00", who, text] for who, start, text in TALK],
        [
            ["No.", "Timecode", "Speaker", "Transcript", "Comment"],
            *[[str(n), f"00:00:{int(start):02d}", who, text, ""] for n, (who, start, text) in enumerate(TALK)],
        ],
        [["", f"{who}   0:{int(start):02d}\n{text}"] for who, start, text in TALK],
    ],
    ids=["picture", "name and time in a cell", "range", "numbers and comments", "picture and one cell"],
)
def test_tables_of_word_say_by_their_columns_who_speaks(rows: list[list[str]]) -> None:
    turns = [turn for turn in build_turns(read_script(make_docx(table=rows), "a.docx")) if turn.kind == "talk"]
    assert [(turn.speaker, turn.start, turn.text) for turn in turns] == [
        (who, float(int(start)), text) for who, start, text in TALK
    ]


@pytest.mark.parametrize(
    "text",
    [
        "(Transcribed by TurboScribe.ai. Go Unlimited to remove this message.)",
        "(This file is longer than 30 minutes. Go Unlimited at TurboScribe.ai to transcribe up to 10 hours.)",
        "(Transkribiert von TurboScribe. Unlimited, um diese Nachricht zu entfernen.)",
        "Transcribed with Sonix. Try it free at sonix.ai",
        "This transcript was generated automatically. Its accuracy may vary.",
        "Transcript created with Descript",
    ],
)
def test_the_advertisement_of_a_service_is_not_spoken(text: str) -> None:
    assert is_watermark(text)
    assert text not in str(spoken(f"{text}\n\nWe left at nine. You know why?\n", "a.txt"))


@pytest.mark.parametrize(
    "text",
    ["We transcribed it with Otter and it was wrong.", "Descript created a new kind of editor.", "Rev was our client."],
)
def test_who_speaks_of_such_a_service_is_quoted(text: str) -> None:
    assert not is_watermark(text)


def test_an_advertisement_within_speech_is_cut_out() -> None:
    line = Line("Ada: (Transcribed by TurboScribe. Go Unlimited to remove this message.) Hello.")
    assert spoken(f"{line.text}\nBen: Hello you.\nAda: Yes.\nBen: No.\n")[0] == ("Ada", "Hello.")


MHTML = (
    "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.org/a\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/related;\r\n\tboundary="--b"\r\n\r\n----b\r\nContent-Type: text/html{charset}\r\n'
    "Content-Transfer-Encoding: {encoding}\r\nContent-Location: https://example.org/a\r\n\r\n"
)
PAGE = f"<html><head><title>Zürich</title></head><body>{LABELLED.replace(chr(39), '’')}</body></html>"


@pytest.mark.parametrize(
    ("encoding", "charset", "body"),
    [
        ("quoted-printable", "", quopri.encodestring(PAGE.encode())),
        ("base64", '; charset="utf-8"', base64.encodebytes(PAGE.encode())),
        ("quoted-printable", "; charset=windows-1252", quopri.encodestring(PAGE.encode("windows-1252"))),
        ("8bit", "", PAGE.encode()),
    ],
)
def test_a_page_saved_as_one_file_is_read_as_the_page(encoding: str, charset: str, body: bytes) -> None:
    data = MHTML.format(encoding=encoding, charset=charset).encode() + body + b"\r\n----b--\r\n"
    assert spoken(data, "a.mhtml") == [(who, text.replace("'", "’")) for who, _, text in TALK]


@pytest.mark.parametrize(
    "data",
    [
        MHTML.encode().replace(b"text/html", b"image/png"),
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n" + b"--b\n\n" * 1_000_000,
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\nX: " + b"y\n z" * 1_000_000,
    ],
    ids=["no page", "a million parts", "endless headers"],
)
def test_an_mhtml_file_without_a_page_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="save the page as HTML"):
        read_script(data, "a.mht")


REPORT = (
    "The fleet of the north carried forty tons of mail in the year. The income of the company grew by a tenth, and the "
    "number of barges rose to eleven. The board decided to open a new line to the islands in the spring of the year."
)
MINUTES = make_docx("Minutes of the board", "Present: Elsa Marrow, Jo Plank", REPORT, "The next meeting is on 4 June.")
GUIDE = "\n\n".join(["Interview guide", *(f"{year}. What did you learn in that year?" for year in range(1, 9))])


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("report.md", f"# A year\n\n{REPORT}".encode(), "nobody talks here"),
        ("minutes.docx", MINUTES, "nobody talks here"),
        ("guide.txt", GUIDE.encode(), "only questions"),
    ],
)
def test_a_document_in_which_nobody_talks_is_refused(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        turns_of(data, name)


def test_talk_without_names_is_read() -> None:
    text = f"{REPORT} I told them so, and we left. My daughter knew it better than you or me."
    assert [turn.text for turn in turns_of(text, "talk.txt")] == [text]


def test_a_report_with_a_named_leader_is_read() -> None:
    data = f"---\nguest: {GUEST}\nhost: {HOST}\n---\n{REPORT}"
    assert turns_of(data, "a.md")


def test_times_that_only_the_markup_holds_are_those_of_their_paragraphs() -> None:
    page = (
        '<div class="turn"><p class="speaker">Marta Quill</p>'
        "<p><a href='#' onclick=\"javascript:playAt('0:0:3')\">▶</a> What did you tell the crew?</p></div>"
        '<div class="turn"><p class="speaker">Tobias Renn</p><p data-time="1:14">The truth, all of it.</p></div>'
        '<div class="turn"><p class="speaker">Marta Quill</p>'
        '<p><a name="ts_75500_80000_S00">Did anybody leave?</a></p></div>'
    )
    turns = turns_of(page, "talk.html")
    assert [(turn.start, turn.text) for turn in turns] == [
        (3.0, "What did you tell the crew?"),
        (74.0, "The truth, all of it."),
        (75.5, "Did anybody leave?"),
    ]


@pytest.mark.parametrize("order", [1, -1])
def test_the_title_that_a_page_states_for_others_comes_before_its_own_with_the_name_of_its_site(order: int) -> None:
    heads = ["<title>Soup for a city | Kitchen</title>", '<meta property="og:title" content="Soup for a city">'][
        ::order
    ]
    page = f"<html><head>{''.join(heads)}</head><body><p>Ada: Hello there, all of you.</p></body></html>"
    assert read_script(page.encode(), "page.html").card["title"] == "Soup for a city"
