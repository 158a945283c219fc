"""Throw broken transcripts at the readers, and hostile names and tables at what keeps files.

Transcripts are bytes of the samples, cut, doubled, swapped and spoilt; each round tries one way with names too.

`make fuzz` runs it for as long as one likes: python tests/fuzz.py --minutes 10. The suite runs some hundred rounds.
"""

from __future__ import annotations

import argparse
import io
import random
import resource
import sys
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from documents import make_docx, make_epub, make_ods, make_odt, make_pdf, make_xlsx, make_zip
from fuzz_names import WAYS
from talk import SAMPLES, TALK

from ingest.passages import cut_passages
from ingest.reading import read_file
from kb.errors import KBError

MOST_SECONDS = 10.0
MOST_BYTES = 1024**3
LARGEST = 2_000_000  # bytes of a broken file
INSIDE = 0.9  # of the archives are broken inside
TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b"\t", b"  ", b":", b"::", b"-->", b"[", b"]", b"(", b"<v ",
    b"<", b">", b"**", b"---\n", b"```", b"|", b",", b";", b'"', b"{", b"}", b"{\\", b"&#x41;", b"99:99:99.999",
    b"[00:00:00]", b"1e999", b"-1", b"null", b"NaN", b"SPEAKER_00: ", b"Ada Byron: ", b"Q. ", b"WEBVTT\n\n", b">> ",
    "\u202e".encode(), "\U0001f600".encode(), "\u0130".encode(), "\x85".encode(), b"\x80\x81", b"%PDF-", b"PK\x03\x04",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seed:
    """A good file to spoil."""

    name: str
    data: bytes


def list_seeds() -> list[Seed]:
    """Every sample, and a document of each kind that is made on the spot."""
    rows = [f"{who}: {text}" for who, _, text in TALK]
    table = [("Speaker", "Start", "Text"), *((who, f"0:00:{start:04.1f}", text) for who, start, text in TALK)]
    made = {
        "talk.docx": make_docx(*rows, table=[["Ada:", "One."], ["Ben:", "Two."]]),
        "talk.odt": make_odt(*rows),
        "talk.epub": make_epub("".join(f"<p>{row}</p>" for row in rows)),
        "talk.pdf": make_pdf(rows, rows, header="A talk", footer="{}", numbered=True),
        "talk.xlsx": make_xlsx(table),
        "talk.ods": make_ods(*table),
        "plain.pdf": make_pdf(rows, compress=False),
    }
    samples = [Seed(path.name, path.read_bytes()) for path in sorted(SAMPLES.iterdir())]
    return [*samples, *(Seed(name, data) for name, data in made.items())]


def spoil(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The bytes after a few accidents."""
    for _ in range(chance.randint(1, 6)):
        if not data:
            return data
        first, last = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        piece = data[first : min(last, first + 4_000)]
        accident = chance.randrange(7)
        if accident == 0:
            data = data[:first] + data[first + len(piece) :]
        elif accident == 1:
            data = data[:first] + piece * chance.choice((2, 3, 50)) + data[first:]
        elif accident == 2:
            data = data[:first] + chance.choice(TOKENS) * chance.choice((1, 1, 2, 500)) + data[first:]
        elif accident == 3:
            data = data[:first] + bytes(chance.randrange(256) for _ in range(chance.randint(1, 8))) + data[first + 4 :]
        elif accident == 4:
            data = data[:first]
        elif accident == 5:
            other = chance.choice(others)
            place = chance.randrange(len(other) + 1)
            data = data[:first] + other[place : place + 3_000] + data[first:]
        else:
            data = data.replace(chance.choice((b"\n", b" ", b":", b".")), chance.choice(TOKENS))
        data = data[:LARGEST]
    return data


def read_all(seed: Seed) -> str:
    """What comes of a file: 'read', or why it is refused; anything but our own errors gets out."""
    try:
        transcript = read_file(seed.data, seed.name, interview_id="fuzz").transcript
    except KBError as error:
        reason = str(error)
    else:
        cut_passages(transcript, count_tokens=lambda text: text.count(" ") + 1)
        marks = [(mark.offset, len(turn.text)) for turn in transcript.turns for mark in turn.marks]
        assert all(0 <= offset <= length for offset, length in marks), "a mark lies in its turn"
        reason = "read"
    assert reason, "a refusal says why"
    assert "\n" not in reason, "a refusal is one line"
    assert "-v shows where" not in reason, "a refusal is for the file's faults"
    return reason


def spoil_inside(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """An archive with one spoilt part; spoiling the archive itself hardly ever gets as far as the words."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice([*parts])
    return make_zip({**parts, name: spoil(parts[name], chance, others)})


def make_broken(seed: Seed, chance: random.Random, others: Sequence[bytes]) -> Seed:
    """A seed after accidents, under its own name or another."""
    is_archive = seed.data.startswith(b"PK") and chance.random() < INSIDE
    data = (spoil_inside if is_archive else spoil)(seed.data, chance, others)
    return Seed(chance.choice((seed.name, "talk", "talk.md", "talk.csv")), data)


def try_file(seed: Seed) -> tuple[str, float]:
    """What is wrong with how a file is read, if anything, and the seconds it took."""
    started = time.monotonic()
    try:
        read_all(seed)
    except Exception as error:  # noqa: BLE001 - every kind is a fault here
        return f"{type(error).__name__}: {error}"[:200], time.monotonic() - started
    seconds = time.monotonic() - started
    return (f"{seconds:.1f} s" if seconds > MOST_SECONDS else ""), seconds


def try_names(number: int) -> str:
    """What is wrong with how names and tables of a round are taken, if anything."""
    way = WAYS[number % len(WAYS)]
    try:
        way(random.Random(number))
    except Exception as error:  # noqa: BLE001 - every kind is a fault here
        return f"{way.__name__}: {type(error).__name__}: {error}"[:300]
    return ""


def main() -> int:
    """Go on until the time is over; what breaks a rule is kept as a file, and named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--first", type=int, default=1_000_000, help="number of the first round")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-failures"), help="where broken files go")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (3 * MOST_BYTES, 3 * MOST_BYTES))
    seeds, until = list_seeds(), time.monotonic() + 60 * options.minutes
    others = [seed.data for seed in seeds]
    number, faults, slowest = options.first, 0, 0.0
    while time.monotonic() < until:
        # The same number always makes the same file.
        broken = make_broken(seeds[number % len(seeds)], random.Random(number), others)
        fault, seconds = try_file(broken)
        slowest = max(slowest, seconds)
        if fault:
            faults += 1
            options.keep.mkdir(exist_ok=True)
            (options.keep / f"{number}-{broken.name}").write_bytes(broken.data)
            print(f"round {number}: {fault}", flush=True)
        if fault := try_names(number):
            faults += 1
            print(f"round {number}: {fault}", flush=True)
        number += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    rounds = number - options.first
    print(f"{rounds:,} rounds, {faults} faults; slowest {slowest:.1f} s; most memory {peak / 1e6:.0f} MB")
    return 1 if faults or peak > MOST_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
