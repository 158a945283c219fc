"""A Word file as a draft: what would fill the machine, and what cannot be unpacked, is refused in one line."""

from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest
from documents import make_docx, make_zip
from timing import measured

from kb.errors import UnreadableFile
from kb.quotes.desk import CheckedDraft
from kb.quotes.draft_file import read_draft_bytes
from kb.quotes.draft_fix import fix_word_file

MEGABYTE = 1024 * 1024
CENTRAL, LOCAL = b"PK\x01\x02", b"PK\x03\x04"
FLAGS = {CENTRAL: 8, LOCAL: 6}  # where the flags of a part stand, behind the signature's beginning


def write_draft(parts: dict[str, bytes] | None = None, *, body: str = "") -> bytes:
    with zipfile.ZipFile(io.BytesIO(make_docx("“Bread is patience,” says Ada Stone."))) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    document = held["word/document.xml"].decode()
    place = document.index("<w:body>") + len("<w:body>")
    held["word/document.xml"] = f"{document[:place]}{body}{document[place:]}".encode()
    return make_zip({**held, **(parts or {})})


def set_flag(data: bytes, flag: int) -> bytes:
    """Set a flag of every part."""
    changed = bytearray(data)
    for signature, offset in FLAGS.items():
        place = data.find(signature)
        while place >= 0:
            (flags,) = struct.unpack_from("<H", data, place + offset)
            struct.pack_into("<H", changed, place + offset, flags | flag)
            place = data.find(signature, place + 4)
    return bytes(changed)


def vary(count: int) -> str:
    """Elements that pack no better than those of real documents."""
    return "".join(random.Random(1).choices(("<w:p/>", "<w:r/>", "<w:b/>", "<w:i/>"), k=count))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (write_draft(body="<w:p/>" * (8 * MEGABYTE)), "packed more tightly than any document"),
        (write_draft(body=vary(3_100_000)), "holds more elements than a book"),
        (write_draft({"word/media/a.xml": b"<a/>" * MEGABYTE}), "packed more tightly than any document"),
        (write_draft({f"word/{number}.xml": b"" for number in range(5_001)}), "unpacks to more than 200 MB"),
        (set_flag(write_draft(), 1), "is encrypted; save it without a password"),
        (set_flag(write_draft(), 32), "cannot be read as a Word file"),  # a patch of another file
        (set_flag(write_draft(), 64), "cannot be read as a Word file"),  # strong encryption
    ],
    ids=["bomb", "elements", "picture", "parts", "password", "patch", "strong"],
)
def test_a_word_file_that_cannot_be_opened_in_little_memory_is_refused(data: bytes, told: str) -> None:
    with measured() as taken:
        with pytest.raises(UnreadableFile, match=f"draft.docx.*{told}") as refused:
            read_draft_bytes(data, "draft.docx")
        assert "\n" not in str(refused.value)
    assert taken.seconds < 3


def test_a_long_book_is_read() -> None:
    row = "<w:p><w:r><w:t>“Bread is patience,” says Ada Stone on page {}.</w:t></w:r></w:p>"
    paragraphs = read_draft_bytes(write_draft(body="".join(row.format(number) for number in range(20_000))), "a.docx")
    assert len(paragraphs) == 20_001


def test_a_word_file_that_can_be_read_and_not_written_is_refused_in_one_line() -> None:
    relations = "word/_rels/document.xml.rels"
    named = "http://schemas.openxmlformats.org/package/2006/relationships"
    nameless = f'<Relationships xmlns="{named}"><Relationship Id="r" Target="x" TargetMode="External"/></Relationships>'
    data = write_draft({relations: nameless.encode()})
    draft = CheckedDraft(tuple(read_draft_bytes(data, "draft.docx")), ())
    with pytest.raises(UnreadableFile, match=r"draft\.docx cannot be written again as a Word file") as refused:
        fix_word_file(draft, data, "draft.docx")
    assert "\n" not in str(refused.value)
