"""What becomes of interviews whose files have left an ingested folder.

The disk is asked, not the list that a run began with: another ingest may have added files meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.files import SourceFile
from ingest.pipeline.report import FileReport
from kb.errors import UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.storage.source_desk import list_existing
from kb.storage.source_file import is_gone

LEFT = "left the folder; remove it with --prune"
SECOND_LEFT = "a second source of an interview left the folder; --prune forgets it"
FORGOTTEN = "a second source of an interview"


def take_over(paths: Sequence[Path], knowledge_base: KnowledgeBase) -> Iterator[SourceFile]:
    """Let second sources take over from files that have left an ingested folder; yield those to be read."""
    seconds = knowledge_base.second_sources.all()
    for path, (interview_id, _) in sorted(knowledge_base.origins().items()):
        left = list_existing(seconds.get(interview_id, ())) if _find_root(path, paths) else []
        if left and is_gone(Path(path)):
            knowledge_base.second_sources.switch(interview_id, left[0].path)
            yield SourceFile(Path(left[0].path), left[0].name)


def handle_missing(paths: Sequence[Path], knowledge_base: KnowledgeBase, *, prune: bool) -> Iterator[FileReport]:
    """Report interviews and second sources whose file has left an ingested folder; with `prune`, remove them."""
    for path, (interview_id, _) in sorted(knowledge_base.origins().items()):
        root = _find_root(path, paths)
        if root is None or not is_gone(Path(path)):
            continue
        source = Path(path).relative_to(root).as_posix()
        if not prune:
            yield FileReport(source, "missing", LEFT, interview_id=interview_id)
        elif _remove_missing(interview_id, path, knowledge_base):
            yield FileReport(source, "removed", interview_id=interview_id)
    yield from _handle_seconds(paths, knowledge_base, prune=prune)


def _find_root(path: str, paths: Sequence[Path]) -> Path | None:
    """Find the ingested folder that a file was in."""
    roots = (folder.resolve() for folder in paths if folder.is_dir())
    return next((root for root in roots if Path(path).is_relative_to(root)), None)


def _remove_missing(interview_id: str, path: str, knowledge_base: KnowledgeBase) -> bool:
    """Remove a file's interview. False if another ingest has removed it meanwhile, or found it under a new name."""
    try:
        knowledge_base.remove(interview_id, path)
    except UnknownInterview:
        return False
    return True


def _handle_seconds(paths: Sequence[Path], knowledge_base: KnowledgeBase, *, prune: bool) -> Iterator[FileReport]:
    for interview_id, sources in sorted(knowledge_base.second_sources.all().items()):
        for one in sources:
            if _find_root(one.path, paths) is None or not is_gone(Path(one.path)):
                continue
            if prune:
                knowledge_base.second_sources.forget(one.path)
                yield FileReport(one.name, "removed", FORGOTTEN, interview_id=interview_id)
            else:
                yield FileReport(one.name, "missing", SECOND_LEFT, interview_id=interview_id)
