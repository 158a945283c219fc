"""Read Word files from before 2007 through LibreOffice, where it is installed: a program of its own, bounded."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from ingest.readers.documents import docx
from ingest.script import Script
from kb.errors import UnreadableFile

PROGRAMS = ("soffice", "libreoffice")
TIME_LIMIT = 90.0  # seconds; a long interview takes five, the first start of the program ten more
OUTPUT_LIMIT = 50 * 1024 * 1024  # bytes of the file it writes
DISK_LIMIT = 4 * OUTPUT_LIMIT  # bytes of any file it writes, its profile too
REFUSED = "this is a Word file from before 2007 (.doc): save it as .docx, or install LibreOffice, with which it is read"
# Off: macros of any level. The profile is made for one file and thrown away with it.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


def read(data: bytes, name: str) -> Script:
    """Read an old Word file. Raises UnreadableFile without LibreOffice, and when it fails or takes too long."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise UnreadableFile(REFUSED)
    return docx.read(convert(data, program), name)


def convert(data: bytes, program: str, *, seconds: float = TIME_LIMIT) -> bytes:
    """Convert an old Word file to .docx with LibreOffice. Raises UnreadableFile when it fails or takes too long."""
    with tempfile.TemporaryDirectory(prefix="kb-doc-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "talk.doc").write_bytes(data)
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(SETTINGS, encoding="utf-8")
        _run(program, folder, seconds)
        made = folder / "talk.docx"
        if not made.is_file():
            raise UnreadableFile(
                "LibreOffice cannot read this old Word file: it is damaged, or no document; save it anew"
            )
        if made.stat().st_size > OUTPUT_LIMIT:
            raise UnreadableFile(
                f"the Word file unpacks to more than {OUTPUT_LIMIT // 1024**2} MB: export only its text"
            )
        return made.read_bytes()


def _run(program: str, folder: Path, seconds: float) -> None:
    """Run LibreOffice on the file of a folder, and end it with all that it started when the time is over."""
    command = [
        program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore", "--nologo",
        "--nodefault", "--nolockcheck", "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder),
        str(folder / "talk.doc"),
    ]  # fmt: skip
    surroundings = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "SYSTEMROOT")}
    surroundings |= {"HOME": str(folder), "TMPDIR": str(folder)}
    try:
        process = subprocess.Popen(  # noqa: S603 - the program of that name on the path, and our own arguments
            command, cwd=folder, env=surroundings, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        raise UnreadableFile(
            f"LibreOffice does not start ({error.strerror or 'no reason is given'}); save the file as .docx"
        ) from error
    with suppress(ImportError, AttributeError, OSError, ValueError):  # only Linux can do this
        import resource

        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (DISK_LIMIT, DISK_LIMIT))
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(f"LibreOffice takes more than {seconds:.0f} s for this file; save it as .docx") from error
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it started: on Unix they are a group of their own."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
