"""Measure the app and the library under many readers at once: errors, answer times, memory, open files.

Readers of the app speak Streamlit's own protocol over a web socket, one session each, and ask the next question as soon
as the page of the last one is drawn. Each question is asked once only, so that no answer comes from a cache.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.figures import describe_machine, format_table, measure_latency
from bench.inputs import PROJECT, require
from bench.questions.reader import QUESTIONS, read_queries
from bench.serving import START_SECONDS, serve_app
from kb.errors import KBError
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings

READERS, THREADS = (10, 30), 50
READER_SECONDS, THREAD_SECONDS = 180.0, 120.0
REST = 15.0  # seconds after which memory and files are looked at again
FAILED = ForwardMsg.FINISHED_WITH_COMPILE_ERROR
HEADER = ("", "answers", "errors", "answers/s", "p50 (ms)", "p95 (ms)", "memory: idle, most, after (MB)", "files: same")


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds."""

    memory: int  # MB
    files: int  # open descriptors


@dataclass(slots=True)
class Load:
    """Answers under load."""

    name: str
    seconds: float  # that it lasted
    idle: Held
    most: Held
    after: Held
    times: list[float] = field(default_factory=list)  # seconds of each answer
    errors: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.times) / self.seconds


class Asker:
    """Gives out questions, each once, to many readers at the same time."""

    def __init__(self, queries: Sequence[str]) -> None:
        self._queries = queries
        self._numbers = count()

    def take(self) -> str:
        """Return a question that was not asked before: later rounds carry a number."""
        number = next(self._numbers)
        cycle, place = divmod(number, len(self._queries))
        return self._queries[place] + (f" ({cycle})" if cycle else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and each kind of error. Return 2 after one line on standard error if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, metavar="FOLDER", help="knowledge base to ask")
    parser.add_argument("--questions", type=Path, default=QUESTIONS, metavar="FILE.jsonl", help="what is asked")
    parser.add_argument("--readers", type=int, nargs="*", default=READERS, metavar="N", help="of the app")
    parser.add_argument("--seconds", type=float, default=READER_SECONDS, metavar="S", help="for the readers")
    parser.add_argument("--threads", type=int, default=THREADS, metavar="N", help="of the library; 0: none")
    parser.add_argument("--thread-seconds", type=float, default=THREAD_SECONDS, metavar="S", help="for the threads")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="of another commit: its app is measured too")
    options = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the weights are bundled: no hub is needed
    try:
        require(options.home / "catalog.sqlite", "--home")
        queries = read_queries(options.questions)
        apps = {"app": PROJECT, **({"app before": options.before.resolve()} if options.before else {})}
        loads = [
            load_app(f"{name}, {readers} readers", project, options.home, queries, readers, options.seconds)
            for readers in options.readers
            for name, project in apps.items()
        ]
        if options.threads:
            loads.append(load_library(options.home, queries, options.threads, options.thread_seconds))
    except KBError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(report(loads))
    return 0


def report(loads: Sequence[Load]) -> str:
    """Format the table, and the errors by kind."""
    rows = [_format_row(load) for load in loads]
    kinds = sorted({f"{load.name}: {error}" for load in loads for error in load.errors})
    return "\n".join([describe_machine(), "", format_table(HEADER, rows), *kinds])


def load_app(name: str, project: Path, home: Path, queries: Sequence[str], readers: int, seconds: float) -> Load:
    """Start an app of its own and let readers ask it, each in a session of its own. Raises MissingInput."""
    with serve_app(project, home) as (process, port):
        asker = Asker(queries)
        asyncio.run(_ask_page(f"ws://127.0.0.1:{port}/_stcore/stream", asker, 1, START_SECONDS, most=1))
        idle = _look_at(process.pid)
        watch = _Watch(process.pid)
        started = time.perf_counter()
        times, errors = asyncio.run(_ask_page(f"ws://127.0.0.1:{port}/_stcore/stream", asker, readers, seconds))
        lasted, most = time.perf_counter() - started, watch.stop()
        time.sleep(min(REST, seconds))
        return Load(name, lasted, idle, most, _look_at(process.pid), times, errors)


