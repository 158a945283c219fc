"""What the log holds: where things go wrong and what takes long, and nothing of what was said or asked."""

from __future__ import annotations

import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import SOUP, STEEL

from ingest.pipeline import ingest_paths
from ingest.readers import READERS, Reader
from ingest.upload.desk import UploadQueue
from ingest.upload.keeping import Upload
from kb.errors import KBError, StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import LanguageModelSettings, Settings

QUESTION = "How do volunteers who are treated like hands tell their manager?"
LONG_WORD = re.compile(r"[a-z]{5,}")
SAID = frozenset(LONG_WORD.findall(f"{SOUP} {STEEL} {QUESTION}".lower()))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def read_ours(log: pytest.LogCaptureFixture) -> list[str]:
    """The records of our own modules as a log shows them, tracebacks and all."""
    form = logging.Formatter("%(levelname)s %(name)s: %(message)s").format
    return [form(record) for record in log.records if record.name.split(".")[0] in ("kb", "ingest")]


def find_words(lines: Sequence[str]) -> set[str]:
    """Words of the transcripts and of the question; names of files and the code in a traceback are ours to tell."""
    told = [re.sub(r'(?m)^  File ".*\n(?:    .*\n)*|\w+\.md\b', "", line) for line in lines]
    return set(SAID).intersection(LONG_WORD.findall("\n".join(told).lower()))


def test_ingesting_and_asking_leave_no_word_of_either_in_the_log(
    knowledge_base: KnowledgeBase, interviews_folder: Path, log: pytest.LogCaptureFixture
) -> None:
    ingest_paths([interviews_folder], knowledge_base)
    understood = knowledge_base.understand(QUESTION, ())
    answer = knowledge_base.ask(Query(understood.text))
    assert answer.citations
    knowledge_base.search(Query(QUESTION))
    knowledge_base.compare(Query(QUESTION), "leader", ["Mara Quill", "Otto Brandl"])
    knowledge_base.rate(answer, is_helpful=True)
    knowledge_base.remove("soup")
    ours = read_ours(log)
    assert sum("A question took" in line for line in ours) == 3
    assert find_words(ours) == set()


