"""What an ingest removes, and what it leaves although its file is not seen."""

from contextlib import closing
from pathlib import Path

from conftest import SOUP

from ingest.pipeline.progress import Progress
from ingest.pipeline.report import Report
from ingest.pipeline.run import Options, ingest_paths
from kb.knowledge_base import KnowledgeBase
from kb.settings import Settings


def outcomes(report: Report) -> dict[str, str]:
    return {file.source: file.outcome for file in report}


def test_a_file_that_left_the_folder_is_named_and_removed_only_when_asked(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    ingest_paths([interviews_folder], knowledge_base)
    (interviews_folder / "soup.md").unlink()
    assert outcomes(ingest_paths([interviews_folder], knowledge_base))["soup.md"] == "missing"
    assert knowledge_base.status().interviews == 2
    assert outcomes(ingest_paths([interviews_folder], knowledge_base, Options(prune=True)))["soup.md"] == "removed"
    assert [interview.id for interview in knowledge_base.interviews()] == ["steel"]


def test_a_file_that_another_ingest_adds_meanwhile_is_not_pruned(
    knowledge_base: KnowledgeBase, interviews_folder: Path
) -> None:
    late = interviews_folder / "late.md"

    def add_another(_: Progress) -> None:
        if not late.exists():
            late.write_text(SOUP.replace("posters", "banners"), encoding="utf-8")
            ingest_paths([late], knowledge_base)

    report = ingest_paths([interviews_folder], knowledge_base, Options(prune=True), add_another)
    assert outcomes(report) == {"soup.md": "added", "steel.md": "added"}
    assert {interview.id for interview in knowledge_base.interviews()} == {"late", "soup", "steel"}


def test_a_file_that_cannot_be_looked_for_is_not_pruned(knowledge_base: KnowledgeBase, interviews_folder: Path) -> None:
    guests = interviews_folder / "guests"
    guests.mkdir()
    (interviews_folder / "soup.md").rename(guests / "soup.md")
    ingest_paths([interviews_folder], knowledge_base)
    guests.rename(interviews_folder.parent / "elsewhere")
    guests.symlink_to(guests)
    report = ingest_paths([interviews_folder], knowledge_base, Options(prune=True))
    assert outcomes(report) == {"steel.md": "unchanged"}
    assert len(knowledge_base.interviews()) == 2


class Raced(KnowledgeBase):
    """A knowledge base in which another process does the same, just before."""

    def remove(self, interview_id: str, path: str | None = None) -> None:
        super().remove(interview_id, path)
        super().remove(interview_id, path)


def test_an_interview_that_another_ingest_prunes_meanwhile_stops_nothing(
    settings: Settings, interviews_folder: Path
) -> None:
    with closing(Raced.open(settings)) as knowledge_base:
        ingest_paths([interviews_folder], knowledge_base)
        (interviews_folder / "soup.md").unlink()
        report = ingest_paths([interviews_folder], knowledge_base, Options(prune=True))
        assert outcomes(report) == {"steel.md": "unchanged"}
        assert [interview.id for interview in knowledge_base.interviews()] == ["steel"]
