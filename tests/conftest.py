"""What the tests share: one real model, small real knowledge bases, and the shared data where it is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import streamlit as st
from servers import Postgres, find_postgres, run_chroma

from ingest.pipeline.run import Options, ingest_paths
from kb.embedding.embedder import open_embedder
from kb.embedding.protocol import Embedder
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Leader, Transcript, Turn
from kb.settings import Settings
from kb.storage.vector_store import VectorStore

HERE = Path(__file__).parent
ROOT = HERE.parent
CORPUS = ROOT / "corpus"
SHARED = ROOT.parent / "shared"

SOUP = """---
title: Soup for a city
leaders:
  - {name: Mara Quill, role: founder, company: Ladle House, sector: food, qualifies: people served}
host: Tom Verity
date: 2019-05-04
---

**Tom Verity:** How do you get two hundred volunteers to care about soup every single morning?

**Mara Quill:** [00:12] You do not talk about soup. You let every volunteer sit down and eat beside the \
people who come \
in. Nobody who has shared a table with a neighbour needs a speech about purpose. We tried posters once, and the \
posters did nothing at all.

**Tom Verity:** And what drives them away?

**Mara Quill:** [00:47] Being treated like a pair of hands. The week a manager shouted at the kitchen crew, eleven of \
them never came back, and I do not blame a single one of them for it.
"""

STEEL = """---
title: Running a mill
leaders:
  - {name: Otto Brandl, role: chief executive, company: Eisenach Mill, sector: steel, qualifies: market value}
host: Tom Verity
date: 2021-11-20
---

**Tom Verity:** You have cut a third of the workforce. How did you tell them?

**Otto Brandl:** [01:02] I stood on the loading dock at six in the morning and told every shift myself, with \
the numbers \
on a board. The layoffs were mine to explain, and nobody should hear such a thing from a letter or from a consultant.

**Tom Verity:** Do your furnace crews have a say in the safety rules of the plant these days?

**Otto Brandl:** [02:10] They write the rules. The engineers used to write them, and the crews used to ignore \
them, and \
we had four burns a year. Since the crews hold the pen we have had none, which is an embarrassing thing for an engineer.
"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process; those of a folder, whose fixtures take minutes, too."""
    for item in items:
        folder = item.path.parent
        item.add_marker(pytest.mark.xdist_group((item.path if folder == HERE else folder).name))


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return open_embedder()


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with run_chroma(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    programs = find_postgres()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed here (initdb is neither on the path nor in /usr/lib/postgresql)")
    server = Postgres(programs)
    yield server
    server.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def shared_settings(
    postgres: Postgres, chroma_server: str, embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Of an empty knowledge base that hosts share, in the environment too, for commands."""
    empty_chroma(chroma_server, tmp_path, embedder)
    monkeypatch.setenv("KB_CATALOG_URL", postgres.make_database())
    monkeypatch.setenv("KB_CHROMA_URL", chroma_server)
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    return Settings.from_env()


def empty_chroma(url: str, folder: Path, embedder: Embedder) -> None:
    vectors = VectorStore.open(folder, url, embedder.fingerprint)
    vectors.reset()
    vectors.close()


@pytest.fixture
def interviews_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "interviews"
    folder.mkdir()
    (folder / "soup.md").write_text(SOUP, encoding="utf-8")
    (folder / "steel.md").write_text(STEEL, encoding="utf-8")
    return folder


@pytest.fixture
def knowledge_base(settings: Settings) -> Iterator[KnowledgeBase]:
    opened = KnowledgeBase.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def filled(knowledge_base: KnowledgeBase, interviews_folder: Path) -> KnowledgeBase:
    ingest_paths([interviews_folder], knowledge_base)
    return knowledge_base


@pytest.fixture
def app_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home that the app's pages open; nothing is in it yet."""
    monkeypatch.setenv("KB_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    st.cache_resource.clear()


@pytest.fixture
def filled_app_home(app_home: Path, interviews_folder: Path) -> Path:
    with closing(KnowledgeBase.open(Settings(home=app_home))) as opened:
        ingest_paths([interviews_folder], opened)
    return app_home


@pytest.fixture(scope="session")
def founders_talk() -> Path:
    folder = SHARED / "corpora" / "founders-talk"
    if not folder.is_dir():
        pytest.skip("the real interviews are not beside the project (../shared/corpora/founders-talk)")
    return folder


@pytest.fixture(scope="session")
def options(founders_talk: Path) -> Options:
    return Options(metadata=founders_talk / "metadata.csv")


@pytest.fixture(scope="session")
def real(founders_talk: Path, options: Options, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    opened = KnowledgeBase.open(Settings(home=tmp_path_factory.mktemp("real")))
    report = ingest_paths([founders_talk / "transcripts"], opened, options)
    assert len(report.of("added")) == len(report.files) == 50
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def questions() -> list[dict[str, str]]:
    path = SHARED / "eval" / "founders_questions.jsonl"
    if not path.exists():
        pytest.skip("the question set is not beside the project (../shared/eval)")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def make_transcript(*turns: tuple[str, str], leader: str = "Ada Vance", host: str = "Max Ruh") -> Transcript:
    """A transcript of (speaker, text) pairs; the role follows from the name."""
    roles = {leader: "leader", host: "host"}
    made = tuple(
        Turn(index, speaker, roles.get(speaker, "other"), text)  # type: ignore[arg-type]
        for index, (speaker, text) in enumerate(turns)
    )
    return Transcript(Interview("talk", "A talk", (Leader(leader, company="Vance & Co"),), host=host), made)
