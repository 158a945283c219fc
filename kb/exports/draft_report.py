"""What was found of a draft's quotations, as a file: Word with comments, Markdown, CSV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Literal, get_args

from kb.errors import BadReport
from kb.exports.draft_entry import DraftReport, gather_report
from kb.exports.draft_text import write_report_csv, write_report_markdown
from kb.exports.draft_word import write_report_word
from kb.exports.formats import KINDS, FileKind
from kb.quotes.desk import CheckedDraft

ReportFormat = Literal["docx", "md", "csv"]

REPORT_KINDS: dict[ReportFormat, FileKind] = {to: KINDS[to] for to in get_args(ReportFormat)}
WRITERS: dict[ReportFormat, Callable[[DraftReport], bytes]] = {
    "docx": write_report_word,
    "md": write_report_markdown,
    "csv": write_report_csv,
}


def export_report(draft: CheckedDraft, name: str, to: ReportFormat) -> bytes:
    """Write the report on a draft of this name."""
    return WRITERS[to](gather_report(draft, name))


def name_report(name: str, to: ReportFormat) -> str:
    """Name the file of a report after the draft."""
    kept = "".join(one if one.isalnum() or one in " -_" else "-" for one in PurePath(name).stem)
    return f"{kept.strip()[:80] or 'draft'}-checked{KINDS[to].suffix}"


def choose_format(file: PurePath) -> ReportFormat:
    """Choose the format by the ending of a file's name. Raises BadReport for another ending."""
    for to, kind in REPORT_KINDS.items():
        if file.suffix.lower() == kind.suffix:
            return to
    raise BadReport(f"A report is written to .docx, .md or .csv; name {file} so")
