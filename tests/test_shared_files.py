"""In real files, nobody is quoted with another's words; skipped where the shared files are absent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import SHARED

from ingest.reading import Reading, read_file
from kb.errors import KBError

FILES = sorted(file for room in ("formats/files", "wild/cases", "wild/named") for file in (SHARED / room).rglob("*"))
READABLE = [file for file in FILES if file.is_file()]
FEW_TURNS = 8  # of leaders; the share of fewer tells nothing
QUESTIONS = 0.25  # of leaders' turns that may end with a question mark
# Files in which those who answer ask often, too.
ASKING = {
    "yaml_frontmatter_qa_adamback.md": "the file itself lists the one who asks among its speakers",
    "riverside_sample1.txt": "friends who ask each other",
    "riverside_sample2.txt": "friends who ask each other",
}


def read_shared(file: Path) -> Reading | None:
    """Read a shared file; None if it is refused."""
    try:
        return read_file(file.read_bytes(), file.name, interview_id="shared")
    except KBError:
        return None


@pytest.mark.skipif(not READABLE, reason="the shared files are not beside the project (../shared)")
@pytest.mark.parametrize("file", READABLE, ids=lambda file: file.name)
def test_no_leader_is_quoted_with_the_words_of_who_asks(file: Path) -> None:
    reading = read_shared(file)
    turns = [turn for turn in reading.transcript.turns if turn.kind == "talk"] if reading else []
    hosts = {turn.speaker for turn in turns if turn.role == "host" and turn.speaker}
    said = [turn.text for turn in turns if turn.role == "leader"]
    begins = re.compile("|".join(rf"{re.escape(host)}\s*[:：]" for host in hosts) or r"(?!)")
    assert not [text[:60] for text in said if begins.match(text)]
    asked = sum(text.rstrip(' "”)').endswith(("?", "？", "؟")) for text in said)
    assert len(said) < FEW_TURNS or asked < QUESTIONS * len(said) or file.name in ASKING
