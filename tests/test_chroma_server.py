"""The same stores with a Chroma server, started here on a free port of this machine."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from conftest import SOUP
from servers import find_port

from ingest.pipeline.run import Options, ingest_paths
from kb.cli.main import main
from kb.embedding.sentence_transformer import SentenceTransformerEmbedder
from kb.errors import BadBackup, StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings
from kb.storage.chroma_client import connect_server
from kb.storage.chroma_session import list_sessions
from kb.storage.vector_store import VectorStore, open_vectors


@pytest.fixture
def served(chroma_server: str, tmp_path: Path, interviews_folder: Path) -> Iterator[KnowledgeBase]:
    opened = KnowledgeBase.open(Settings(home=tmp_path / "home", chroma_url=chroma_server))
    opened._stores.vectors.reset()
    ingest_paths([interviews_folder], opened)
    yield opened
    opened.close()


def test_the_vectors_lie_on_the_server_alone(served: KnowledgeBase, tmp_path: Path) -> None:
    assert served._stores.vectors.count() == served.status().passages > 0
    assert not (tmp_path / "home" / "chroma").exists()
    assert served.search(Query("layoffs told on the loading dock"))[0].passage.speaker == "Otto Brandl"
    assert served.examine() == []


def test_the_server_proposes_passages_where_not_all_are_compared(
    served: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = served.search(Query("layoffs told on the loading dock"))
    monkeypatch.setattr("kb.retrieval.searcher.EXACT", 0)
    assert served.search(Query("layoffs told on the loading dock")) == whole
    (only,) = served.search(Query("layoffs", leaders=("Mara Quill",)))
    assert only.passage.speaker == "Mara Quill"


def test_changes_and_removals_reach_the_server(served: KnowledgeBase, interviews_folder: Path) -> None:
    (interviews_folder / "soup.md").write_text(SOUP.replace("posters", "banners"), encoding="utf-8")
    (interviews_folder / "steel.md").unlink()
    report = ingest_paths([interviews_folder], served, Options(prune=True))
    assert sorted(file.outcome for file in report) == ["removed", "updated"]
    (text,) = served._stores.vectors.all_texts().values()
    assert "banners" in text
    assert served.examine() == []


def test_the_doctor_mends_what_the_server_lost(served: KnowledgeBase) -> None:
    before = served._stores.vectors.all_texts()
    served._stores.vectors.reset()
    assert len(served.examine()) == 2
    assert served.repair() == []
    assert served._stores.vectors.all_texts() == before


def test_another_client_is_seen_at_once(served: KnowledgeBase, chroma_server: str, tmp_path: Path) -> None:
    other = KnowledgeBase.open(Settings(home=tmp_path / "home", chroma_url=chroma_server))
    other.remove("steel")
    assert {hit.interview.id for hit in served.search(Query("layoffs"))} == {"soup"}
    assert served._stores.vectors.count() == 1
    other.close()


def test_a_collection_that_another_process_makes_anew_is_found_again(
    served: KnowledgeBase, chroma_server: str, tmp_path: Path
) -> None:
    before = served._stores.vectors.all_texts()
    other = KnowledgeBase.open(Settings(home=tmp_path / "home", chroma_url=chroma_server))
    other._stores.vectors.reset()
    assert served.search(Query("layoffs"))[0].interview.id == "steel"
    assert other.repair() == []
    other.close()
    assert served._stores.vectors.all_texts() == before


def test_a_backup_of_an_embedded_store_goes_to_a_server_and_back(
    served: KnowledgeBase, chroma_server: str, tmp_path: Path
) -> None:
    served.back_up(tmp_path / "kb.zip")
    KnowledgeBase.restore(tmp_path / "kb.zip", Settings(home=tmp_path / "embedded"))
    embedded = KnowledgeBase.open(Settings(home=tmp_path / "embedded"))
    assert embedded.examine() == []
    assert embedded.search(Query("soup")) == served.search(Query("soup"))
    embedded.close()


def test_a_restore_that_breaks_off_on_the_server_leaves_it_empty_and_can_be_tried_again(
    served: KnowledgeBase, chroma_server: str, tmp_path: Path
) -> None:
    served.back_up(tmp_path / "kb.zip")
    with pytest.raises(BadBackup, match="holds vectors already; restore with an empty one"):
        KnowledgeBase.restore(tmp_path / "kb.zip", Settings(home=tmp_path / "other", chroma_url=chroma_server))
    counts = served.counts()
    served._stores.vectors.reset()
    full = proxy(chroma_server, lambda path: 507 if path.endswith("/upsert") else None)
    with full as url, pytest.raises(StoreUnavailable, match="507 Insufficient Storage"):
        KnowledgeBase.restore(tmp_path / "kb.zip", Settings(home=tmp_path / "other", chroma_url=url))
    assert not (tmp_path / "other").exists()
    restored = Settings(home=tmp_path / "other", chroma_url=chroma_server)
    KnowledgeBase.restore(tmp_path / "kb.zip", restored)
    with closing(KnowledgeBase.open(restored)) as opened:
        assert opened.examine() == []
        assert opened.counts() == counts


def test_a_server_that_is_away_is_one_clear_line(served: KnowledgeBase, tmp_path: Path) -> None:
    away = Settings(home=tmp_path / "home", chroma_url=f"http://127.0.0.1:{find_port()}")
    with pytest.raises(StoreUnavailable, match="Could not connect") as caught:
        KnowledgeBase.open(away)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", ["/auth/identity", "/collections", "/query"])
def test_a_page_of_a_proxy_in_place_of_the_server_is_one_clear_line(
    served: KnowledgeBase, chroma_server: str, tmp_path: Path, path: str
) -> None:
    broken = proxy(chroma_server, lambda asked: 502 if asked.endswith(path) else None)
    with (
        broken as url,
        pytest.raises(StoreUnavailable, match="502") as caught,
        closing(VectorStore.open(tmp_path, url, served._embedder.fingerprint)) as vectors,
    ):
        vectors.nearest(np.ones(384, dtype=np.float32), 1)
    assert "\n" not in str(caught.value)


def test_the_token_is_sent_with_every_request(tmp_path: Path) -> None:
    seen: list[str | None] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization"))
            self.send_error(403, "Forbidden")

        def log_message(self, *_: object) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    settings = Settings(chroma_url=f"http://127.0.0.1:{listener.server_port}", chroma_token="a secret")
    with pytest.raises(StoreUnavailable):
        VectorStore.open(tmp_path, settings.chroma_url, "model:1", settings.chroma_token)
    listener.shutdown()
    listener.server_close()
    assert seen
    assert set(seen) == {"Bearer a secret"}
    assert "a secret" not in repr(replace(settings))


@pytest.mark.parametrize(
    ("url", "reached"),
    [("http://[::1]:9", "http://[::1]:9/api/v2"), ("https://http.example.org", "https://http.example.org:443/api/v2")],
)
def test_the_server_of_the_address_is_the_one_that_is_asked(
    url: str, reached: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(_: httpx.Client, __: str, address: str, **___: object) -> None:
        asked.append(address)
        raise httpx.ConnectError("away")

    monkeypatch.setattr(httpx.Client, "request", refuse)
    with pytest.raises(StoreUnavailable):
        connect_server(url, "a secret", 30.0)
    assert asked
    assert all(one.startswith(reached) for one in asked)


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_server_that_hangs_is_one_clear_line_after_a_bounded_time(
    silent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KB_CHROMA_URL", silent)
    monkeypatch.setenv("KB_CHROMA_TIMEOUT", "0.5")
    started = time.monotonic()
    assert main(["search", "soup"]) == 2
    assert time.monotonic() - started >= 0.5
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"kb: The vector store at {silent} cannot be opened: no answer within 0.5 seconds")


def test_a_server_that_falls_silent_later_is_one_clear_line_too(served: KnowledgeBase, silent: str) -> None:
    passage = served._catalog.passages_of("soup")[0]
    for session in list_sessions(served._stores.vectors._opened.client):
        session.timeout = 0.5
        session.base_url = silent
    client: Any = served._stores.vectors._opened.client
    client._server._api_url = f"{silent}/api/v2"
    with pytest.raises(StoreUnavailable, match="timed out") as caught:
        served._stores.vectors.remove([passage.id])
    assert "\n" not in str(caught.value)


def test_a_client_waits_no_longer_than_the_settings_say(
    chroma_server: str, embedder: SentenceTransformerEmbedder, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, chroma_url=chroma_server, chroma_timeout=7.0)
    opened = open_vectors(settings, embedder.fingerprint)
    assert {session.timeout.read for session in list_sessions(opened._opened.client)} == {7.0}
    opened.close()


def test_questions_ask_the_server_side_by_side(served: KnowledgeBase, chroma_server: str, tmp_path: Path) -> None:
    """Four counts pass a gate on their way to the server only when all four are under way."""
    everybody = threading.Barrier(4, timeout=60)

    def wait(path: str) -> None:
        if path.endswith("/count"):
            everybody.wait()

    with proxy(chroma_server, wait) as url:
        vectors = VectorStore.open(tmp_path, url, served._embedder.fingerprint)
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(lambda _: vectors.count(), range(4))) == [served.counts().passages] * 4
        vectors.close()


@contextmanager
def proxy(chroma_server: str, on_request: Callable[[str], int | None]) -> Iterator[str]:
    """The address of a proxy before the server: it forwards a request, unless it is told to answer with an error."""

    class Proxy(BaseHTTPRequestHandler):
        def forward(self) -> None:
            if (refusal := on_request(self.path)) is not None:
                self.send_error(refusal)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kind = {"Content-Type": self.headers.get("Content-Type") or "application/json"}
            answer = httpx.request(self.command, chroma_server + self.path, content=body, headers=kind, timeout=30)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = forward  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    opened = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=opened.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{opened.server_port}"
    opened.shutdown()
    opened.server_close()


def test_a_callers_mistake_is_not_told_as_a_full_disk(served: KnowledgeBase) -> None:
    interview, passage = served.interviews()[0], served._catalog.passages_of("soup")[0]
    with pytest.raises(ValueError, match="shorter"):
        served._stores.vectors.replace(interview, [passage, passage], [np.zeros(384, dtype=np.float32)])
