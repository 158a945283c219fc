"""Learning from people's judgements in a real knowledge base: what it changes, what it survives, how it goes back."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from screens import open_page, shown
from sqlalchemy import update

from ingest.pipeline import ingest_paths
from kb.cli.main import main
from kb.errors import StoreUnavailable
from kb.exports.pack.material import gather
from kb.knowledge_base import KnowledgeBase
from kb.lens.correction import write_correction
from kb.lens.evidence import LensQuotation
from kb.lens.framework import load_framework
from kb.model import Query
from kb.pages.cards import locate
from kb.settings import Settings
from kb.storage.schema import facts
from kb.storage.sqlite import SqliteDatabase

PAGE = "kb/pages/lens.py"
# A framework of one's own, so that nothing here rests on the weights that are shipped.
ROOMS = """
name: Rooms
attracts:
  - id: table
    name: Eats with people
    description: Eats with the people who do the work.
    phrasings: [We all ate together at one long table.]
  - id: keys
    name: Hands over the keys
    description: Lets people decide.
    phrasings: [I gave them the keys and let them decide.]
drives_away:
  - id: shout
    name: Shouts
    description: Shouts at people.
    phrasings: [He shouted at the crew in front of everybody.]
"""
LEADERS = "Ada Vance, Bo Lind, Cy Marsh, Di Roth, Ed Falk, Flo Kerr, Gil Storm, Hal Wren, Ida Bloom, Jo Teal".split(
    ", "
)
PLACES = "bakery, tannery, foundry, brewery, printing house, glass works, shipyard, sawmill, dairy, quarry".split(", ")
# An answer of forty words is a passage of its own.
REST = (
    "The machines were old, and the market was far away. We rewrote the accounts in the second year, because the old"
    " ones were too slow, and the customers wanted their bread, their leather or their glass by the end of the week."
)
DAYS = ("on Mondays", "in the first winter", "after the long shift")


def write_interviews(folder: Path) -> None:
    """Interviews in which each leader eats with people and hands over the keys, three times each."""
    folder.mkdir()
    for leader, place in zip(LEADERS, PLACES, strict=True):
        said = [
            f"{text.format(place=place, day=day)} {REST}"
            for day in DAYS
            for text in (
                "In the {place} we all ate together at one long table {day}.",
                "In the {place} I gave them the keys {day} and let them decide.",
            )
        ]
        talk = "\n\n".join(
            f"**Max Ruh:** And what happened then, {leader}, in the {place}?\n\n**{leader}:** {one}" for one in said
        )
        card = f"---\ntitle: {leader} on the {place}\nleaders:\n  - {{name: {leader}, company: {leader} & Co}}\n"
        (folder / f"{leader}.md").write_text(f"{card}host: Max Ruh\n---\n\n{talk}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the interviews in it, to be copied."""
    folder = tmp_path_factory.mktemp("rooms")
    write_interviews(folder / "talks")
    (folder / "rooms.yaml").write_text(ROOMS, encoding="utf-8")
    with closing(KnowledgeBase.open(Settings(home=folder / "home"))) as opened:
        ingest_paths([folder / "talks"], opened)
    return folder


