"""Two files of one talk are one interview with two sources: nothing is lost, nothing is doubled."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import SOUP, STEEL

from ingest.cli.main import main
from ingest.pipeline.report import Report
from ingest.pipeline.run import Options, ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings
from kb.storage.mending import Mending

HEAD = "---\ntitle: Bread for a street\nleaders:\n  - {name: Mara Quill}\nhost: Tom Verity\ndate: 2020-05-04\n---\n\n"
WORDS = (
    "oven flour baker morning street window neighbour bread crust salt water yeast shelf price winter summer table"
    " kitchen ladle apron market village river bridge corner school church letter paper ink hand eye voice song"
).split()


def speak(seed: int, turns: int = 12) -> list[tuple[str, str]]:
    """Invent a talk: who says what."""
    chance = random.Random(seed)
    said = [" ".join(chance.choices(WORDS, k=30)).capitalize() for _ in range(turns)]
    return [("Mara Quill" if place % 2 else "Tom Verity", f"{text}.") for place, text in enumerate(said)]


def plain(talk: Sequence[tuple[str, str]]) -> str:
    return HEAD + "\n\n".join(text for _, text in talk) + "\n"


def labelled(talk: Sequence[tuple[str, str]]) -> str:
    return HEAD + "\n\n".join(f"**{name}:** {text}" for name, text in talk) + "\n"


def timed(talk: Sequence[tuple[str, str]]) -> str:
    said = enumerate(talk)
    return HEAD + "\n\n".join(f"**{name}:** [00:{place:02}:00] {text}" for place, (name, text) in said) + "\n"


def outcomes(report: Report) -> dict[str, str]:
    return {file.source: file.outcome for file in report}


def ids(knowledge_base: KnowledgeBase) -> list[str]:
    return sorted(interview.id for interview in knowledge_base.interviews())


def read_from(knowledge_base: KnowledgeBase, interview_id: str) -> str:
    return knowledge_base.transcript(interview_id).interview.source


def seconds(knowledge_base: KnowledgeBase, interview_id: str) -> list[str]:
    return [one.name for one in knowledge_base.second_sources.of(interview_id)]


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    folder = tmp_path / "talks"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("names", [("a.md", "b.md"), ("b.md", "a.md")], ids=["the poor first", "the good first"])
@pytest.mark.parametrize("runs", [1, 2])
def test_the_better_file_is_read_and_the_other_is_a_second_source(
    knowledge_base: KnowledgeBase, talks: Path, names: tuple[str, str], runs: int
) -> None:
    poor, good = names
    texts = {poor: labelled(speak(1)), good: timed(speak(1))}
    for name, text in sorted(texts.items()):
        (talks / name).write_text(text, encoding="utf-8")
        if runs == 2:
            ingest_paths([talks], knowledge_base)
    ingest_paths([talks], knowledge_base)
    assert ids(knowledge_base) == ["a"]
    assert (read_from(knowledge_base, "a"), seconds(knowledge_base, "a")) == (good, [poor])
    assert knowledge_base.transcript("a").turns[1].start == 60.0
    assert outcomes(ingest_paths([talks], knowledge_base)) == {"a.md": "unchanged", "b.md": "unchanged"}
    assert knowledge_base.examine() == []
    hits = knowledge_base.search(Query("the oven and the neighbour"))
    assert len({hit.passage.text for hit in hits}) == len(hits)  # nothing is found twice


def test_of_three_files_the_best_is_read(knowledge_base: KnowledgeBase, talks: Path) -> None:
    for name, text in (("a.md", plain(speak(1))), ("b.md", timed(speak(1))), ("c.md", labelled(speak(1)))):
        (talks / name).write_text(text, encoding="utf-8")
    ingest_paths([talks], knowledge_base)
    assert (ids(knowledge_base), read_from(knowledge_base, "a")) == (["a"], "b.md")
    assert sorted(seconds(knowledge_base, "a")) == ["a.md", "c.md"]


def test_a_correction_of_a_person_holds_when_the_other_file_is_read(knowledge_base: KnowledgeBase, talks: Path) -> None:
    (talks / "a.md").write_text(labelled(speak(1)), encoding="utf-8")
    ingest_paths([talks], knowledge_base)
    change = Mending({"title": "A title of mine", "date": "2021-01-02"}, {"Mara Quill": {"name": "Mara Quill-Jones"}})
    knowledge_base.mends.mend("a", change)
    (talks / "b.md").write_text(timed(speak(1)), encoding="utf-8")
    ingest_paths([talks], knowledge_base)
    card = knowledge_base.transcript("a").interview
    assert (card.title, card.leader_names, card.source) == ("A title of mine", ("Mara Quill-Jones",), "b.md")
    assert (ids(knowledge_base), seconds(knowledge_base, "a")) == (["a"], ["a.md"])


def test_two_talks_with_one_introduction_stay_two(knowledge_base: KnowledgeBase, talks: Path) -> None:
    opening, first, second = speak(9, turns=8), speak(1), speak(2)
    (talks / "a.md").write_text(labelled([*opening, *first]), encoding="utf-8")
    (talks / "b.md").write_text(labelled([*opening, *second]), encoding="utf-8")
    ingest_paths([talks], knowledge_base)
    assert ids(knowledge_base) == ["a", "b"]


def test_two_talks_with_the_same_questions_stay_two(knowledge_base: KnowledgeBase, talks: Path) -> None:
    first, second = speak(1, turns=20), speak(2, turns=20)
    asked = [one if place % 2 == 0 else other for place, (one, other) in enumerate(zip(first, second, strict=True))]
    (talks / "a.md").write_text(labelled(first), encoding="utf-8")
    (talks / "b.md").write_text(labelled([(name, text) for name, text in asked]), encoding="utf-8")
    ingest_paths([talks], knowledge_base)
    assert ids(knowledge_base) == ["a", "b"]


def test_a_part_of_a_talk_hides_nothing_of_the_whole(knowledge_base: KnowledgeBase, talks: Path) -> None:
    whole = speak(1, turns=20)
    (talks / "a.md").write_text(timed(whole[:8]), encoding="utf-8")
    (talks / "b.md").write_text(labelled(whole), encoding="utf-8")
    report = ingest_paths([talks], knowledge_base)
    assert ids(knowledge_base) == ["a", "b"]
    assert any("same talk as a.md" in one for file in report for one in file.warnings)


def both(knowledge_base: KnowledgeBase, talks: Path) -> None:
    (talks / "a.md").write_text(labelled(speak(1)), encoding="utf-8")
    (talks / "b.md").write_text(timed(speak(1)), encoding="utf-8")
    ingest_paths([talks], knowledge_base)


@pytest.mark.parametrize("prune", [False, True])
def test_when_the_file_that_is_read_is_removed_the_second_takes_over(
    knowledge_base: KnowledgeBase, talks: Path, prune: bool
) -> None:
    both(knowledge_base, talks)
    (talks / "b.md").unlink()
    report = ingest_paths([talks], knowledge_base, Options(prune=prune))
    assert outcomes(report) == {"a.md": "updated"}
    assert (ids(knowledge_base), read_from(knowledge_base, "a")) == (["a"], "a.md")
    assert (seconds(knowledge_base, "a"), knowledge_base.examine()) == ([], [])
    (talks / "a.md").unlink()
    assert outcomes(ingest_paths([talks], knowledge_base, Options(prune=True))) == {"a.md": "removed"}
    assert ids(knowledge_base) == []


def test_when_the_second_file_is_removed_it_is_told_and_with_prune_forgotten(
    knowledge_base: KnowledgeBase, talks: Path
) -> None:
    both(knowledge_base, talks)
    (talks / "a.md").unlink()
    assert outcomes(ingest_paths([talks], knowledge_base)) == {"a.md": "missing", "b.md": "unchanged"}
    (finding,) = knowledge_base.examine()
    assert ("its second file has gone" in finding.text, finding.is_problem) == (True, False)
    assert outcomes(ingest_paths([talks], knowledge_base, Options(prune=True)))["a.md"] == "removed"
    assert (ids(knowledge_base), seconds(knowledge_base, "a")) == (["a"], [])


@pytest.mark.parametrize("name", ["a.md", "b.md"])
def test_a_file_with_a_new_name_stays_what_it_was(knowledge_base: KnowledgeBase, talks: Path, name: str) -> None:
    both(knowledge_base, talks)
    (talks / name).rename(talks / f"new {name}")
    ingest_paths([talks], knowledge_base, Options(prune=True))
    names = {name: name, f"{'b' if name == 'a.md' else 'a'}.md": f"{'b' if name == 'a.md' else 'a'}.md"}
    names[name] = f"new {name}"
    assert ids(knowledge_base) == ["a"]
    assert (read_from(knowledge_base, "a"), seconds(knowledge_base, "a")) == (names["b.md"], [names["a.md"]])


def test_a_second_file_with_another_talk_in_it_becomes_an_interview(knowledge_base: KnowledgeBase, talks: Path) -> None:
    both(knowledge_base, talks)
    (talks / "a.md").write_text(labelled(speak(5)), encoding="utf-8")
    assert outcomes(ingest_paths([talks], knowledge_base)) == {"a.md": "added", "b.md": "unchanged"}
    assert (len(ids(knowledge_base)), seconds(knowledge_base, "a")) == (2, [])


def test_when_the_file_that_is_read_gets_another_talk_the_second_is_not_lost(
    knowledge_base: KnowledgeBase, talks: Path
) -> None:
    both(knowledge_base, talks)
    (talks / "b.md").write_text(timed(speak(5)), encoding="utf-8")
    assert outcomes(ingest_paths([talks], knowledge_base)) == {"a.md": "added", "b.md": "updated"}
    assert len(ids(knowledge_base)) == 2
    found = {one.source for one in knowledge_base.interviews()}
    assert (found, knowledge_base.second_sources.all()) == ({"a.md", "b.md"}, {})


def test_a_better_second_file_is_read_when_it_changes(knowledge_base: KnowledgeBase, talks: Path) -> None:
    (talks / "a.md").write_text(labelled(speak(1)), encoding="utf-8")
    (talks / "b.md").write_text(plain(speak(1)), encoding="utf-8")
    ingest_paths([talks], knowledge_base)
    assert (read_from(knowledge_base, "a"), seconds(knowledge_base, "a")) == ("a.md", ["b.md"])
    (talks / "b.md").write_text(timed(speak(1)), encoding="utf-8")
    (report,) = ingest_paths([talks], knowledge_base).of("updated")
    assert report.reason == "read instead of a.md, which stays a second source of the same interview"
    assert (read_from(knowledge_base, "a"), seconds(knowledge_base, "a")) == ("b.md", ["a.md"])


def test_reading_everything_again_changes_nothing(knowledge_base: KnowledgeBase, talks: Path) -> None:
    both(knowledge_base, talks)
    ingest_paths([talks], knowledge_base, Options(rebuild=True))
    assert (ids(knowledge_base), read_from(knowledge_base, "a")) == (["a"], "b.md")
    assert seconds(knowledge_base, "a") == ["a.md"]


def test_a_person_may_keep_both(
    tmp_path: Path, talks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    (talks / "a.md").write_text(timed(speak(1)), encoding="utf-8")
    (talks / "b.md").write_text(labelled(speak(1)), encoding="utf-8")
    assert main([str(talks)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("1 added, 1 second source; ")
    assert told[1] == (
        "second source: b.md: the same talk as a.md, which is read; --keep-both makes it an interview of its own"
    )
    assert main(["list"]) == 0
    assert capsys.readouterr().out.splitlines() == ["a\ta.md\tBread for a street\talso b.md"]
    assert main([str(talks / "b.md"), "--keep-both"]) == 0
    assert capsys.readouterr().out.startswith("1 added; ")
    assert main([str(talks)]) == 0
    assert capsys.readouterr().out.splitlines() == ["2 unchanged; 0 passages embedded"]
    with closing(KnowledgeBase.open(Settings(home=tmp_path / "home"))) as opened:
        assert (ids(opened), opened.second_sources.all()) == (["a", "b"], {})


def test_two_runs_at_once_do_not_double_a_talk(knowledge_base: KnowledgeBase, tmp_path: Path) -> None:
    folders = [tmp_path / f"folder-{number}" for number in range(4)]
    for number, folder in enumerate(folders):
        folder.mkdir()
        (folder / f"{number}.md").write_text((timed if number == 2 else labelled)(speak(1)), encoding="utf-8")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda folder: ingest_paths([folder], knowledge_base), folders))
    (found,) = knowledge_base.interviews()
    assert (found.source, len(seconds(knowledge_base, found.id))) == ("2.md", 3)
    assert knowledge_base.examine() == []


def test_an_interview_that_is_removed_in_the_app_stays_out_with_all_its_files_until_it_is_put_back(
    knowledge_base: KnowledgeBase, talks: Path
) -> None:
    both(knowledge_base, talks)
    removed = knowledge_base.mends.take_out(["a"])
    assert outcomes(ingest_paths([talks], knowledge_base)) == {"a.md": "left out", "b.md": "left out"}
    knowledge_base.mends.put_back(removed)
    assert outcomes(ingest_paths([talks], knowledge_base)) == {"a.md": "unchanged", "b.md": "unchanged"}
    assert (ids(knowledge_base), seconds(knowledge_base, "a")) == (["a"], ["a.md"])


def test_second_sources_are_in_a_backup_and_move_with_the_home(
    knowledge_base: KnowledgeBase, settings: Settings, tmp_path: Path
) -> None:
    uploads = settings.home / "uploads"
    uploads.mkdir()
    both(knowledge_base, uploads)
    knowledge_base.back_up(tmp_path / "backup.zip")
    elsewhere = Settings(home=tmp_path / "elsewhere")
    KnowledgeBase.restore(tmp_path / "backup.zip", elsewhere)
    with closing(KnowledgeBase.open(elsewhere)) as restored:
        (one,) = restored.second_sources.of("a")
        assert one.path == str(elsewhere.home / "uploads" / "a.md")
        report = ingest_paths([elsewhere.home / "uploads"], restored)
        assert outcomes(report) == {"a.md": "unchanged", "b.md": "unchanged"}


def test_a_file_is_found_among_second_sources_by_one_look_up(knowledge_base: KnowledgeBase, talks: Path) -> None:
    both(knowledge_base, talks)
    odd = str(talks / '100%_"half"\\ \u00e9\U0001f600.md')
    (one,) = knowledge_base.second_sources.of("a")
    knowledge_base.second_sources.add("a", replace(one, path=odd, sha256="0" * 64))
    assert knowledge_base.second_sources.find(odd) == ("a", replace(one, path=odd, sha256="0" * 64))
    assert knowledge_base.second_sources.find(odd.replace("%", "x")) is None
    assert knowledge_base.second_sources.find(str(talks / "A.md")) is None
    # A row of another interview is not looked at, whatever it holds.
    with knowledge_base._catalog.database.transaction() as connection:
        connection.exec_driver_sql("INSERT INTO facts VALUES ('sources:other', '[1]')")
    knowledge_base.second_sources.forget(odd)
    assert knowledge_base.second_sources.of("a") == (one,)


def test_short_talks_are_told_and_both_are_kept(knowledge_base: KnowledgeBase, talks: Path) -> None:
    (talks / "a.md").write_text(SOUP, encoding="utf-8")
    (talks / "b.md").write_text(SOUP.replace("posters", "leaflets"), encoding="utf-8")
    (talks / "c.md").write_text(STEEL, encoding="utf-8")
    report = ingest_paths([talks], knowledge_base)
    assert outcomes(report) == dict.fromkeys(("a.md", "b.md", "c.md"), "added")
    assert [file.source for file in report if file.warnings] == ["b.md"]


def test_a_damaged_note_of_a_second_source_is_told_by_the_doctor(knowledge_base: KnowledgeBase, talks: Path) -> None:
    both(knowledge_base, talks)
    with knowledge_base._catalog.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE facts SET value = '[1]' WHERE key = 'sources:a'")
    assert "a second source of an interview is not named as it should be" in knowledge_base.examine()[0].text


def test_the_real_interviews_are_all_kept(founders_talk: Path) -> None:
    from itertools import combinations

    from ingest.pipeline.run import inspect_file
    from ingest.pipeline.same_talk import is_one_interview, is_same_talk, sketch

    read = [inspect_file(path).transcript for path in sorted(founders_talk.rglob("transcripts/*.md"))]
    sketches = [sketch(one) for one in read]
    assert len(read) == 50
    assert not any(is_same_talk(one, other) for one, other in combinations(sketches, 2))
    assert all(is_one_interview(one, one) for one in read[:5])
