"""Documents made on the spot: Word, OpenDocument, EPUB and PDF files with invented words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

import docx
import openpyxl
from docx.shared import RGBColor
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

ODT_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"><office:automatic-styles>'
    '<style:style style:name="B" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
    "</office:automatic-styles><office:body><office:text>"
)
ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet><table:table>'
)
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def make_docx(*paragraphs: str | Sequence[tuple[str, str]], table: Sequence[Sequence[str]] = ()) -> bytes:
    """A Word file; a paragraph is a text, or runs of text and type: 'bold', a colour, or ''."""
    document = docx.Document()
    for paragraph in paragraphs:
        target = document.add_paragraph()
        for text, style in [(paragraph, "")] if isinstance(paragraph, str) else paragraph:
            run = target.add_run(text)
            run.bold = style == "bold" or None
            if len(style) == 6:
                run.font.color.rgb = RGBColor.from_string(style)
    if table:
        grid = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
    return _saved(document)


def make_odt(*paragraphs: str) -> bytes:
    """An OpenDocument text out of the XML of its paragraphs."""
    body = "".join(part if part.startswith("<") else f"<text:p>{escape(part)}</text:p>" for part in paragraphs)
    content = f"{ODT_HEAD}{body}</office:text></office:body></office:document-content>"
    return make_zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def make_epub(*pages: str, title: str = "Second Shift") -> bytes:
    """An EPUB of HTML pages; its spine names them in order."""
    items = "".join(
        f'<item id="p{n}" href="page%20{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(pages))
    )
    spine = "".join(f'<itemref idref="p{n}"/>' for n in range(len(pages)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        f"<dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    files = {f"OEBPS/page {n}.xhtml": f"<html><body>{page}</body></html>" for n, page in enumerate(pages)}
    return make_zip(
        {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "OEBPS/content.opf": package, **files}
    )


def make_xlsx(*sheets: Sequence[Sequence[object]]) -> bytes:
    """An Excel file of sheets of rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(list(row))
    return _saved(book)


def make_ods(*rows: Sequence[str]) -> bytes:
    """An OpenDocument spreadsheet of rows of texts, with the million empty rows that programs write behind them."""
    cells = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}"
        '<table:table-cell table:number-columns-repeated="16381"/></table:table-row>'
        for row in rows
    )
    content = (
        f"{ODS_HEAD}{cells}"
        '<table:table-row table:number-rows-repeated="1048569"><table:table-cell/></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return make_zip({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


def _ods_cell(text: str) -> str:
    """A cell; a text like '0:01:02' is a time."""
    hours, _, rest = text.partition(":")
    minutes, _, seconds = rest.partition(":")
    is_time = hours.isdigit() and minutes.isdigit() and bool(seconds)
    value = f' office:value-type="time" office:time-value="PT{hours}H{minutes}M{seconds}S"' if is_time else ""
    shown = f"{minutes}:{seconds}" if is_time else escape(text).replace("  ", "<text:s/>")
    return f"<table:table-cell{value}><text:p>{shown}</text:p></table:table-cell>"


def make_zip(files: Mapping[str, str | bytes]) -> bytes:
    """An archive of these files, the first one not compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(files.items()):
            archive.writestr(name, content, zipfile.ZIP_STORED if not number else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def make_pdf(
    *pages: Sequence[str], header: str = "", footer: str = "", numbered: bool = False, compress: bool = True
) -> bytes:
    """A PDF with these lines; '{}' in header and footer is the page; a line of 'left||right' stands in two columns."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=1, pageCompression=int(compress))
    for number, rows in enumerate(pages, 1):
        canvas.setFont("Courier", 9)
        canvas.drawString(72, 770, header.format(number))
        for column in (0, 1):
            for place, row in enumerate(rows):
                parts = row.split("||")
                if column and len(parts) < 2:
                    continue
                if numbered and not column:
                    canvas.drawString(50, 740 - 14 * place, str(place + 1))
                canvas.drawString(80 + 260 * column, 740 - 14 * place, parts[column])
        canvas.drawString(72, 30, footer.format(number))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _saved(document: docx.document.Document | openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