@pytest.fixture
def own(read_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The settings of a home with a framework of one's own, in the environment too."""
    shutil.copytree(read_once / "home", tmp_path / "home")
    shutil.copy(read_once / "rooms.yaml", tmp_path)
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KB_LENS", str(tmp_path / "rooms.yaml"))
    yield Settings.from_env()
    st.cache_resource.clear()


@pytest.fixture
def opened(own: Settings) -> Iterator[KnowledgeBase]:
    with closing(KnowledgeBase.open(own)) as made:
        yield made


def judge(knowledge_base: KnowledgeBase, one: LensQuotation, person: str, *, holds: bool) -> None:
    cited = one.citation
    knowledge_base.lens.tags.judge(person, cited.interview.id, locate(cited), one.behaviour_id, holds=holds)


def judge_by_rule(knowledge_base: KnowledgeBase, person: str = "Ann", leaders: int = 7) -> tuple[int, int]:
    """A person rejects all of one behaviour and confirms all of another, in the interviews of some leaders.

    Returns how many passages they rejected, and how many they confirmed.
    """
    counts = []
    for behaviour, holds in (("table", False), ("keys", True)):
        of_some = [
            one for one in knowledge_base.lens.passages(behaviour) if one.citation.leader.name in LEADERS[:leaders]
        ]
        for one in of_some:
            judge(knowledge_base, one, person, holds=holds)
        counts.append(len(of_some))
    return counts[0], counts[1]


def leaders_of(knowledge_base: KnowledgeBase, behaviour: str) -> set[str]:
    return {one.citation.leader.name for one in knowledge_base.lens.passages(behaviour)}


def test_what_people_reject_and_confirm_changes_what_is_shown_of_others(opened: KnowledgeBase) -> None:
    assert leaders_of(opened, "table") == leaders_of(opened, "keys") == set(LEADERS)
    judged = sum(judge_by_rule(opened))
    assert leaders_of(opened, "table") == set(LEADERS[7:])
    version = opened.lens.version()
    found = opened.lens.learn()
    assert found.correction is not None
    assert (found.judgements, found.interviews, found.before, found.after) == (judged, 7, 0.5, 1.0)
    assert version != opened.lens.version()
    assert leaders_of(opened, "table") == set()
    assert leaders_of(opened, "keys") == set(LEADERS)
    evidence = opened.lens.evidence()
    assert (evidence.judgements, evidence.is_learnt) == (judged, False)
    assert {one.behaviour_id for one in evidence.quotations} == {"keys"}
    (text,) = opened.lens.judge(["In the mill we all ate together at one long table."])
    assert opened.lens.learnt.forget()
    (text_as_it_was,) = opened.lens.judge(["In the mill we all ate together at one long table."])
    assert text != text_as_it_was
    assert leaders_of(opened, "table") == set(LEADERS[7:])
    assert opened.lens.evidence().judgements == 0
    assert not opened.lens.learnt.forget()


def test_the_page_says_from_how_many_judgements_it_was_learnt(opened: KnowledgeBase) -> None:
    assert "learnt anew" not in shown(open_page(PAGE))
    rejected, confirmed = judge_by_rule(opened)
    judged = rejected + confirmed
    opened.lens.learn()
    assert f"The machine learnt anew from {judged} judgements of people in 7 interviews" in shown(open_page(PAGE))
    assert "100% of them, confirmed and rejected counted alike, and agreed with 50%" in shown(open_page(PAGE))
    spoil(opened, "nonsense")
    st.cache_resource.clear()
    assert "What the lens learnt from people is damaged and not used" in shown(open_page(PAGE))


def test_a_pack_is_made_by_what_was_learnt(opened: KnowledgeBase) -> None:
    asked = Query("Which behaviours attract people to a shared cause?")
    assert {"Eats with people", "Hands over the keys"} <= name_topics(opened, asked)
    judge_by_rule(opened)
    opened.lens.learn()
    assert "Eats with people" not in name_topics(opened, asked)


def name_topics(knowledge_base: KnowledgeBase, asked: Query) -> set[str]:
    return {topic.heading for one in gather(knowledge_base, asked).candidates for topic, _ in one.topics}


def test_a_trial_changes_nothing(opened: KnowledgeBase) -> None:
    judge_by_rule(opened)
    version = opened.lens.version()
    assert opened.lens.learn(keep=False).correction is not None
    assert (opened.lens.version(), opened.lens.learnt.state().correction) == (version, None)


def test_where_people_agree_with_the_lens_nothing_is_learnt_and_what_was_is_dropped(opened: KnowledgeBase) -> None:
    judge_by_rule(opened)
    opened.lens.learn()
    for tag in opened.lens.tags.tags():
        opened.lens.tags.withdraw(tag.id)
    few = opened.lens.learn()
    assert "0 judgements of people in 0 interviews; still needed: 30 more judgements" in few.reason
    assert opened.lens.learnt.state().correction is None
    assert leaders_of(opened, "table") == set(LEADERS)


def test_labels_by_chance_are_not_learnt(opened: KnowledgeBase) -> None:
    for behaviour in ("table", "keys"):
        for number, one in enumerate(opened.lens.passages(behaviour)):
            judge(opened, one, "Ann", holds=hash((number * 7 + 3) % 5) % 2 == 0)
    found = opened.lens.learn()
    assert found.correction is None
    assert "does not surely agree better" in found.reason


def test_two_who_learn_at_once_leave_one_whole_correction(opened: KnowledgeBase, own: Settings) -> None:
    judge_by_rule(opened)
    made = opened.lens.learn().correction
    assert made is not None
    failed: list[BaseException] = []

    def write(used: KnowledgeBase, number: int) -> None:
        try:
            for _ in range(20):
                used.lens.learnt.keep(replace(made, judgements=number))
                known = used.lens.learnt.state()
                assert known.problem == ""
                assert known.correction is not None
                assert known.correction.judgements in (100, 200)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    with closing(KnowledgeBase.open(own)) as other:
        threads = [threading.Thread(target=write, args=pair) for pair in ((opened, 100), (other, 200))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert opened.lens.learnt.state() == other.lens.learnt.state()
        other.lens.learnt.forget()
    assert opened.lens.learnt.state().correction is None


def test_a_backup_brings_it_back(opened: KnowledgeBase, own: Settings, tmp_path: Path) -> None:
    judge_by_rule(opened)
    made = opened.lens.learn().correction
    opened.back_up(tmp_path / "kept.zip")
    other = replace(own, home=tmp_path / "other")
    KnowledgeBase.restore(tmp_path / "kept.zip", other)
    with closing(KnowledgeBase.open(other)) as restored:
        assert restored.lens.learnt.state().correction == made
        assert leaders_of(restored, "table") == set()


def spoil(knowledge_base: KnowledgeBase, value: str) -> None:
    """Put something else where the correction is kept."""
    with knowledge_base._catalog.database.transaction() as connection:
        connection.execute(update(facts).where(facts.c.key.startswith("learnt:")).values(value=value))


def test_what_is_damaged_is_one_line_and_not_used(
    opened: KnowledgeBase, own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    judge_by_rule(opened)
    opened.lens.learn()
    spoil(opened, "nonsense")
    assert main(["lens"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("kb: What the lens learnt from people is damaged and not used")
    assert line.endswith("run: kb lens learn")
    assert main(["doctor"]) == 0
    assert "note: What the lens learnt from people is damaged" in capsys.readouterr().out
    with closing(KnowledgeBase.open(own)) as other:
        assert leaders_of(other, "table") == set(LEADERS[7:])
    assert main(["lens", "learn"]) == 0
    assert main(["doctor"]) == 0
    assert "damaged" not in capsys.readouterr().out


def test_with_another_framework_or_other_weights_it_is_not_used_and_the_check_says_what_to_run(
    opened: KnowledgeBase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judged = sum(judge_by_rule(opened))
    made = opened.lens.learn().correction
    assert made is not None
    spoil(opened, write_correction(replace(made, basis="weights of another version")))
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert (
        f"note: What the lens learnt from {judged} judgements of people, for other weights or another framework"
        in printed
    )
    assert "run: kb lens learn" in printed
    spoil(opened, write_correction(made))
    assert main(["doctor"]) == 0
    assert "note: What the lens learnt" not in capsys.readouterr().out
    load_framework.cache_clear()  # a process reads a framework once
    (tmp_path / "rooms.yaml").write_text(ROOMS.replace("Lets people decide.", "Lets others decide."), encoding="utf-8")
    assert main(["lens"]) == 0
    assert "another framework, is not used" in capsys.readouterr().err
    load_framework.cache_clear()
    (tmp_path / "rooms.yaml").write_text(ROOMS.replace("name: Rooms", "name: Halls"), encoding="utf-8")
    assert main(["lens"]) == 0
    assert capsys.readouterr().err == ""


def test_the_command_prints_a_table_and_goes_back(opened: KnowledgeBase, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lens", "learn"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("kb: not learnt. There are 0 judgements of people in 0 interviews; still needed: 30 more")
    rejected, confirmed = judge_by_rule(opened)
    judged = rejected + confirmed
    assert main(["lens", "learn", "--dry-run"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["tags", "interviews", "before", "after"]
    assert [one.split()[-4:] for one in printed[1:4]] == [
        [f"{rejected}", "7", "0", f"{rejected}"],
        [f"{confirmed}", "7", f"{confirmed}", f"{confirmed}"],
        [f"{judged}", "7", f"{confirmed}", f"{judged}"],
    ]
    assert printed[-1] == "Nothing was changed."
    assert opened.lens.learnt.state().correction is None
    assert main(["lens", "learn", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["judgements"], told["interviews"], told["before"], told["after"]) == (judged, 7, 0.5, 1.0)
    assert (told["better"], told["used"], told["reason"]) == (True, True, None)
    assert main(["lens"]) == 0
    assert f"Learnt anew from {judged} judgements of people." in capsys.readouterr().out
    assert main(["lens", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["judgements"] == judged
    assert main(["lens", "learn", "--forget"]) == 0
    assert "Forgotten" in capsys.readouterr().out
    assert main(["lens", "learn", "--forget"]) == 1
    assert "nothing had been learnt" in capsys.readouterr().err
    assert main(["lens", "--forget"]) == 2
    assert "run: kb lens learn" in capsys.readouterr().err


def test_a_home_that_can_only_be_read_says_so_and_can_be_tried(
    opened: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by_rule(opened)
    monkeypatch.setattr(SqliteDatabase, "is_read_only", True)
    for act in (opened.lens.learn, opened.lens.learnt.forget):
        with pytest.raises(StoreUnavailable, match="can only be read"):
            act()
    assert opened.lens.learn(keep=False).correction is not None
