"""Three stores as one: what is stored is not embedded again, what is removed is gone, what is broken off is mended."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import SOUP, STEEL

from ingest.cli.main import main
from ingest.pipeline.run import Options, ingest_paths
from kb.embedding.arrays import Vectors
from kb.errors import StoreUnavailable, UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings
from kb.storage.catalog import Catalog
from kb.storage.sqlite import SqliteDatabase


def rows_on_disk(settings: Settings) -> int:
    return sum(path.stat().st_size for path in (settings.home / "tokens").iterdir()) // 64


def rows_listed(settings: Settings) -> int:
    table = Catalog(SqliteDatabase(settings.home / "catalog.sqlite")).token_files
    return sum(one.file.size for one in table.interviews())


def test_each_interview_has_one_file(filled: KnowledgeBase, settings: Settings) -> None:
    assert len(list((settings.home / "tokens").iterdir())) == 2
    assert rows_on_disk(settings) == rows_listed(settings)


def test_only_the_passage_that_changed_goes_through_the_model(filled: KnowledgeBase, interviews_folder: Path) -> None:
    path = interviews_folder / "soup.md"
    path.write_text(SOUP + "\n**Tom Verity:** " + "And what about the winter then? " * 3 + "\n\n**Mara Quill:** "
                    + "We opened a second kitchen by the river when the ice came. " * 6, encoding="utf-8")  # fmt: skip
    (report,) = ingest_paths([path], filled)
    assert (report.outcome, report.passages, report.embedded) == ("updated", 2, 1)


def test_what_is_recalled_is_what_the_model_made(filled: KnowledgeBase, settings: Settings) -> None:
    def stored() -> tuple[list[Vectors], list[bytes]]:
        passages = filled._catalog.passages_of("steel")
        vectors = filled._stores.vectors.get_vectors({passage.id: passage.text for passage in passages})
        files = filled._catalog.token_files.files(["steel"])
        codes = [filled._stores.tokens.load(file).codes.tobytes() for file in files.values()]
        return [vectors[passage.id] for passage in passages], codes

    vectors, codes = stored()
    report = ingest_paths([Path(source.path) for source in filled.sources()], filled, Options(rebuild=True))
    assert [(file.outcome, file.embedded) for file in report] == [("updated", 0)] * 2
    vectors_again, codes_again = stored()
    assert codes_again == codes
    # Chroma brings each vector to length 1 once more, which may turn its last bit.
    assert np.abs(np.stack(vectors_again) - np.stack(vectors)).max() < 1e-6


def test_a_renamed_file_keeps_its_id_and_is_not_embedded(filled: KnowledgeBase, interviews_folder: Path) -> None:
    (interviews_folder / "soup.md").rename(interviews_folder / "kitchen.md")
    report = {file.source: file for file in ingest_paths([interviews_folder], filled)}
    assert sorted(report) == ["kitchen.md", "steel.md"]
    found = report["kitchen.md"]
    assert (found.outcome, found.reason, found.interview_id, found.embedded) == ("renamed", "was soup.md", "soup", 0)
    assert {interview.source for interview in filled.interviews()} == {"kitchen.md", "steel.md"}
    again = ingest_paths([interviews_folder], filled)
    assert {file.outcome for file in again} == {"unchanged"}


def test_a_copy_is_an_interview_of_its_own(filled: KnowledgeBase, interviews_folder: Path) -> None:
    (interviews_folder / "kitchen.md").write_text(SOUP, encoding="utf-8")
    report = {file.source: file for file in ingest_paths([interviews_folder], filled)}
    assert (report["kitchen.md"].outcome, report["kitchen.md"].embedded) == ("added", 0)
    assert len(filled.interviews()) == 3


def test_a_removed_interview_leaves_no_row_in_any_store(filled: KnowledgeBase, settings: Settings) -> None:
    filled.remove("steel")
    assert set(filled._stores.vectors.all_texts()) == {passage.id for passage in filled._catalog.passages_of("soup")}
    filled.remove("soup")
    assert filled._stores.vectors.count() == rows_on_disk(settings) == rows_listed(settings) == 0


def test_an_interview_whose_file_was_found_under_another_name_is_not_removed_for_the_former_one(
    filled: KnowledgeBase, interviews_folder: Path
) -> None:
    former = str((interviews_folder / "soup.md").resolve())
    (interviews_folder / "soup.md").rename(interviews_folder / "kitchen.md")
    ingest_paths([interviews_folder], filled)
    with pytest.raises(UnknownInterview, match=r"no interview 'soup' of the file .*soup\.md"):
        filled.remove("soup", former)
    filled.remove("soup", str((interviews_folder / "kitchen.md").resolve()))
    assert [interview.id for interview in filled.interviews()] == ["steel"]


def test_a_file_whose_interview_changed_is_deleted(
    filled: KnowledgeBase, interviews_folder: Path, settings: Settings
) -> None:
    for word in ("banners", "flags", "leaflets", "songs", "drums"):
        (interviews_folder / "soup.md").write_text(SOUP.replace("posters", word), encoding="utf-8")
        ingest_paths([interviews_folder], filled)
        assert rows_on_disk(settings) == rows_listed(settings)
    assert filled.search(Query("drums or posters"))[0].passage.speaker == "Mara Quill"
    assert filled.search(Query("the layoffs on the loading dock"))[0].passage.speaker == "Otto Brandl"


def test_a_change_that_was_broken_off_is_brought_to_its_end(filled: KnowledgeBase, settings: Settings) -> None:
    catalog, vectors = filled._catalog, filled._stores.vectors
    catalog.token_files.begin("steel")
    passages = catalog.passages_of("steel")
    wrong = [replace(passage, text="other words") for passage in passages]
    vectors.replace(catalog.interview("steel"), wrong, [np.eye(384, dtype=np.float32)[0]] * len(wrong))
    catalog.token_files.begin("never-came")
    vectors.replace(replace(catalog.interview("steel"), id="never-came"),
                    [replace(passages[0], id="never-came:1", interview_id="never-came")],
                    [np.eye(384, dtype=np.float32)[0]])  # fmt: skip
    filled.finish_pending()
    texts = {one.id: one.text for name in ("soup", "steel") for one in catalog.passages_of(name)}
    assert vectors.all_texts() == texts
    assert catalog.token_files.pending() == []


def test_remove_takes_ids_and_says_which_it_does_not_know(
    filled: KnowledgeBase, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    filled.close()
    monkeypatch.setenv("KB_HOME", str(settings.home))
    assert main(["remove", "soup", "bread"]) == 2
    assert capsys.readouterr().err == "kb-ingest: There is no interview 'bread'; kb-ingest list tells what there is\n"
    assert main(["list"]) == 0
    assert capsys.readouterr().out.splitlines() == ["steel\tsteel.md\tRunning a mill", "soup\tsoup.md\tSoup for a city"]
    assert main(["remove", "soup"]) == 0
    assert capsys.readouterr().out == "1 removed\n"
    assert main(["list"]) == 0
    assert capsys.readouterr().out == "steel\tsteel.md\tRunning a mill\n"


def test_a_store_that_cannot_be_written_is_one_clear_line_and_loses_nothing(
    filled: KnowledgeBase, interviews_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (interviews_folder / "ferry.md").write_text(
        STEEL.replace("furnace", "ferry").replace("crews", "sailors"), encoding="utf-8"
    )
    with monkeypatch.context() as patched:
        patched.setattr("kb.storage.token_store.os.fsync", full)
        with pytest.raises(StoreUnavailable, match=r"No space left on device; free some disk space") as caught:
            ingest_paths([interviews_folder], filled)
    assert "\n" not in str(caught.value)
    assert [interview.id for interview in filled.interviews()] == ["steel", "soup"]
    assert filled.search(Query("layoffs"))[0].interview.id == "steel"
    report = {file.source: file.outcome for file in ingest_paths([interviews_folder], filled)}
    assert report == {"ferry.md": "added", "soup.md": "unchanged", "steel.md": "unchanged"}


def test_a_writer_that_must_wait_says_so_and_goes_on(
    filled: KnowledgeBase, interviews_folder: Path, settings: Settings
) -> None:
    (interviews_folder / "bread.md").write_text(SOUP.replace("soup", "bread"), encoding="utf-8")
    with filled._writer.writing():
        child = subprocess.Popen(
            [sys.executable, "-m", "ingest.cli.main", str(interviews_folder)],
            env={**os.environ, "KB_HOME": str(settings.home)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stderr
        line = child.stderr.readline()
        assert len(filled.interviews()) == 2
    assert line == "kb-ingest: another ingest, check or backup is writing; waiting until it is done\n"
    assert child.communicate(timeout=180)[1].strip() == ""
    assert child.returncode == 0
    assert len(filled.interviews()) == 3


def test_what_is_asked_of_a_closed_knowledge_base_is_one_clear_line(
    filled: KnowledgeBase, interviews_folder: Path, tmp_path: Path
) -> None:
    answer = filled.ask(Query("layoffs"))
    filled.close()
    for ask in (
        filled.interviews,
        filled.status,
        filled.examine,
        filled.calibrate,
        filled._stores.vectors.count,
        lambda: filled.search(Query("layoffs")),
        lambda: filled.remove("soup"),
        lambda: filled.keep_question("ann", "Why?"),
        lambda: filled.rate(answer, is_helpful=True),
        lambda: filled.back_up(tmp_path / "kb.zip"),
        lambda: ingest_paths([interviews_folder], filled),
    ):
        with pytest.raises(StoreUnavailable, match=r"^The knowledge base has been closed; open it again$"):
            ask()
    filled.close()


def test_a_file_that_a_killed_writer_no_longer_listed_is_deleted_by_the_next_ingest(
    filled: KnowledgeBase, settings: Settings, interviews_folder: Path
) -> None:
    """As between the catalog's commit and the deletion of the interview's former file."""
    (settings.home / "tokens" / "0123.codes").write_bytes(b"x" * 64)
    assert [file.outcome for file in ingest_paths([interviews_folder], filled)] == ["unchanged", "unchanged"]
    assert not (settings.home / "tokens" / "0123.codes").exists()
    assert filled.examine() == []