def test_a_reader_whose_error_repeats_the_transcript_is_logged_with_where_and_without_its_words(
    knowledge_base: KnowledgeBase,
    interviews_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(READERS, "markdown", Reader("faulty_reader", "Markdown"))
    report = ingest_paths([interviews_folder], knowledge_base)
    assert [file.outcome for file in report] == ["refused", "refused"]
    lines = [line for line in read_ours(log) if line.startswith("ERROR")]
    assert [line.split("\n")[0] for line in lines] == ["ERROR ingest.readers: KeyError became UnreadableFile"] * 2
    assert all("faulty_reader.py" in line for line in lines)
    assert find_words(lines) == set()


@pytest.mark.parametrize("table", ["passages", "turns", "feedback"])
def test_what_cannot_be_written_is_logged_with_where_and_without_what(
    table: str,
    knowledge_base: KnowledgeBase,
    settings: Settings,
    interviews_folder: Path,
    log: pytest.LogCaptureFixture,
) -> None:
    ingest_paths([interviews_folder / "steel.md"], knowledge_base)
    answer = knowledge_base.ask(Query(QUESTION))
    with closing(sqlite3.connect(settings.home / "catalog.sqlite")) as catalog:
        catalog.execute(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no room'); END")

    def write() -> None:
        knowledge_base.rate(answer, is_helpful=True)
        ingest_paths([interviews_folder], knowledge_base)

    with pytest.raises(StoreUnavailable):
        write()
    (line,) = [line for line in read_ours(log) if line.startswith("ERROR")]
    assert line.startswith("ERROR kb.storage.database: IntegrityError became StoreUnavailable\nTraceback")
    assert "sqlalchemy/engine" in line
    assert line.endswith("cannot be written: no room")
    assert find_words([line]) == set()


def test_an_upload_that_fails_is_logged_without_the_words_that_a_library_quotes(
    knowledge_base: KnowledgeBase, tmp_path: Path, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choke(texts: Sequence[object], *_: object) -> None:
        raise ValueError(f"this cannot be tokenized: {texts}")

    monkeypatch.setattr(knowledge_base, "encode", choke)
    queue = UploadQueue(knowledge_base, tmp_path / "uploads")
    queue.submit([Upload("soup.md", SOUP.encode())], None)
    assert queue.latest is not None
    with pytest.raises(KBError, match="not of the files; the log tells more"):
        queue.latest.result(60)
    (line,) = [line for line in read_ours(log) if line.startswith("ERROR")]
    assert line.startswith("ERROR ingest.upload.desk: ValueError became KBError\nTraceback")
    assert find_words([line]) == set()


class Echo(BaseHTTPRequestHandler):
    """A server that complains by repeating what it was asked, key and all."""

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        body = json.dumps({"error": {"message": f"{self.headers['Authorization']} {asked}"}}).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_what_a_language_models_server_says_is_not_logged(
    echo: str, settings: Settings, interviews_folder: Path, log: pytest.LogCaptureFixture
) -> None:
    model = LanguageModelSettings("openai-like", "echo", echo, "zanzibar", 10.0)
    with closing(KnowledgeBase.open(Settings(home=settings.home, language_model=model))) as opened:
        ingest_paths([interviews_folder], opened)
        *_, last = opened.write(opened.ask(Query(QUESTION)))
    assert "HTTP 400" in last.problem
    (line,) = [line for line in read_ours(log) if "kb.generation" in line]
    assert line.startswith("WARNING kb.generation.client: BadRequestError became LanguageModelFailed\nTraceback")
    assert "zanzibar" not in line
    assert find_words([line]) == set()


def test_a_question_that_takes_long_is_a_warning_with_its_stages_and_its_text_is_for_debugging(
    knowledge_base: KnowledgeBase,
    interviews_folder: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ingest_paths([interviews_folder], knowledge_base)
    monkeypatch.setattr("kb.answering.stopwatch.LONG", 0.0)
    caplog.set_level(logging.DEBUG, "kb.answering")
    knowledge_base.ask(Query(QUESTION))
    took, asked = (record for record in caplog.records if record.name == "kb.answering.stopwatch")
    assert took.levelno == logging.WARNING
    stages = r"calibration \d+\.\d\d, index \d+\.\d\d, retrieval \d+\.\d\d, brief \d+\.\d\d"
    assert re.fullmatch(rf"A question took \d+\.\d\d seconds: {stages}", took.getMessage())
    assert (asked.levelno, asked.getMessage()) == (logging.DEBUG, f"The question was: {QUESTION}")


def run_kb(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kb.cli.main", *arguments]
    environment = {**os.environ, "KB_HOME": str(home)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_command_line_logs_to_standard_error_when_it_is_asked_to(settings: Settings) -> None:
    assert run_kb(settings.home, "status").stderr == ""
    told = run_kb(settings.home, "-v", "status").stderr
    assert re.search(rf"INFO kb\.knowledge_base: Opened the catalog at {settings.home}, with the model", told)


def test_a_failure_is_one_line_and_its_traceback_comes_with_v(settings: Settings) -> None:
    (settings.home / "catalog.sqlite").mkdir(parents=True)
    quiet, told = run_kb(settings.home, "status"), run_kb(settings.home, "-v", "status")
    assert quiet.returncode == told.returncode == 2
    (line,) = quiet.stderr.splitlines()
    assert line.startswith(f"kb: KB_HOME {settings.home} cannot be used: unable to open database file")
    assert "ERROR kb.storage.sqlite: OperationalError became StoreUnavailable\nTraceback" in told.stderr
    assert told.stderr.endswith(quiet.stderr)


def test_questions_are_logged_with_vv_alone(settings: Settings, interviews_folder: Path) -> None:
    with closing(KnowledgeBase.open(settings)) as opened:
        ingest_paths([interviews_folder], opened)
    assert run_kb(settings.home, "ask", QUESTION).stderr == ""
    told, everything = (run_kb(settings.home, how, "ask", QUESTION).stderr for how in ("-v", "-vv"))
    assert "kb.answering.stopwatch: A question took " in told
    assert QUESTION not in told
    assert f"DEBUG kb.answering.stopwatch: The question was: {QUESTION}" in everything


def test_an_error_and_its_record_are_apart(caplog: pytest.LogCaptureFixture) -> None:
    """A handler may format a record later, when the error itself has the other as its cause."""
    try:
        raise ValueError(QUESTION)
    except ValueError as error:
        failure = KBError("It failed").logged(logging.getLogger("kb.test"), error)
        failure.__cause__ = error
    (record,) = caplog.records
    record.exc_text = None
    told = logging.Formatter().format(record)
    assert "KBError: It failed" in told
    assert QUESTION not in told
