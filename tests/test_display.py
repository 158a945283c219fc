"""Names and words of files act neither on a terminal nor on the text beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, SOUP

from ingest.cli.main import main as ingest_main
from ingest.pipeline import ingest_paths
from kb.answering.attribution import format_attribution
from kb.cli.main import main
from kb.generation.grounding.verdict import CheckedSentence, SentencePart
from kb.generation.synthesis import Synthesis
from kb.knowledge_base import KnowledgeBase
from kb.model import Citation, Facet, Interview, Leader, Passage, Query, Span, Transcript, Turn
from kb.pages.cards import draw_heading, draw_interview, draw_leader, draw_passage, draw_table, draw_turn
from kb.pages.written import draw_written
from kb.retrieval.filters import list_facets, matches
from kb.settings import Settings
from kb.text.display import mark_controls, mark_line, strip_bidi, strip_remarks, to_json

OVERRIDE, ISOLATE, POP = "\u202e", "\u2067", "\u202c"
ESCAPE, CSI = "\x1b[31m", "\x9b31m"  # both turn what follows red
ACTING = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
QUOTE = f"We {OVERRIDE}listen{POP} {ESCAPE}first."
LEADER = Leader(
    f"Ada{OVERRIDE} Vance", f"chief{ISOLATE}", f"Vance{OVERRIDE} & Co", f"steel{OVERRIDE}", evidence=f"a{OVERRIDE}"
)
TALK = Interview(
    "talk", f"A{OVERRIDE} talk", (LEADER,), host=f"Tom{OVERRIDE}", show=f"Show{ISOLATE}", licence=f"CC{OVERRIDE}",
    source=f"a{OVERRIDE}.md", year=2020,
)  # fmt: skip
PASSAGE = Passage("talk:0-0", "talk", (Span(0, 0, len(QUOTE)),), LEADER.name, QUOTE)
CITATION = Citation(1, PASSAGE, TALK, 0, 0, len(QUOTE), QUOTE)
HOSTILE = SOUP.replace("Soup for a city", f'"Soup{OVERRIDE} for\\e[31m a city"').replace(
    "the posters did nothing", f"the {ESCAPE}posters{CSI} did {OVERRIDE}nothing"
)


def test_controls_are_shown_and_marks_that_turn_text_are_left_out() -> None:
    assert mark_controls("a\x1b[31mb\rc\x07\x7f\x9b\n\td") == "a␛[31mb␍c␇␡\ufffd\n\td"
    assert mark_controls("one\r\ntwo") == "one\ntwo"
    assert mark_controls(f"a{OVERRIDE}b{ISOLATE}c\u200e") == "abc\u200e"
    assert mark_controls("\udcff") == "\ufffd"


def test_a_name_in_a_line_begins_no_line_of_its_own() -> None:
    assert mark_line("a\nrefused: b\tc") == "a␊refused: b␉c"


def test_json_is_exact_and_holds_nothing_that_acts() -> None:
    text = f"{ESCAPE}{CSI}{OVERRIDE}é“”\x7f\udcff"
    assert json.loads(to_json([text])) == [text]
    assert not ACTING.search(to_json([text]))
    assert "é“”" in to_json([text])


def test_the_other_letters_of_the_world_stay() -> None:
    text = "שלום, Zoë 山田 🙂 ‘quoted’\u200d"
    assert mark_controls(text) == strip_bidi(text) == text


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("CEO and co-founder (stated later in the transcript)", "CEO and co-founder"),
        ("founder (title not stated in the intro)", "founder"),
        ("founder (said of Crew and Unsplash)", "founder"),
        ("co-founder (CEO, as said in episode 86)", "co-founder (CEO)"),
        ("CEO, Fastly (at the time)", "CEO, Fastly"),
        ("chair (at the time of the interview); founder", "chair; founder"),
        ("founder; replaced himself as CEO (later in the transcript)", "founder; replaced himself as CEO"),
        ("Nothing Magical (Cheddar); Seesaw (named later in the transcript)", "Nothing Magical (Cheddar); Seesaw"),
        ("(named later in the transcript)", ""),
    ],
)
def test_a_remark_on_how_a_fact_is_known_is_not_shown(told: str, shown: str) -> None:
    assert strip_remarks(told) == shown


@pytest.mark.parametrize(
    "told",
    [
        "independent (formerly VP of engineering at Seesaw)",
        "founder (solo; designer and developer)",
        "founder, on sabbatical ('funemployed')",
        "Misty Robotics (formerly Sphero)",
        "Block (Square, Cash App, Tidal, TBD)",
        "chief executive (named in 2020)",
        "producer (Interview Magazine)",
        "founder (",
        ") founder (stated in the intro",
    ],
)
def test_a_fact_in_parentheses_stays_as_it_is(told: str) -> None:
    assert strip_remarks(told) == told


def test_a_remark_is_shown_nowhere_and_kept_in_the_card() -> None:
    leader = replace(LEADER, name="Ada", role="founder (stated in the intro)", company="Vance (named in this episode)")
    talk = replace(TALK, leaders=(leader,))
    passage = replace(PASSAGE, speaker="Ada")
    cited = replace(CITATION, interview=talk, passage=passage)
    drawn = draw_passage(passage, Transcript(talk, (Turn(0, "Ada", "leader", QUOTE),)), [cited])
    for shown in (drawn, draw_heading(talk), draw_leader(leader, [talk]), format_attribution(cited)):
        assert "founder" in shown
        assert "stated" not in shown
        assert "named in" not in shown
    assert list_facets([talk]).companies == (Facet("Vance", 1),)
    assert matches(talk, Query("", companies=("vance",)))
    assert matches(talk, Query("", companies=("Vance (named in this episode)",)))
    assert leader.role == "founder (stated in the intro)"


def test_on_a_page_names_turn_nothing_around_and_the_quotation_keeps_every_character() -> None:
    turn = Turn(0, LEADER.name, "leader", QUOTE)
    for drawn in (
        draw_heading(TALK),
        draw_interview(TALK),
        draw_leader(LEADER, [TALK]),
        draw_table(("File",), [(TALK.source,)]),
    ):
        assert not ACTING.search(drawn)
    assert "<bdi>A talk</bdi>" in draw_interview(TALK)
    card = draw_passage(PASSAGE, Transcript(TALK, (turn,)), [CITATION])
    assert f"<mark>{QUOTE}</mark>" in card
    assert QUOTE in draw_turn(turn, TALK)
    assert not ACTING.search(card.replace(QUOTE, ""))


def test_what_is_copied_holds_the_quotation_as_it_is_and_names_without_marks() -> None:
    pasted = format_attribution(CITATION)
    assert f"“{QUOTE}”" in pasted
    assert "— Ada Vance, chief, Vance & Co. A talk, Show, 2020." in pasted


def test_what_a_language_model_writes_turns_nothing_around() -> None:
    parts = (SentencePart("words", f"Ada says{OVERRIDE}: "), SentencePart("quotation", QUOTE, CITATION))
    drawn = draw_written(Synthesis((), (CheckedSentence("", parts, "verified"),), f"and{OVERRIDE}", is_done=True))
    assert f"“<bdi>{QUOTE}</bdi>”" in drawn
    assert not ACTING.search(drawn.replace(QUOTE, ""))


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an interview whose title and words hold what acts on a terminal."""
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "soup.md").write_text(HOSTILE, encoding="utf-8")
    with closing(KnowledgeBase.open(Settings.from_env())) as knowledge_base:
        ingest_paths([folder], knowledge_base)
        (found,) = knowledge_base.search(Query("posters", limit=1))
        assert ACTING.search(found.passage.text)
    return folder


