"""Read a PDF in a process of its own: a parser of such files may never end, or take all memory."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from typing import Any

from kb.errors import UnreadableFile

log = logging.getLogger(__name__)

AGAIN = "print it to PDF again"
# Of a traceback: its frames, and the error's name without its message, which may quote the file.
WITHOUT_WORDS = re.compile(r'^  File ".+", line \d+, in .+$|^[\w.]+Error(?=:|$)', re.M)


def run_program(program: str, data: bytes, name: str, seconds: float) -> Any:
    """Run a program of ours that reads a PDF (kb/quotes/pdf_file.py), and return what it found.

    Raises UnreadableFile, whose line begins with `name`, when the PDF is refused or takes too long; RuntimeError when
    the program itself fails.
    """
    command = [sys.executable, "-m", program]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, check=False)  # noqa: S603 - ours
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(f"{name} takes more than {seconds:.0f} s to read; {AGAIN}") from error
    if done.returncode < 0:  # killed
        raise UnreadableFile(f"{name} is broken: reading it fails; {AGAIN}")
    if done.returncode:
        where = "\n".join(WITHOUT_WORDS.findall(done.stderr.decode(errors="replace")))
        log.error("The program that reads PDFs failed:\n%s", where)
        raise RuntimeError(f"{program} ended with {done.returncode}")
    found = json.loads(done.stdout)
    if "refused" in found:
        raise UnreadableFile(f"{name} {found['refused']}")
    return found
