"""The screens, driven without a browser: what they show and what they say when something is wrong."""

from __future__ import annotations

import ctypes
import gc
import re
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from conftest import SOUP
from screens import markup, open_page, rerun, shown
from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from ingest.pipeline import ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.pages.shared import WARMING, _warm, open_kb
from kb.retrieval.calibration import RULES
from kb.settings import Settings

QUESTION = "How do you get volunteers to care about soup?"


LEFT_BEHIND = """
import gc, weakref
from kb.pages.memory import COLLECT_EVERY, collect_garbage

class Left:
    pass

left = Left()
left.itself = left
gone = weakref.ref(left)
del left
gc.disable()
for _ in range(COLLECT_EVERY - 1):
    collect_garbage()
assert gone() is not None, "collected at every page"
collect_garbage()
assert gone() is None, "still there"
"""
FREE_MEMORY = """
import resource
from pathlib import Path
from kb.pages.memory import COLLECT_EVERY, collect_garbage

def resident():  # bytes. Source: proc_pid_statm(5)
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()

pieces = [bytes(2_000) for _ in range(50_000)]
kept = pieces[::100]  # so that no end of the heap is free, which goes back by itself
del pieces
before = resident()
for _ in range(COLLECT_EVERY):
    collect_garbage()
given_back = before - resident()
assert given_back > 50_000_000, given_back
assert len(kept) == 500
"""

pytestmark = pytest.mark.usefixtures("app_home")


def test_an_empty_knowledge_base_says_how_to_add_interviews() -> None:
    page = open_page("kb/pages/ask.py")
    assert "There are no interviews yet." in shown(page)
    assert "kb-ingest FOLDER" in shown(page)


def test_a_home_that_cannot_be_used_is_one_clear_line(app_home: Path) -> None:
    app_home.write_text("a file in the way")
    assert str(app_home) in shown(open_page("kb/pages/ask.py"))


@pytest.mark.usefixtures("filled_app_home")
def test_before_the_first_question_there_are_examples_and_filters_with_counts() -> None:
    page = open_page("kb/pages/ask.py")
    assert "How do leaders ignite shared passion?" in [button.label for button in page.button]
    assert "Mara Quill (1)" in page.multiselect(key="leader").options


@pytest.mark.usefixtures("filled_app_home")
def test_the_address_asks_the_question() -> None:
    page = open_page("kb/pages/ask.py", q=QUESTION)
    assert page.text_input(key="q").value == QUESTION
    assert "You let every volunteer sit down and eat beside the people who come in." in shown(page)
    assert 'href="#passage-1"' in markup(page)


@pytest.mark.usefixtures("filled_app_home")
@pytest.mark.parametrize(
    ("path", "address", "answered"),
    [
        ("kb/pages/ask.py", {}, '<p class="coverage" role="status"'),
        ("kb/pages/compare.py", {"by": "leader", "of": ["Mara Quill", "Otto Brandl"]}, "You let every volunteer"),
    ],
)
def test_an_answer_is_found_anew_when_the_thresholds_are_learnt_again(
    path: str, address: dict[str, str | list[str]], answered: str
) -> None:
    page = open_page(path, q=QUESTION, **address)
    assert answered in markup(page)
    opened = open_kb()
    opened._catalog.facts.save_calibration(RULES, opened.generation(), [9.0, 9.1, 9.2, 9.3])
    assert answered not in markup(rerun(page))


@pytest.mark.usefixtures("filled_app_home")
def test_the_address_limits_the_answer() -> None:
    page = open_page("kb/pages/ask.py", q="How do you treat your people?", leader=["Otto Brandl"])
    assert page.multiselect(key="leader").value == ["Otto Brandl"]
    assert "Otto Brandl" in shown(page)
    assert "volunteer" not in shown(page)


@pytest.mark.usefixtures("filled_app_home")
def test_a_filter_that_nobody_meets_is_named() -> None:
    page = open_page("kb/pages/ask.py", q=QUESTION, leader=["Nobody <b>"])
    assert "No interview here has Nobody <b>" in shown(page)


@pytest.mark.usefixtures("filled_app_home")
def test_asking_puts_the_question_into_the_address() -> None:
    page = open_page("kb/pages/ask.py")
    page.text_input(key="q").set_value(QUESTION)
    page.button[0].click().run()
    assert page.query_params["q"] == QUESTION


