"""A process that has the engines and the model loaded, and gives birth to children that work with them.

A child costs a fork instead of seconds of imports. The nursery itself never opens a knowledge base: an open Chroma
client does not survive a fork.

Each line on standard input is a JSON object: an id, KB_HOME, and what to do. Each line on standard output tells of a
child: {"id", "pid"} once it is born, {"id", "code", "out"} once it is gone.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from queue import Queue
from typing import Any, cast

IMPORTS = "chromadb.api.rust", "chromadb.api.fastapi", "llama_index.core.vector_stores.utils"


class Child:
    """A process at work."""

    def __init__(self, pid: int, done: Queue[dict[str, Any]]) -> None:
        self.pid = pid
        self._done = done

    def wait(self, seconds: float = 600) -> tuple[int, str]:
        """Its exit code, negative for a signal, and what it printed."""
        told = self._done.get(timeout=seconds)
        return told["code"], told["out"]


class Nursery:
    """The parent's end."""

    def __init__(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self._told: dict[int, Queue[dict[str, Any]]] = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, home: Path, do: str, *arguments: str, **more: object) -> Child:
        """A child at work: a command such as `kb-ingest`, or `ask-in-a-loop`."""
        number = len(self._told)
        told = self._told[number] = Queue()
        line = json.dumps({"id": number, "home": str(home), "do": do, "arguments": arguments, **more})
        stdin = cast("io.TextIOWrapper", self._process.stdin)
        stdin.write(f"{line}\n")
        stdin.flush()
        return Child(told.get(timeout=300)["pid"], told)  # the first one waits for the engines and the model

    def run(self, home: Path, do: str, *arguments: str, **more: object) -> tuple[int, str]:
        """Exit code and output of a child that is waited for."""
        return self.start(home, do, *arguments, **more).wait()

    def close(self) -> None:
        """End the process."""
        cast("io.TextIOWrapper", self._process.stdin).close()
        self._process.wait(timeout=30)
        cast("io.TextIOWrapper", self._process.stdout).close()

    def _listen(self) -> None:
        with contextlib.suppress(ValueError):
            for line in cast("io.TextIOWrapper", self._process.stdout):
                told = json.loads(line)
                self._told[told["id"]].put(told)


def ask_in_a_loop(stop: str, *_: str) -> int:
    """Ask until a file appears; print what was answered, each time it changed, with the number of the question.

    The file `asked` beside it grows by a byte with each answer.
    """
    from kb.knowledge_base import KnowledgeBase
    from kb.model import Query
    from kb.settings import Settings

    knowledge_base = KnowledgeBase.open(Settings.from_env())
    last = None
    for number in count():
        if Path(stop).exists():
            break
        answer = knowledge_base.ask(Query("How do leaders run a mill, and tell people about layoffs?", limit=50))
        hits = [[hit.passage.id, hit.passage.text] for hit in answer.hits]
        quotes = [[citation.interview.id, citation.quote] for citation in answer.citations]
        if (found := {"hits": hits, "quotes": quotes}) != last:
            last = found
            sys.stdout.write(json.dumps({"number": number, **found}) + "\n")
        with Path(stop).with_name("asked").open("ab") as asked:
            asked.write(b".")
    knowledge_base.close()
    return 0


def work(order: dict[str, Any]) -> int:
    """Do what is asked, in a child."""
    import ingest.cli.main
    import kb.cli.main

    os.environ["KB_HOME"] = order["home"]
    if limit := order.get("file_bytes"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    works = {
        "kb-ingest": lambda words: ingest.cli.main.main(words),
        "kb": lambda words: kb.cli.main.main(words),
        "ask-in-a-loop": lambda words: ask_in_a_loop(*words),
    }
    return int(works[order["do"]](order["arguments"]))


def bear(order: dict[str, Any]) -> None:
    """Fork, and tell of the child, which writes into a file of its own."""
    out = os.memfd_create("out")
    pid = os.fork()
    if pid:
        tell({"id": order["id"], "pid": pid})  # before a short life is over
        threading.Thread(target=bury, args=(order["id"], pid, out), daemon=True).start()
        return
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.close(0)
    sys.stdout = sys.stderr = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), line_buffering=True)
    try:
        code = work(order)
    except BaseException:  # noqa: BLE001 - a child ends here, whatever happens
        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    os._exit(code)


def bury(number: int, pid: int, out: int) -> None:
    """Wait for a child and tell of it."""
    _, status = os.waitpid(pid, 0)
    os.lseek(out, 0, os.SEEK_SET)
    with open(out, encoding="utf-8", errors="replace") as file:
        tell({"id": number, "code": os.waitstatus_to_exitcode(status), "out": file.read()})


TELLING = threading.Lock()


def tell(told: dict[str, Any]) -> None:
    """One line to the parent."""
    with TELLING:
        os.write(1, f"{json.dumps(told)}\n".encode())


def read_orders() -> Iterator[dict[str, Any]]:
    """What the parent asks for."""
    for line in sys.stdin:
        yield json.loads(line)


def main() -> None:
    """Load everything, then bear children until the parent hangs up."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    for name in IMPORTS:
        __import__(name)
    from kb.embedding.embedder import open_embedder

    os.cpu_count = lambda: 1  # a pool of torch's threads does not survive a fork
    open_embedder().encode_passages(["warm"])
    for order in read_orders():
        bear(order)


if __name__ == "__main__":
    main()
