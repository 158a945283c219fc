"""The same stores with a Chroma server, started here on a free port of this machine."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from conftest import SOUP

from ingest.pipeline import Options, ingest_paths
from kb.errors import StoreUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings
from kb.vectors import VectorStore

PATIENCE = 60  # seconds for the server to come up


def find_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v2/heartbeat", timeout=1).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = find_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--path", str(tmp_path_factory.mktemp("chroma"))],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "RUST_LOG": "error"},
    )
    ticks = threading.Event()
    for _ in range(PATIENCE * 5):
        if is_up(url) or process.poll() is not None:
            break
        ticks.wait(0.2)
    assert is_up(url)
    yield url
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def served(server: str, tmp_path: Path, interviews_folder: Path) -> Iterator[KnowledgeBase]:
    opened = KnowledgeBase.open(Settings(home=tmp_path / "home", chroma_url=server))
    opened._vectors.reset()
    ingest_paths([interviews_folder], opened)
    yield opened
    opened.close()


def test_the_vectors_lie_on_the_server_alone(served: KnowledgeBase, tmp_path: Path) -> None:
    assert served._vectors.count() == served.status().passages > 0
    assert not (tmp_path / "home" / "chroma").exists()
    assert served.search(Query("layoffs told on the loading dock"))[0].passage.speaker == "Otto Brandl"
    assert served.examine() == []


def test_the_server_proposes_passages_where_not_all_are_compared(
    served: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = served.search(Query("layoffs told on the loading dock"))
    monkeypatch.setattr("kb.find.EXACT", 0)
    assert served.search(Query("layoffs told on the loading dock")) == whole
    (only,) = served.search(Query("layoffs", leaders=("Mara Quill",)))
    assert only.passage.speaker == "Mara Quill"


def test_changes_and_removals_reach_the_server(served: KnowledgeBase, interviews_folder: Path) -> None:
    (interviews_folder / "soup.md").write_text(SOUP.replace("posters", "banners"), encoding="utf-8")
    (interviews_folder / "steel.md").unlink()
    report = ingest_paths([interviews_folder], served, Options(prune=True))
    assert sorted(file.outcome for file in report) == ["removed", "updated"]
    (text,) = served._vectors.stored().values()
    assert "banners" in text
    assert served.examine() == []


def test_the_doctor_mends_what_the_server_lost(served: KnowledgeBase) -> None:
    before = served._vectors.stored()
    served._vectors.reset()
    assert len(served.examine()) == 2
    assert served.repair() == []
    assert served._vectors.stored() == before


def test_another_client_is_seen_at_once(served: KnowledgeBase, server: str, tmp_path: Path) -> None:
    other = KnowledgeBase.open(Settings(home=tmp_path / "home", chroma_url=server))
    other.remove("steel")
    assert {hit.interview.id for hit in served.search(Query("layoffs"))} == {"soup"}
    assert served._vectors.count() == 1
    other.close()


def test_a_backup_of_an_embedded_store_goes_to_a_server_and_back(
    served: KnowledgeBase, server: str, tmp_path: Path
) -> None:
    served.back_up(tmp_path / "kb.zip")
    KnowledgeBase.restore(tmp_path / "kb.zip", Settings(home=tmp_path / "embedded"))
    embedded = KnowledgeBase.open(Settings(home=tmp_path / "embedded"))
    assert embedded.examine() == []
    assert embedded.search(Query("soup")) == served.search(Query("soup"))
    embedded.close()


def test_a_server_that_is_away_is_one_clear_line(served: KnowledgeBase, tmp_path: Path) -> None:
    away = Settings(home=tmp_path / "home", chroma_url=f"http://127.0.0.1:{find_port()}")
    with pytest.raises(StoreUnavailable, match="Could not connect") as caught:
        KnowledgeBase.open(away)
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
