"""Damage one file of a home folder at random, and see what each command makes of it.

A command answers, or says in one line what is wrong; the doctor mends all but the catalog; nothing else is lost.
`make fuzz` runs it for as long as one likes: python tests/fuzz_homes.py --seconds 300.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from conftest import SOUP, STEEL
from nursery import Nursery

QUESTION = "How do leaders tell people about layoffs, and care about soup?"
FIRST = (("ask", QUESTION), ("status",), ("feedback",), ("doctor",))  # one of them, then these
THEN = (("doctor", "--repair"), ("ask", QUESTION))
CATALOG = "catalog.sqlite"
UPLOAD = Path("uploads", "soup.md")


def make_home(folder: Path, nursery: Nursery) -> Path:
    """A home folder of two interviews, one of them an upload, that has been asked."""
    home = folder / "home"
    (home / UPLOAD).parent.mkdir(parents=True)
    (home / UPLOAD).write_text(SOUP, encoding="utf-8")
    (folder / "steel.md").write_text(STEEL, encoding="utf-8")
    assert nursery.run(home, "kb-ingest", str(home / "uploads"), str(folder / "steel.md"))[0] == 0
    assert nursery.run(home, "kb", "ask", QUESTION)[0] == 0
    return home


def change_bytes(data: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(chance.choice((1, 4, 40))):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


def change_words(data: bytes, chance: random.Random) -> bytes:
    """Change bytes near one place: what is there keeps its form more often."""
    place = chance.randrange(len(data))
    spoilt = bytearray(data)
    for at in range(place, min(len(data), place + 30)):
        if chance.random() < 0.3:
            spoilt[at] = chance.choice(b"\xff\x00aZ9,[]{}\x80-")
    return bytes(spoilt)


def cut_off(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.choice((0, chance.randrange(len(data)), len(data) // 4096 // 2 * 4096))]


def blank_out(data: bytes, chance: random.Random) -> bytes:
    first = chance.randrange(len(data))
    size = chance.choice((16, 512, 4096))
    return data[:first] + bytes(len(data[first : first + size])) + data[first + size :]


def make_garbage(data: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(len(data))


ACCIDENTS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    change_bytes, change_bytes, change_words, change_words, cut_off, blank_out, make_garbage,
)  # fmt: skip


def damage(home: Path, chance: random.Random) -> Path:
    """Damage one file, of every kind equally often; return its path in the home folder."""
    files = sorted(path for path in home.rglob("*") if path.is_file() and path.stat().st_size)
    by_room: dict[str, list[Path]] = {}
    for path in files:
        by_room.setdefault(f"{path.relative_to(home).parts[0]}{path.suffix}", []).append(path)
    path = chance.choice(by_room[chance.choice(sorted(by_room))])
    path.write_bytes(chance.choice(ACCIDENTS)(path.read_bytes(), chance))
    return path.relative_to(home)


def find_fault(command: tuple[str, ...], code: int, out: str) -> str:
    """What breaks a rule in how a command ended, if anything."""
    lines = out.strip().splitlines()
    if code not in (0, 1, 2) or "Traceback" in out:
        return f"{command[0]} ended with {code}: {' | '.join(lines[-4:])}"
    if code == 2 and (len(lines) != 1 or not lines[0].startswith("kb: ")):
        return f"{command[0]} said {len(lines)} lines: {' | '.join(lines[:4])}"
    return ""


def try_home(good: Path, nursery: Nursery, number: int, *, verbose: bool = False) -> list[str]:
    """What is wrong with how the commands take a damaged home folder."""
    chance = random.Random(number)
    with TemporaryDirectory(prefix="kb-fuzz-") as place:
        home = Path(place) / "home"
        shutil.copytree(good, home)
        spoilt = damage(home, chance)
        faults, last = [], (0, "")
        for command in (chance.choice(FIRST), *THEN):
            last = nursery.run(home, "kb", *command)
            if verbose:
                print(number, spoilt, command[:2], last[0], last[1].strip()[:300].replace("\n", " | "), flush=True)
            faults += [f"{spoilt}: {fault}"] if (fault := find_fault(command, *last)) else []
        is_catalog = spoilt.name.startswith(CATALOG)
        if not is_catalog and last[0]:
            faults.append(f"{spoilt}: the doctor did not mend it: {last[1].strip()[:300]}")
        if spoilt != UPLOAD and (home / UPLOAD).read_bytes() != (good / UPLOAD).read_bytes():
            faults.append(f"{spoilt}: the upload was lost")
        if not is_catalog and nursery.run(home, "kb-ingest", "list")[1].count("\n") != 2:
            faults.append(f"{spoilt}: an interview was lost")
        return faults


def main() -> int:
    """Go on until the time is over, and name the rounds that break a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=10**9)
    parser.add_argument("--first", type=int, default=0, help="number of the first round")
    parser.add_argument("--verbose", action="store_true", help="show what each command said")
    options = parser.parse_args()
    until, number, broken = time.monotonic() + options.seconds, options.first, 0
    with TemporaryDirectory(prefix="kb-fuzz-") as place, closing(Nursery()) as nursery:
        good = make_home(Path(place), nursery)
        while time.monotonic() < until and number < options.first + options.rounds:
            faults = try_home(good, nursery, number, verbose=options.verbose)
            broken += bool(faults)
            for fault in faults:
                print(f"round {number}: {fault}", flush=True)
            number += 1
    print(f"{number - options.first:,} rounds, {broken} with faults")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