def load_library(home: Path, queries: Sequence[str], threads: int, seconds: float) -> Load:
    """Let threads ask one knowledge base in this process. Raises the errors of `KnowledgeBase.open`."""
    with closing(KnowledgeBase.open(Settings(home=home))) as knowledge_base:
        knowledge_base.warm()
        asker = Asker(queries)
        knowledge_base.ask(Query(asker.take()))
        times: list[float] = []
        errors: list[str] = []

        def ask() -> None:
            while time.perf_counter() < until:
                began = time.perf_counter()
                try:
                    knowledge_base.ask(Query(asker.take()))
                except KBError as error:
                    errors.append(str(error))
                times.append(time.perf_counter() - began)

        idle, watch = _look_at(os.getpid()), _Watch(os.getpid())
        started = time.perf_counter()
        until = started + seconds
        workers = [threading.Thread(target=ask) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        lasted, most = time.perf_counter() - started, watch.stop()
        return Load(f"library, {threads} threads", lasted, idle, most, _look_at(os.getpid()), times, errors)


def _format_row(load: Load) -> list[str]:
    latency = measure_latency(load.times) if len(load.times) > 1 else None
    held = [load.idle, load.most, load.after]
    return [
        load.name,
        str(len(load.times)),
        str(len(load.errors)),
        f"{load.rate:.1f}",
        f"{latency.p50:.0f}" if latency else "–",
        f"{latency.p95:.0f}" if latency else "–",
        ", ".join(str(one.memory) for one in held),
        ", ".join(str(one.files) for one in held),
    ]


async def _ask_page(
    address: str, asker: Asker, readers: int, seconds: float, most: int | None = None
) -> tuple[list[float], list[str]]:
    """Let readers ask until the time is over, or each has `most` answers; return seconds and errors."""
    times: list[float] = []
    errors: list[str] = []
    until = time.perf_counter() + seconds

    async def read() -> None:
        try:
            async with connect(address, subprotocols=["streamlit"], max_size=None) as session:  # type: ignore[list-item]
                for asked in count():
                    if time.perf_counter() >= until or asked == most:
                        return
                    began = time.perf_counter()
                    errors.extend(await _rerun(session, asker.take()))
                    times.append(time.perf_counter() - began)
        except (WebSocketException, OSError) as error:
            errors.append(f"{type(error).__name__}: {error}")

    await asyncio.gather(*(read() for _ in range(readers)))
    return times, errors


async def _rerun(session: ClientConnection, question: str) -> list[str]:
    """Ask a question by the page's address; return the errors that the page shows, once it is drawn."""
    asked = BackMsg()
    asked.rerun_script.query_string = urlencode({"q": question})
    await session.send(asked.SerializeToString())
    errors: list[str] = []
    while True:
        told = ForwardMsg()
        told.ParseFromString(await session.recv(decode=False))
        kind = told.WhichOneof("type")
        element = told.delta.new_element if kind == "delta" else None
        if element is not None and element.WhichOneof("type") == "exception":
            errors.append(element.exception.message)
        elif element is not None and 'role="alert"' in element.html.body:
            errors.append(element.html.body)
        if kind == "script_finished":
            return [*errors, "the page does not compile"] if told.script_finished == FAILED else errors


class _Watch:
    """Looks at a process twice a second, and keeps the most that it held."""

    def __init__(self, pid: int) -> None:
        self._most = _look_at(pid)
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> Held:
        """Return the most memory and the most open files."""
        self._ended.set()
        self._thread.join()
        return self._most

    def _look(self) -> None:
        while not self._ended.wait(0.5):
            now = _look_at(self._pid)
            self._most = Held(max(self._most.memory, now.memory), max(self._most.files, now.files))


def _look_at(pid: int) -> Held:
    """Return what a process holds; zeros where there is no /proc."""
    place = Path(f"/proc/{pid}")
    if not place.is_dir():
        return Held(0, 0)
    pages = int((place / "statm").read_text(encoding="ascii").split()[1])
    return Held(pages * os.sysconf("SC_PAGE_SIZE") // 2**20, len(list((place / "fd").iterdir())))


if __name__ == "__main__":
    sys.exit(main())
