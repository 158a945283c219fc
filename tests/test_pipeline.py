"""The way in: what is added, updated, unchanged, missing, removed, refused."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS, SOUP, STEEL

from ingest.cli.main import main
from ingest.metadata.corrections import Corrections
from ingest.pipeline.progress import Progress
from ingest.pipeline.report import Report
from ingest.pipeline.run import Options, ingest_paths, inspect_file
from kb.answering.attribution import link_at
from kb.embedding.protocol import Embedder, TextEmbedding
from kb.errors import BadMetadata, ModelMissing, UnreadableFile
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings
from kb.storage.stores import Stores


def outcomes(report: Report) -> dict[str, str]:
    return {file.source: file.outcome for file in report}


def test_a_second_ingest_changes_nothing(knowledge_base: KnowledgeBase, interviews_folder: Path) -> None:
    first = ingest_paths([interviews_folder], knowledge_base)
    assert outcomes(first) == {"soup.md": "added", "steel.md": "added"}
    before = knowledge_base.status()
    second = ingest_paths([interviews_folder], knowledge_base)
    assert outcomes(second) == {"soup.md": "unchanged", "steel.md": "unchanged"}
    assert knowledge_base.status() == before


def test_a_changed_file_takes_the_place_of_what_it_was(knowledge_base: KnowledgeBase, interviews_folder: Path) -> None:
    ingest_paths([interviews_folder], knowledge_base)
    passages = knowledge_base.status().passages
    (interviews_folder / "soup.md").write_text(SOUP.replace("posters", "banners"), encoding="utf-8")
    assert outcomes(ingest_paths([interviews_folder], knowledge_base))["soup.md"] == "updated"
    texts = [hit.passage.text for hit in knowledge_base.search(Query("banners or posters"))]
    assert any("banners" in text for text in texts)
    assert not any("posters" in text for text in texts)
    assert knowledge_base.status().passages == passages


def test_a_changed_row_of_the_table_updates_the_interview(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    ingest_paths([interviews_folder], knowledge_base)
    table = interviews_folder / "metadata.csv"
    table.write_text("file,guest,company\nsoup.md,Mara Quill,Ladle House North\n", encoding="utf-8")
    assert outcomes(ingest_paths([interviews_folder], knowledge_base)) == {
        "soup.md": "updated",
        "steel.md": "unchanged",
    }
    assert knowledge_base.transcript("soup").interview.leaders[0].company == "Ladle House North"


@pytest.mark.parametrize(("words", "told"), [([], "2 added; 3 passages embedded"), (["remove", "soup"], "1 removed")])
def test_what_was_done_is_told_before_the_thresholds_are_learnt(
    words: list[str],
    told: str,
    settings: Settings,
    interviews_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever watches presses Ctrl-C while they are learnt."""
    monkeypatch.setenv("KB_HOME", str(settings.home))
    if words:
        with closing(KnowledgeBase.open(settings)) as knowledge_base:
            ingest_paths([interviews_folder], knowledge_base)

    def press(_: KnowledgeBase) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(KnowledgeBase, "calibrate", press)
    assert main(words or [str(interviews_folder)]) == 130
    assert capsys.readouterr().out == f"{told}\n"


def test_an_ingest_that_was_stopped_before_the_thresholds_were_learnt_learns_them_when_run_again(
    settings: Settings, interviews_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_HOME", str(settings.home))
    with closing(KnowledgeBase.open(settings)) as knowledge_base:
        ingest_paths([interviews_folder], knowledge_base)
        assert knowledge_base.status().threshold is None
        assert main([str(interviews_folder)]) == 0
        assert knowledge_base.status().threshold is not None


def test_two_files_of_one_name_in_two_folders_are_two_interviews(
    knowledge_base: KnowledgeBase, interviews_folder: Path, tmp_path: Path
) -> None:
    for guest, text in (("quill", SOUP), ("brandl", STEEL)):
        folder = tmp_path / "guests" / guest
        folder.mkdir(parents=True)
        (folder / "transcript.md").write_text(text, encoding="utf-8")
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "soup.md").write_text(SOUP.replace("soup", "bread"), encoding="utf-8")
    ingest_paths([interviews_folder, tmp_path / "guests", other], knowledge_base)
    found = {interview.id: interview.source for interview in knowledge_base.interviews()}
    assert found["quill-transcript"] == "quill/transcript.md"
    assert found["brandl-transcript"] == "brandl/transcript.md"
    assert len(found) == 5


