"""The benches' questions: drafts with quotations become places, and places become quotations again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import SHARED

from bench import growth, ingest, latency, quality
from bench.inputs import MissingInput, open_corpus
from bench.questions import make
from bench.questions.places import Place, locate_quote, read_slice
from bench.questions.reader import QUESTIONS, read_queries, read_questions
from kb.errors import BadQuestion
from kb.retrieval.evaluation import Gold

CORPUS = Path(__file__).parent.parent / "corpus"
TABLE = "Nobody who has shared a table with a neighbour needs a speech"
DOCK = "I stood on the loading dock at six in the morning"
SPECIFIC = {"type": "specific", "query": "Who stood outside at dawn?", "gold": [{"file": "steel.md", "quote": DOCK}]}
SPEAKER = {"type": "speaker", "query": "What does Mara Quill eat?", "gold": [{"file": "soup.md", "quote": TABLE}]}
NOBODY = {"type": "unanswerable", "query": "How do you buy a ship?", "gold": []}


def write_lines(path: Path, *rows: Mapping[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def make_set(folder: Path, out: Path, *drafts: Mapping[str, object]) -> int:
    """Run the command over drafts that lie beside the set."""
    draft = write_lines(out.with_name("draft.jsonl"), *drafts)
    return make.main([str(draft), "--corpus", str(folder), "--out", str(out)])


def write_theme(folder: Path, *names: str) -> list[dict[str, str]]:
    """Interviews that speak to a theme, and their gold."""
    for name in names:
        (folder / name).write_text(f"**Ada Vance:** We eat together at {name}, each Friday.\n", encoding="utf-8")
    return [{"file": name, "quote": f"We eat together at {name}"} for name in names]


def test_a_place_holds_no_words_and_gives_them_back() -> None:
    place = locate_quote("a.md", "one two three", "two three")
    assert place == Place("a.md", 4, 13, "1ab23de9e663")
    assert read_slice(place, "one two three and more") == "two three"
    assert read_slice(place, "And one two three") is None


@pytest.mark.parametrize("text", ["nothing of the kind", "soup and soup"])
def test_a_quotation_that_is_not_found_exactly_once_is_refused(text: str) -> None:
    with pytest.raises(
        BadQuestion, match=r"^a\.md holds these words [02] times; quote words that it holds once: 'soup'$"
    ):
        locate_quote("a.md", text, "soup")


def test_the_questions_over_the_samples_quote_what_their_leaders_say() -> None:
    questions = read_questions(QUESTIONS.with_name("samples.jsonl")).questions
    assert Counter(one.kind for one in questions) == {"multi": 10, "specific": 10, "unanswerable": 20}
    texts = {one.name: one.read_text(encoding="utf-8") for one in CORPUS.iterdir() if one.suffix in (".md", ".txt")}
    gold = [gold for one in questions for gold in one.gold]
    assert {one.file for one in gold} == {one.name for one in CORPUS.iterdir() if one.suffix != ".csv"}
    assert all(one.quote in texts[one.file] for one in gold if one.file in texts)


def test_a_draft_becomes_a_set_without_words_of_the_interviews(interviews_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "set.jsonl"
    assert make_set(interviews_folder, out, NOBODY, SPECIFIC, SPEAKER) == 0
    written = out.read_text(encoding="utf-8")
    assert TABLE not in written
    assert DOCK not in written
    assert [json.loads(line)["id"] for line in written.splitlines()] == ["ft-001", "ft-002", "ft-003"]
    found = read_questions(out, interviews_folder)
    assert [question.kind for question in found.questions] == ["specific", "speaker", "unanswerable"]
    assert [question.gold for question in found.questions] == [
        (Gold("steel.md", DOCK),),
        (Gold("soup.md", TABLE),),
        (),
    ]
    assert (found.places, found.missing, found.left_out) == (2, 0, 0)


def test_every_problem_of_a_draft_is_a_line_and_nothing_is_written(
    interviews_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "set.jsonl"
    wrong = {**SPECIFIC, "query": "What?", "gold": [{"file": "steel.md", "quote": "never said"}]}
    assert make_set(interviews_folder, out, SPECIFIC, SPECIFIC, wrong, {**NOBODY, "type": "quote"}) == 2
    assert not out.exists()
    first, second, third = capsys.readouterr().err.splitlines()
    assert first == "bench: Two questions are the same; leave one out: 'Who stood outside at dawn?'"
    assert second == "bench: steel.md holds these words 0 times; quote words that it holds once: 'never said'"
    assert third == "bench: A question needs gold unless it is unanswerable: 'How do you buy a ship?'"


def test_themes_with_the_same_query_are_one_and_thin_ones_are_left_out(tmp_path: Path) -> None:
    gold = write_theme(tmp_path, "a.md", "b.md", "c.md")
    thick = [{"type": "multi", "query": "How do leaders eat?", "gold": some} for some in (gold[:2], [], gold[1:])]
    thin = {"type": "multi", "query": "How do leaders sleep?", "gold": gold[:2]}
    out = tmp_path / "out" / "set.jsonl"
    out.parent.mkdir()
    assert make_set(tmp_path, out, thick[0], thin, thick[1], thick[2]) == 0
    (question,) = read_questions(out, tmp_path).questions
    assert question.text == "How do leaders eat?"
    assert [one.file for one in question.gold] == ["a.md", "b.md", "c.md"]


def test_a_question_keeps_its_id_when_others_come_and_go(interviews_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "set.jsonl"
    make_set(interviews_folder, out, SPECIFIC, SPEAKER)
    make_set(interviews_folder, out, SPEAKER, NOBODY)
    found = read_questions(out, interviews_folder).questions
    assert [(question.id, question.kind) for question in found] == [("ft-002", "speaker"), ("ft-003", "unanswerable")]


def test_places_of_an_edited_interview_are_counted_and_left_out(
    interviews_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "set.jsonl"
    make_set(interviews_folder, out, SPECIFIC, SPEAKER, NOBODY)
    soup = interviews_folder / "soup.md"
    soup.write_text("A word before. " + soup.read_text(encoding="utf-8"), encoding="utf-8")
    found = read_questions(out, interviews_folder)
    assert [question.kind for question in found.questions] == ["specific", "unanswerable"]
    assert (found.places, found.missing, found.left_out) == (2, 1, 1)
    line = "bench: 1 of 2 gold places are not in these interviews (edited or missing files); questions left out: 1\n"
    assert capsys.readouterr().err == line


def test_interviews_that_hold_no_place_at_all_are_refused(interviews_folder: Path, tmp_path: Path) -> None:
    make_set(interviews_folder, tmp_path / "set.jsonl", SPECIFIC, SPEAKER)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(MissingInput, match=r"None of the 2 gold places .* run: kb-ingest fetch founders-talk"):
        read_questions(tmp_path / "set.jsonl", other)


def test_a_file_with_quotations_needs_no_interviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    path = write_lines(tmp_path / "own.jsonl", {"id": "q1", **SPECIFIC}, {"id": "q2", **NOBODY})
    found = read_questions(path)
    assert found.questions[0].gold == (Gold("steel.md", DOCK),)
    assert (found.places, found.missing) == (0, 0)
    assert read_queries(path) == ["Who stood outside at dawn?", "How do you buy a ship?"]


@pytest.mark.parametrize(
    "line", ["[]", '{"id": 1, "query": "x"}', '{"id": 1, "query": "x", "gold": [{"file": "a.md"}]}']
)
def test_a_line_that_is_no_question_is_told_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(BadQuestion, match=r"own\.jsonl, line 2: each line must be a JSON object"):
        read_questions(path)


def test_a_gold_quotation_without_a_word_is_told_by_its_line(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "own.jsonl", {"id": "q1", **NOBODY, "gold": [{"file": "a.md", "quote": "[laughs]"}]})
    with pytest.raises(BadQuestion, match=r"own\.jsonl, line 1: a gold quotation must name a file and hold a word"):
        read_questions(path)


def test_a_line_separator_inside_a_question_ends_no_line(interviews_folder: Path, tmp_path: Path) -> None:
    asked = "Who stood\u2028outside\x85 at dawn?"
    rows = ({"id": "q-1", **SPECIFIC, "query": asked}, {"id": "q-2", **NOBODY})
    path = tmp_path / "own.jsonl"
    path.write_text("\ufeff" + "\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    assert read_queries(path) == [asked, "How do you buy a ship?"]
    assert [draft.text for draft in make.read_drafts(path)] == [asked, "How do you buy a ship?"]
    out = tmp_path / "set.jsonl"
    for _ in range(2):  # the second time the ids are those of the first
        assert make.main([str(path), "--corpus", str(interviews_folder), "--out", str(out)]) == 0
        assert read_queries(out) == [asked, "How do you buy a ship?"]
    assert list(make.read_ids(out).values()) == ["ft-001", "ft-002"]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "q", "type": "multi", "query": "Who?"}', '{"id": "ft-001"}'])
def test_a_set_whose_ids_cannot_be_kept_is_told_and_left_alone(
    interviews_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    out = tmp_path / "set.jsonl"
    out.write_text(line, encoding="utf-8")
    assert make_set(interviews_folder, out, NOBODY) == 2
    assert out.read_text(encoding="utf-8") == line
    assert capsys.readouterr().err.startswith(f"bench: {out}, line 1: each line must be a JSON object with ")


@pytest.mark.parametrize("bench", [quality, latency, growth, ingest])
def test_a_bench_without_interviews_says_what_to_run(
    bench: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    assert bench.main([]) == 2  # type: ignore[attr-defined]
    assert capsys.readouterr().err == (
        f"bench: There are no interviews in {tmp_path / 'home' / 'sources' / 'founders-talk'}; "
        "run: kb-ingest fetch founders-talk (or pass --corpus FOLDER)\n"
    )


def test_fetched_interviews_are_found_with_their_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path))
    folder = tmp_path / "sources" / "founders-talk"
    folder.mkdir(parents=True)
    (folder / "metadata.csv").write_text("file,show\n", encoding="utf-8")
    (folder / "ATTRIBUTION.md").write_text("# Founders Talk\n", encoding="utf-8")
    (folder / "founders-talk-1.md").write_text("**Ada Vance:** Soup.\n", encoding="utf-8")
    corpus = open_corpus()
    assert corpus.metadata == folder / "metadata.csv"
    assert [document.source for document in corpus.documents] == ["founders-talk-1.md"]


def test_the_carried_set_is_sound() -> None:
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == len({row["query"].casefold() for row in rows}) == len(rows)
    assert Counter(row["type"] for row in rows) == {
        "specific": 60,
        "speaker": 18,
        "quote": 25,
        "multi": 23,
        "unanswerable": 18,
    }
    for row in rows:
        assert bool(row["gold"]) == (row["type"] != "unanswerable"), row["id"]
        assert all(gold.keys() == {"file", "start", "end", "sha256"} for gold in row["gold"]), row["id"]
        assert row["type"] != "multi" or len({gold["file"] for gold in row["gold"]}) >= 3, row["id"]


def test_every_place_of_the_carried_set_is_in_the_interviews(founders_talk: Path) -> None:
    found = read_questions(QUESTIONS, founders_talk / "transcripts")
    assert (found.places, found.missing, found.left_out) == (449, 0, 0)


def test_every_place_of_the_questions_over_public_leaders_is_in_their_talks() -> None:
    folder = SHARED / "corpora" / "public-sector"
    if not folder.is_dir():
        pytest.skip("the talks of public leaders are not beside the project (../shared/corpora/public-sector)")
    found = read_questions(QUESTIONS.with_name("public-leaders.jsonl"), folder)
    assert Counter(one.kind for one in found.questions) == {"multi": 10, "specific": 10, "unanswerable": 20}
    assert (found.missing, found.left_out) == (0, 0)
    assert all(bool(one.gold) == (one.kind != "unanswerable") for one in found.questions)
