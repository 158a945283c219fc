"""Write a collection in one of the formats that others read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kb.exports.entry import Opener, Sheaf, gather
from kb.exports.markdown import write_markdown
from kb.exports.qdpx import write_qdpx
from kb.exports.tables import write_csv, write_xlsx
from kb.exports.word import write_docx
from kb.quotes.collections.refinding import KeptQuotation
from kb.quotes.references import to_bibtex, to_ris
from kb.storage.collection_table import Collection

Format = Literal["md", "docx", "csv", "xlsx", "bibtex", "ris", "qdpx"]


@dataclass(frozen=True, slots=True)
class FileKind:
    """How a file of a format is called."""

    name: str  # for people
    suffix: str
    mime: str


KINDS: dict[Format, FileKind] = {
    "md": FileKind("Markdown", ".md", "text/markdown"),
    "docx": FileKind("Word", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "csv": FileKind("CSV", ".csv", "text/csv"),
    "xlsx": FileKind("Excel", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "bibtex": FileKind("BibTeX", ".bib", "application/x-bibtex"),
    "ris": FileKind("RIS", ".ris", "application/x-research-info-systems"),
    "qdpx": FileKind("REFI-QDA project", ".qdpx", "application/zip"),
}
WRITERS: dict[Format, Callable[[Sheaf], bytes]] = {
    "md": write_markdown,
    "docx": write_docx,
    "csv": write_csv,
    "xlsx": write_xlsx,
    "qdpx": write_qdpx,
}


def export(
    collection: Collection, kept: Sequence[KeptQuotation], to: Format, open_transcript: Opener, today: date
) -> bytes:
    """Write a collection as a file; `open_transcript` returns an interview with its turns, by id.

    Each quotation is checked against its turn; one whose words changed or are gone is written with that warning. Raises
    UnfoundQuote, UnknownInterview, BadCollection when a text is too long for the format, or BadSetting when BibTeX or
    RIS are asked for without the extra `cite`.
    """
    sheaf = gather(collection, kept, open_transcript)
    if to == "bibtex":
        return to_bibtex(kept, today).encode()
    if to == "ris":
        return to_ris(kept, today).encode()
    return WRITERS[to](sheaf)


def name_file(collection: Collection, to: Format) -> str:
    """Name the file of a collection: its name, with what a file system refuses replaced."""
    kept = "".join(one if one.isalnum() or one in " -_" else "-" for one in collection.name)
    return f"{kept.strip()[:80] or 'collection'}{KINDS[to].suffix}"