def test_a_bad_file_is_refused_by_name_and_stops_nothing(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    (interviews_folder / "a-empty.txt").write_bytes(b"")
    (interviews_folder / "b-junk.bin").write_bytes(bytes(range(256)) * 40)
    (interviews_folder / "c-broken.pdf").write_bytes(b"%PDF-1.7\n1 0 obj <<")
    report = ingest_paths([interviews_folder], knowledge_base)
    assert outcomes(report) == {
        "a-empty.txt": "refused", "b-junk.bin": "refused", "c-broken.pdf": "refused",
        "soup.md": "added", "steel.md": "added",
    }  # fmt: skip
    assert all(file.reason and "\n" not in file.reason for file in report.of("refused"))


def test_a_bad_update_keeps_the_interview_that_was_there(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    ingest_paths([interviews_folder], knowledge_base)
    (interviews_folder / "soup.md").write_bytes(b"")
    assert outcomes(ingest_paths([interviews_folder], knowledge_base))["soup.md"] == "refused"
    assert knowledge_base.search(Query("volunteers"))[0].passage.speaker == "Mara Quill"


def test_a_folder_that_is_not_there_is_one_clear_line(knowledge_base: KnowledgeBase, interviews_folder: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"There is no file or folder .*nowhere; check the path"):
        ingest_paths([interviews_folder, interviews_folder / "nowhere"], knowledge_base)
    assert knowledge_base.status().interviews == 0


def test_a_table_that_is_not_there_is_one_clear_line(knowledge_base: KnowledgeBase, interviews_folder: Path) -> None:
    with pytest.raises(BadMetadata):
        ingest_paths([interviews_folder], knowledge_base, Options(metadata=interviews_folder / "no.csv"))


def test_progress_tells_file_rate_and_time_left(knowledge_base: KnowledgeBase, interviews_folder: Path) -> None:
    seen: list[Progress] = []
    ingest_paths([interviews_folder], knowledge_base, on_progress=seen.append)
    assert {progress.file for progress in seen} == {"soup.md", "steel.md"}
    last = seen[-1]
    assert (last.files_done, last.files) == (2, 2)
    assert last.passages == knowledge_base.status().passages
    assert last.passages_per_second > 0
    assert last.seconds_left == 0


def test_copies_in_one_run_go_through_the_model_once(knowledge_base: KnowledgeBase, interviews_folder: Path) -> None:
    for name in ("a.md", "b.md", "z.md"):
        (interviews_folder / name).write_text(SOUP, encoding="utf-8")
    report = ingest_paths([interviews_folder], knowledge_base)
    assert [(file.source, bool(file.embedded)) for file in report] == [
        ("a.md", True), ("b.md", False), ("soup.md", False), ("steel.md", True), ("z.md", False),
    ]  # fmt: skip


def test_reports_keep_the_order_of_files_whatever_becomes_of_each(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    ingest_paths([interviews_folder / "soup.md"], knowledge_base)
    (interviews_folder / "a.md").write_text(STEEL + "\n\n**Tom Verity:** Thank you.\n", encoding="utf-8")
    (interviews_folder / "b.pdf").write_bytes(b"%PDF-1.7 and no more")
    report = ingest_paths([interviews_folder], knowledge_base)
    assert [(file.source, file.outcome) for file in report] == [
        ("a.md", "added"), ("b.pdf", "refused"), ("soup.md", "unchanged"), ("steel.md", "added"),
    ]  # fmt: skip


def test_what_was_written_stays_when_the_model_fails_on_the_next(
    knowledge_base: KnowledgeBase, interviews_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = type(knowledge_base._embedder).encode_passages

    def fail_on_steel(self: Embedder, texts: Sequence[str], *rest: Any) -> list[TextEmbedding]:
        if len(texts) > 1 or "furnace" in texts[0]:
            raise ModelMissing("The weights are gone")
        return encode(self, texts, *rest)

    monkeypatch.setattr(type(knowledge_base._embedder), "encode_passages", fail_on_steel)
    with pytest.raises(ModelMissing):
        ingest_paths([interviews_folder], knowledge_base)
    monkeypatch.undo()
    assert [interview.id for interview in knowledge_base.interviews()] == ["soup"]
    assert not [finding for finding in knowledge_base.examine() if finding.is_problem]
    assert outcomes(ingest_paths([interviews_folder], knowledge_base)) == {"soup.md": "unchanged", "steel.md": "added"}


def test_a_long_interview_is_kept_as_if_all_its_texts_went_through_the_model_at_once(
    knowledge_base: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = "\n\n".join(
        f"**Tom Verity:** What was it like to lead the crew in year number {year}?\n\n**Mara Quill:** "
        + f"In the year {year} we cooked for {year * 7} people a day and nobody went home hungry. " * 4
        for year in range(1, 9)
    )
    (tmp_path / "long.md").write_text(f"# Mara Quill, founder of Ladle House\n\n{turns}\n", encoding="utf-8")
    monkeypatch.setattr("kb.storage.writer.TEXTS_AT_ONCE", 3)
    (report,) = ingest_paths(
        [tmp_path / "long.md"], knowledge_base, Options(corrections=Corrections({}, {"Mara Quill": "leader"}))
    )
    assert report.embedded == report.passages == 8
    (hit, *_) = knowledge_base.search(Query("Who cooked for 49 people a day?"))
    assert "49 people" in hit.passage.text
    passages = knowledge_base._catalog.passages_of("long")
    stored = knowledge_base._stores.vectors.get_vectors({one.id: one.text for one in passages})
    made = knowledge_base._embedder.encode_passages([one.text for one in passages])
    assert all(stored[one.id] @ encoded.vector > 0.999 for one, encoded in zip(passages, made, strict=True))


def test_a_label_is_mapped_to_a_person(knowledge_base: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text(SOUP.split("---\n")[2].replace("**Mara Quill:**", "**SPEAKER_01:**"), encoding="utf-8")
    reading = inspect_file(path, Options(corrections=Corrections({"SPEAKER_01": "Mara Quill"})))
    assert {turn.speaker for turn in reading.transcript.turns} == {"Tom Verity", "Mara Quill"}


def test_what_is_not_the_interview_is_kept_in_the_transcript_and_out_of_the_passages(
    knowledge_base: KnowledgeBase, tmp_path: Path
) -> None:
    sponsor = "This episode is brought to you by Grindstone. Use the code LADLE at checkout for 20% off. " * 2
    talk = SOUP.replace("youtube", "").replace("\n---\n\n", "\nyoutube_url: https://youtu.be/abcdefghijk\n---\n\n", 1)
    extra = (
        f"**Mara Quill:** [01:10] {sponsor}\n\n**Break:** [01:30]\n\n[laughter]\n\n## Links\n\n- A page about soup\n"
    )
    (tmp_path / "soup.md").write_text(f"{talk}\n{extra}", encoding="utf-8")
    ingest_paths([tmp_path], knowledge_base)
    turns = knowledge_base.transcript("soup").turns
    kinds = {turn.kind: turn.text for turn in turns if turn.kind != "talk"}
    assert "Grindstone" in kinds["sponsor"]
    assert "A page about soup" in kinds["non_speech"]
    assert "break" in kinds
    found = knowledge_base.search(Query("code at checkout, a page about soup, laughter"))
    assert found
    assert not any("Grindstone" in hit.passage.text or "page about" in hit.passage.text for hit in found)
    assert link_at(found[0].interview, 47.0) == "https://youtu.be/abcdefghijk?t=47s"


def test_every_sample_interview_has_its_leader_and_passages(knowledge_base: KnowledgeBase) -> None:
    report = ingest_paths([CORPUS], knowledge_base)
    assert [(file.source, file.warnings) for file in report if file.outcome != "added" or not file.passages] == []
    assert all(interview.sample for interview in knowledge_base.interviews())


class Counting:
    """The real model, which counts the texts that went through it."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self.encoded = 0

    def encode_passages(
        self, texts: Sequence[str], on_encoded: Callable[[int], None] | None = None
    ) -> list[TextEmbedding]:
        def count(number: int) -> None:
            self.encoded += number
            if on_encoded:
                on_encoded(number)

        return self._inner.encode_passages(texts, count)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_ctrl_c_ends_after_the_batch_that_the_model_is_at_and_keeps_what_was_written(
    embedder: Embedder, settings: Settings, interviews_folder: Path
) -> None:
    """The last file is long; whoever watches presses Ctrl-C as soon as its first batch is done."""
    said = "We opened another kitchen by the river in year {} and nobody left. " * 12
    turns = (f"**Tom Verity:** And then?\n\n**Mara Quill:** {said.format(*[year] * 12)}" for year in range(250))
    (interviews_folder / "tale.md").write_text(SOUP + "\n\n" + "\n\n".join(turns), encoding="utf-8")
    counting = Counting(embedder)
    stores = Stores.open(settings, embedder)
    knowledge_base = KnowledgeBase(settings, stores, counting)
    pressed: list[int] = []

    def press(progress: Progress) -> None:
        if progress.file == "tale.md" and progress.passages > 10:
            pressed.append(counting.encoded)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest_paths([interviews_folder], knowledge_base, on_progress=press)
    assert pressed[0] < 200  # of 250
    assert counting.encoded - pressed[0] < 2 * MOST_IN_A_BATCH
    assert [interview.id for interview in knowledge_base.interviews()] == ["steel", "soup"]
    assert knowledge_base.examine() == []
    knowledge_base.close()


MOST_IN_A_BATCH = 24  # such passages