def test_no_command_sends_a_terminal_what_acts_on_it(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (hostile / f"bad{ESCAPE}\nrefused: good.md").write_bytes(b"")
    capsys.readouterr()
    for command in (["search", "posters"], ["ask", "Did posters help?"], ["compare", "posters", "a\x1b", "b"]):
        main(command)
    for command in (["list"], ["inspect", str(hostile / "soup.md")], [str(hostile)], ["remove", ESCAPE]):
        ingest_main(command)
    printed = "\n".join(capsys.readouterr())
    assert not ACTING.search(printed)
    assert "posters\ufffd31m did nothing at all" in printed
    assert "refused: bad␛[31m␊refused: good.md" in printed


def test_json_of_the_commands_holds_the_words_as_they_are(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["search", "posters", "--json"]) == 0
    printed = capsys.readouterr().out
    assert not ACTING.search(printed)
    assert f"the {ESCAPE}posters{CSI} did {OVERRIDE}nothing" in json.loads(printed)[0]["text"]
    assert ingest_main(["inspect", str(hostile / "soup.md"), "--json"]) == 0
    turns = json.loads(capsys.readouterr().out)["turns"]
    assert any(f"the {ESCAPE}posters{CSI} did {OVERRIDE}nothing" in turn["text"] for turn in turns)


def test_nothing_is_printed_past_the_door_that_marks_it() -> None:
    doors = [path for package in ("kb", "ingest") for path in (ROOT / package / "cli").glob("*.py")]
    prints = {
        path.relative_to(ROOT).as_posix() for path in doors if re.search(r"\bprint\(", path.read_text(encoding="utf-8"))
    }
    assert prints == {"kb/cli/terminal.py", "kb/cli/log.py"}


@pytest.mark.parametrize("command", [main, ingest_main])
def test_an_option_that_there_is_none_of_does_not_act_on_the_terminal(
    command: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A file may be called so, and a shell puts it in the place of a star."""
    with pytest.raises(SystemExit):
        command(["list" if command is ingest_main else "status", f"--{ESCAPE}[2J"])
    printed = capsys.readouterr().err
    assert "unrecognized arguments: --␛" in printed
    assert not ACTING.search(printed)