@pytest.mark.usefixtures("filled_app_home")
@pytest.mark.parametrize("question", ["", "   ", "x" * 10_001, "😀🎉", "リーダーはどうやって情熱を生むのか"])
def test_a_bad_question_gets_one_line_and_stays_in_its_field(question: str) -> None:
    page = open_page("kb/pages/ask.py")
    page.text_input(key="q").set_value(question)
    page.button[0].click().run()
    assert not page.exception
    assert markup(page).count('role="alert"') == 1
    assert page.text_input(key="q").value == question
    assert "q" not in page.query_params


@pytest.mark.usefixtures("filled_app_home")
def test_a_question_that_nobody_speaks_to_is_said_so() -> None:
    page = open_page("kb/pages/ask.py", q="Which telescope mirror coating reflects ultraviolet light?")
    assert "The interviews do not speak to this." in shown(page)
    assert 'class="group"' not in markup(page)


@pytest.mark.usefixtures("filled_app_home")
def test_a_refusal_within_filters_says_so() -> None:
    question = "Which telescope mirror coating reflects ultraviolet light?"
    page = open_page("kb/pages/ask.py", q=question, leader=["Otto Brandl"])
    assert "The interviews within these filters do not speak to this." in shown(page)


@pytest.mark.usefixtures("filled_app_home")
def test_a_refusal_names_whom_no_interview_mentions() -> None:
    page = open_page("kb/pages/ask.py", q="Which telescope mirror did Zebulon Quark polish in ultraviolet light?")
    assert "None of them mentions Zebulon or Quark." in shown(page)


@pytest.mark.usefixtures("filled_app_home")
def test_years_are_offered_newest_first() -> None:
    page = open_page("kb/pages/ask.py")
    assert page.multiselect(key="year").options == ["2021 (1)", "2019 (1)"]


@pytest.mark.usefixtures("filled_app_home")
def test_the_interview_page_marks_the_cited_words() -> None:
    page = open_page("kb/pages/interview.py", id="soup", turn="1", **{"from": "0", "to": "30"})
    assert "<mark>You do not talk about soup. Yo</mark>" in markup(page)
    assert markup(page).count('class="turn leader talk cited"') == 1


@pytest.mark.usefixtures("filled_app_home")
@pytest.mark.parametrize("turn", ["", "99", "-1", "x", "²", "9" * 5_000])
def test_a_turn_that_is_not_there_shows_the_interview_all_the_same(turn: str) -> None:
    assert "Soup for a city" in shown(open_page("kb/pages/interview.py", id="soup", turn=turn))


@pytest.mark.usefixtures("filled_app_home")
def test_an_interview_that_is_not_there_is_one_clear_line() -> None:
    assert "There is no interview '<b>x'" in shown(open_page("kb/pages/interview.py", id="<b>x"))


@pytest.mark.usefixtures("filled_app_home")
def test_browsing_finds_by_any_word_of_the_card() -> None:
    page = open_page("kb/pages/browse.py", find="ladle founder")
    assert "Soup for a city" in shown(page)
    assert "Running a mill" not in shown(page)


@pytest.mark.usefixtures("filled_app_home")
def test_browsing_leaders_lists_their_interviews() -> None:
    page = open_page("kb/pages/browse.py", view="Leaders", sector=["steel"])
    assert "Otto Brandl" in shown(page)
    assert 'href="interview?id=steel"' in markup(page)
    assert "Mara Quill" not in shown(page)


def test_browsing_is_filtered_as_asking_is(app_home: Path, interviews_folder: Path) -> None:
    soup, steel = interviews_folder / "soup.md", interviews_folder / "steel.md"
    soup.write_text(SOUP.replace("sector: food", "sector: Steel").replace("date: 2019-05-04\n", ""), encoding="utf-8")
    with closing(KnowledgeBase.open(Settings(home=app_home))) as knowledge_base:
        ingest_paths([soup, steel], knowledge_base)
    in_steel = shown(open_page("kb/pages/browse.py", sector=["steel"]))
    assert "Running a mill" in in_steel
    assert "Soup for a city" in in_steel
    in_2021 = shown(open_page("kb/pages/browse.py", year=["2021"]))
    assert "Running a mill" in in_2021
    assert "Soup for a city" not in in_2021  # whose year is not known


@pytest.mark.usefixtures("filled_app_home")
def test_the_first_page_says_how_much_there_is_to_ask() -> None:
    assert "2 leaders in 2 interviews, " in shown(open_page("kb/pages/ask.py"))


def wait_for_warming() -> None:
    """Wait until the threads that load models and learn thresholds have ended: they read the catalog too."""
    for name in (WARMING, "calibrate"):  # the first starts the second
        for thread in [one for one in threading.enumerate() if one.name == name]:
            thread.join()


