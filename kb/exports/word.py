"""A collection as a Word document: each quotation with its attribution, ready to be edited."""

from __future__ import annotations

import io
from typing import Any

from docx import Document

from kb.exports.entry import Entry, Sheaf
from kb.exports.xml_text import clean_xml
from kb.text.display import strip_bidi


def write_docx(sheaf: Sheaf) -> bytes:
    """Write a collection as a Word document."""
    document = Document()
    title = clean_xml(strip_bidi(sheaf.collection.name))
    document.core_properties.title, document.core_properties.author = title[:255], "Fusion"
    document.core_properties.comments = ""
    document.add_heading(title, level=1)
    for entry in sheaf.entries:
        _add_entry(document, entry)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _add_entry(document: Any, entry: Entry) -> None:
    document.add_paragraph(f"“{clean_xml(entry.quote)}”", style="Quote")
    told = document.add_paragraph("— ")
    told.add_run(clean_xml(entry.speaker)).bold = True
    position = f", {entry.position}" if entry.position else ""
    told.add_run(clean_xml(f"{position}. {entry.where}."))
    if entry.link:
        told.add_run(clean_xml(f" {entry.link}"))
    if entry.warning:
        document.add_paragraph().add_run(clean_xml(entry.warning)).bold = True
    if entry.tags:
        document.add_paragraph(clean_xml(f"Tags: {', '.join(entry.tags)}"))
    if entry.note:
        document.add_paragraph(clean_xml(f"Note: {entry.note}"))
