"""Read EPUB books: their pages in reading order."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from ingest.readers.documents.archive import open_archive, read_member, read_xml
from ingest.readers.documents.blocks import Block, block_lines
from ingest.readers.documents.html import read_blocks
from ingest.readers.text_encoding import decode_text
from ingest.script import Script
from kb.errors import UnreadableFile

_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"
FACTS = {"title": "title", "creator": "author", "date": "date", "language": "language", "publisher": "publisher"}


def read(data: bytes, _name: str) -> Script:
    """Read the blocks of an EPUB's pages. Raises UnreadableFile when it is damaged or encrypted."""
    archive = open_archive(data, "EPUB")
    root_file = read_xml(archive, "META-INF/container.xml", "EPUB").find(f".//{_CONTAINER}rootfile")
    if root_file is None or not root_file.get("full-path"):
        raise UnreadableFile("the EPUB file is damaged: it does not say where its contents are")
    path = str(root_file.get("full-path"))
    package = read_xml(archive, path, "EPUB")
    blocks = [block for page in _pages(package, path) for block in _read_page(archive, page)]
    return Script("epub", tuple(block_lines(blocks)), _read_card(package))


def _pages(package: Element, path: str) -> list[str]:
    """List the names of the pages in the order of the spine, without the navigation page."""
    folder = posixpath.dirname(path)
    items = {
        item.get("id"): posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        for item in package.iter(f"{_OPF}item")
        if "html" in item.get("media-type", "html") and "nav" not in item.get("properties", "").split()
    }
    spine = [items.get(reference.get("idref")) for reference in package.iter(f"{_OPF}itemref")]
    return [page for page in dict.fromkeys(spine) if page]


def _read_page(archive: ZipFile, page: str) -> list[Block]:
    if page not in archive.namelist():
        return []
    return read_blocks(decode_text(read_member(archive, page, "EPUB"))[0])[0]


def _read_card(package: Element) -> dict[str, object]:
    card: dict[str, object] = {}
    for tag, key in FACTS.items():
        found = package.find(f".//{_DC}{tag}")
        if found is not None and found.text and found.text.strip():
            card[key] = found.text.strip()
    return card