def read_at_rerun(page: AppTest) -> list[str]:
    """The statements that another run of a page sends to the catalog."""
    wait_for_warming()
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engine = open_kb()._catalog.database._engine
    event.listen(engine, "before_cursor_execute", note)
    rerun(page)
    event.remove(engine, "before_cursor_execute", note)
    return statements


@pytest.mark.usefixtures("filled_app_home")
def test_a_rerun_without_a_question_asks_the_catalog_little_and_reads_neither_turns_nor_passages() -> None:
    statements = read_at_rerun(open_page("kb/pages/ask.py"))
    assert len(statements) <= 8, statements  # half of them begin a transaction
    assert not [one for one in statements if re.search(r"(FROM|JOIN) (turns|passages|passage_words)\b", one)]


@pytest.mark.usefixtures("filled_app_home")
@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("kb/pages/ask.py", {"q": QUESTION}),
        ("kb/pages/ask.py", {"q": "Which telescope mirror coating reflects ultraviolet light?"}),
        ("kb/pages/browse.py", {}),
        ("kb/pages/compare.py", {}),
        ("kb/pages/interview.py", {"id": "soup"}),
    ],
)
def test_a_rerun_reads_no_interview_that_has_not_changed(path: str, address: dict[str, str]) -> None:
    page = open_page(path, **address)
    before = shown(page)
    statements = read_at_rerun(page)
    assert shown(page) == before
    rows = [one for one in statements if "count(" not in one]
    assert not [one for one in rows if re.search(r"(FROM|JOIN) (interviews|leaders|turns|passages)\b", one)]


def test_a_rerun_shows_what_was_added_since(app_home: Path, interviews_folder: Path) -> None:
    with closing(KnowledgeBase.open(Settings(home=app_home))) as knowledge_base:
        ingest_paths([interviews_folder / "soup.md"], knowledge_base)
        page = open_page("kb/pages/browse.py")
        assert "Running a mill" not in shown(page)
        assert page.multiselect(key="leader").options == ["Mara Quill (1)"]
        ingest_paths([interviews_folder / "steel.md"], knowledge_base)
    assert "Running a mill" in shown(rerun(page))
    assert page.multiselect(key="leader").options == ["Mara Quill (1)", "Otto Brandl (1)"]


@pytest.mark.usefixtures("filled_app_home")
def test_without_samples_there_is_no_banner() -> None:
    assert "invented" not in shown(open_page("kb/pages/ask.py"))


def test_with_samples_there_is_a_banner_and_a_badge(app_home: Path, interviews_folder: Path) -> None:
    soup = interviews_folder / "soup.md"
    soup.write_text(soup.read_text(encoding="utf-8").replace("host:", "sample: true\nhost:", 1), encoding="utf-8")
    knowledge_base = KnowledgeBase.open(Settings(home=app_home))
    ingest_paths([interviews_folder], knowledge_base)
    knowledge_base.close()
    page = open_page("kb/pages/browse.py")
    assert "1 of the 2 interviews here are invented samples" in shown(page)
    assert markup(page).count('<span class="badge"') == 1


def test_what_is_loaded_is_left_out_of_the_collection_after_each_run(app_home: Path) -> None:
    with closing(open_kb()) as knowledge_base:
        for thread in threading.enumerate():
            if thread.name == WARMING:
                thread.join()  # each of them freezes, and one that starts late would thaw what is counted here
        _warm(knowledge_base)
        assert gc.get_freeze_count() > 50_000
        assert len(gc.get_objects()) < gc.get_freeze_count() / 5
    gc.unfreeze()


def test_what_pages_left_is_given_back_now_and_then() -> None:
    run_alone(LEFT_BEHIND)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux tells it")
def test_memory_that_is_free_goes_back_to_the_system() -> None:
    if not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("this C library hands nothing back")
    run_alone(FREE_MEMORY)


def run_alone(code: str) -> None:
    """Run code in a process of its own, where no other thread collects, freezes or frees."""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.usefixtures("filled_app_home")
def test_themes_are_browsed_a_page_at_a_time() -> None:
    page = open_page("kb/pages/browse.py", view="Themes")
    assert len(open_kb().themes()) > 100
    assert f"{len(open_kb().themes())} themes to ask about" in shown(page)
    assert markup(page).count('<article class="entry theme">') == 50
    found = open_page("kb/pages/browse.py", view="Themes", find="letting go")
    assert markup(found).count('<article class="entry theme">') == 2
