"""No spoken word is lost: the words of the turns are the words of the file."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from ingest.reading import read_file

BREAK = re.compile(r"^\W*(?:Break|Outro)\W*(?:\d[\d:.]*)?\W*(?:\d[\d:.]*)?\W*$", re.M | re.I)
LABEL = re.compile(r"^\*\*[^*\n]+:\*\*", re.M)
LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")
TIME = re.compile(r"\d{1,2}(?::\d\d){1,2}(?:\.\d+)?")
WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    return WORD.findall(TIME.sub(" ", text))


def words_of_file(path: Path) -> list[str]:
    """Without labels, times and addresses, which nobody speaks."""
    text = BREAK.sub("", path.read_text(encoding="utf-8"))
    return words(unescape(LINK.sub(r"\1", LABEL.sub("", text))))


def test_the_real_interviews_keep_every_spoken_word_in_its_order(founders_talk: Path) -> None:
    files = sorted((founders_talk / "transcripts").glob("*.md"))
    assert len(files) == 50
    lost = {}
    for path in files:
        turns = read_file(path.read_bytes(), path.name, interview_id="x").transcript.turns
        read = words(" ".join(turn.text for turn in turns if turn.kind != "break"))
        if read != (written := words_of_file(path)):
            place = next((n for n, pair in enumerate(zip(read, written, strict=False)) if pair[0] != pair[1]), -1)
            lost[path.name] = (read[place - 3 : place + 6], written[place - 3 : place + 6])
    assert lost == {}
