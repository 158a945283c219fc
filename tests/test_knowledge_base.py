"""The knowledge base as its doors use it: real Chroma, real SQLite, the real model."""

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import chromadb
import pytest
from chromadb.api import ClientAPI
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings as ChromaSettings
from conftest import STEEL

from ingest.pipeline import ingest_paths
from kb.errors import BadLexicon, BadQuestion, IndexMismatch, KBError, StoreUnavailable, UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings


def open_chroma(home: Path) -> ClientAPI:
    return chromadb.PersistentClient(str(home / "chroma"), settings=ChromaSettings(anonymized_telemetry=False))


def ingest_elsewhere(settings: Settings, path: Path, leader: str) -> None:
    """Ingest an interview with a leader of this name in another process."""
    path.write_text(STEEL.replace("furnace", "ferry").replace("Otto Brandl", leader), encoding="utf-8")
    set_elsewhere = {name: value for name, value in os.environ.items() if name.startswith("KB_")}
    subprocess.run(
        [sys.executable, "-m", "ingest.cli.main", str(path)],
        check=True,
        env={**set_elsewhere, "KB_HOME": str(settings.home), "PATH": ""},
    )


def test_a_question_finds_the_leader_who_speaks_to_it(filled: KnowledgeBase) -> None:
    hit = filled.search(Query("telling people about layoffs face to face"))[0]
    assert hit.passage.speaker == "Otto Brandl"
    assert hit.passage.text.startswith("I stood on the loading dock at six")
    assert hit.passage.question == "You have cut a third of the workforce. How did you tell them?"
    assert hit.passage.start == 62.0


def test_the_host_is_never_quoted(filled: KnowledgeBase) -> None:
    hits = filled.search(Query("How do you get two hundred volunteers to care about soup every single morning?"))
    assert hits[0].passage.speaker == "Mara Quill"
    assert "Tom Verity" not in {hit.passage.speaker for hit in hits}


def test_an_answer_cites_verbatim_slices_of_turns(filled: KnowledgeBase) -> None:
    answer = filled.ask(Query("What makes volunteers care, and what drives them away?"))
    assert answer.is_covered
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    for citation in answer.citations:
        turn = filled.transcript(citation.interview.id).turns[citation.turn]
        assert turn.text[citation.start_offset : citation.end_offset] == citation.quote
        assert turn.speaker == citation.leader.name
        assert turn.role == "leader"


def test_what_the_legs_propose_is_ranked_as_when_all_is_compared_and_within_the_filters(
    filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = [Query("soup and volunteers"), Query("layoffs", leaders=("Otto Brandl",)), Query("soup", years=(2021,))]
    exact = [[hit.passage.id for hit in filled.search(query)] for query in questions]
    monkeypatch.setattr("kb.retrieval.searcher.EXACT", 0)
    monkeypatch.setattr("kb.retrieval.searcher.PROMISING", 1)
    proposed = [[hit.passage.id for hit in filled.search(query)] for query in questions]
    for query, all_compared, few_compared in zip(questions, exact, proposed, strict=True):
        assert few_compared[:1] == all_compared[:1]
        assert set(few_compared) <= set(all_compared), query


def test_the_same_question_has_the_same_answer_also_after_reopening(filled: KnowledgeBase, settings: Settings) -> None:
    questions = ["What makes volunteers care?", "How do leaders tell people about layoffs?", "soup, steel and ships"]
    first = [filled.ask(Query(question, limit=20)) for question in questions]
    again = [filled.ask(Query(question, limit=20)) for question in questions]
    reopened = KnowledgeBase.open(settings)
    try:
        assert first == again == [reopened.ask(Query(question, limit=20)) for question in questions]
    finally:
        reopened.close()


def test_files_read_in_another_order_rank_the_same(filled: KnowledgeBase, interviews_folder: Path) -> None:
    home = interviews_folder.parent / "other"
    other = KnowledgeBase.open(Settings(home=home))
    try:
        ingest_paths([interviews_folder / "steel.md", interviews_folder / "soup.md"], other)
        for question in ("What makes volunteers care?", "How do leaders tell people about layoffs?"):
            ranked = [[hit.passage.text for hit in one.search(Query(question))] for one in (filled, other)]
            assert ranked[0] == ranked[1]
    finally:
        other.close()


def test_a_question_that_nobody_speaks_to_is_said_to_be_not_covered(filled: KnowledgeBase) -> None:
    answer = filled.ask(Query("What is the boiling point of liquid helium in kelvin?"))
    assert not answer.is_covered
    assert answer.citations == ()
    assert answer.coverage.level == "none"


def test_a_filter_narrows_before_ranking_and_never_empties_what_exists(filled: KnowledgeBase) -> None:
    hits = filled.search(Query("volunteers and soup", companies=("Eisenach Mill",), limit=1))
    assert [hit.passage.speaker for hit in hits] == ["Otto Brandl"]
    assert filled.search(Query("soup", leaders=("Nobody Here",))) == []


def test_an_interview_is_summed_up_by_what_its_leader_says_and_nobody_else(filled: KnowledgeBase) -> None:
    answer = filled.ask(Query("Summarise the interview with Mara Quill"))
    assert {citation.leader.name for citation in answer.citations} == {"Mara Quill"}
    assert answer.is_covered or answer.coverage.level == "near"
    within = filled.ask(Query("Summarise the interview with Mara Quill", leaders=("Otto Brandl",)))
    assert {citation.leader.name for citation in within.citations} <= {"Otto Brandl"}


def test_who_is_named_answers_alone_also_where_the_name_is_spelt_otherwise(filled: KnowledgeBase) -> None:
    answer = filled.ask(Query("What does Marra Quil say about volunteers?"))
    assert answer.meant == ("Mara Quill",)
    assert {citation.leader.name for citation in answer.citations} == {"Mara Quill"}


def test_the_same_question_gives_the_same_order(filled: KnowledgeBase) -> None:
    first, second = (filled.search(Query("crews and safety")) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is no question"),
        ("  \n ", "There is no question"),
        ("why " * 2500, "has 10,000 characters; shorten it"),
        ("🙂🙂🙂", "holds no words"),
        ("12345", "holds no words"),
        ("100% _ %", "holds no words"),
        ("how do leaders \udcff hire?", "bytes that are no text"),
        ("リーダーはどのように情熱を共有しますか", "reads English only"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_clear_line(filled: KnowledgeBase, text: str, message: str) -> None:
    with pytest.raises(BadQuestion, match=message) as caught:
        filled.ask(Query(text))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("limit", [0, -1, 5.5, "7", None])
def test_a_limit_that_is_no_number_of_passages_is_one_clear_line(filled: KnowledgeBase, limit: int) -> None:
    for ask in (filled.ask, filled.search):
        with pytest.raises(BadQuestion, match="as a whole number") as caught:
            ask(Query("How do leaders hire?", limit=limit))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("typed", ["\udcff", "a\ud800b", "why " * 2500])
def test_a_conversation_that_is_no_text_or_too_long_is_one_clear_line(filled: KnowledgeBase, typed: str) -> None:
    with pytest.raises(BadQuestion):
        filled.understand(typed, ["How do leaders hire?"])
    with pytest.raises(BadQuestion):
        filled.understand("And layoffs?", [typed])
    with pytest.raises(BadQuestion):
        filled.questions(typed)
    with pytest.raises(BadQuestion):
        filled.keep_question(typed, "How do leaders hire?")
    with pytest.raises(BadQuestion):
        filled.keep_question("mill", typed)


def test_an_empty_knowledge_base_answers_that_nothing_is_said(knowledge_base: KnowledgeBase) -> None:
    answer = knowledge_base.ask(Query("How do leaders ignite shared passion?"))
    assert not answer.is_covered
    assert answer.coverage.leaders_asked == 0


def test_a_removed_interview_stops_answering(filled: KnowledgeBase) -> None:
    filled.remove("steel")
    assert {hit.passage.speaker for hit in filled.search(Query("safety rules of the plant"))} == {"Mara Quill"}
    with pytest.raises(UnknownInterview):
        filled.transcript("steel")
    with pytest.raises(UnknownInterview):
        filled.remove("steel")


def test_another_process_is_seen_without_a_restart(
    filled: KnowledgeBase, settings: Settings, interviews_folder: Path
) -> None:
    ingest_elsewhere(settings, interviews_folder / "ferry.md", "Ida Strand")
    assert "Ida Strand" in {hit.passage.speaker for hit in filled.search(Query("safety rules of the plant"))}


def test_another_process_is_seen_by_both_where_one_process_has_a_home_open_twice(
    filled: KnowledgeBase, settings: Settings, interviews_folder: Path, tmp_path: Path
) -> None:
    lexicon = tmp_path / "themes.yaml"
    lexicon.write_text("no themes", encoding="utf-8")
    with pytest.raises(BadLexicon):
        KnowledgeBase.open(replace(settings, lexicon=lexicon))
    with closing(KnowledgeBase.open(settings)) as other:
        for one in (filled, other):
            one.search(Query("safety rules of the plant"))
        ingest_elsewhere(settings, interviews_folder / "ferry.md", "Ida Strand")
        for one in (filled, other):
            assert "Ida Strand" in {hit.passage.speaker for hit in one.search(Query("safety rules of the plant"))}
            passage = one._catalog.passages_of("ferry")[-1]
            nearest = one._stores.vectors.nearest(one._embedder.encode_passages([passage.text])[0].vector, 10)
            assert passage.id in dict(nearest)
        assert filled.examine() == other.examine() == []


def test_an_opening_that_fails_leaves_nothing_open(settings: Settings, tmp_path: Path) -> None:
    lexicon = tmp_path / "themes.yaml"
    lexicon.write_text("no themes", encoding="utf-8")
    before = set(SharedSystemClient._identifier_to_system)
    with pytest.raises(BadLexicon):
        KnowledgeBase.open(replace(settings, lexicon=lexicon))
    assert set(SharedSystemClient._identifier_to_system) <= before


def test_vectors_of_another_model_are_refused_and_kept(filled: KnowledgeBase, settings: Settings) -> None:
    before = filled.status().passages
    with pytest.raises(KBError, match="set KB_EMBED_MODEL as it was"):
        KnowledgeBase.open(replace(settings, embed_model="some/other-model"))
    assert filled.status().passages == before


def test_a_chroma_folder_of_another_model_is_refused_and_kept(settings: Settings, tmp_path: Path) -> None:
    client = open_chroma(settings.home)
    client.create_collection("passages", embedding_function=None, metadata={"fingerprint": "other"}).add(
        ids=["a"], embeddings=[1.0, 2.0], documents=["kept"]
    )
    with pytest.raises(IndexMismatch, match="built with other"):
        KnowledgeBase.open(settings)
    assert client.get_collection("passages", embedding_function=None).count() == 1


def test_a_home_that_cannot_be_used_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.joinpath("file").write_text("in the way", encoding="utf-8")
    with pytest.raises(StoreUnavailable, match="set KB_HOME to a folder that you can write") as caught:
        KnowledgeBase.open(Settings(home=tmp_path / "file" / "home"))
    assert "\n" not in str(caught.value)


def test_chroma_vector_store_of_llama_index_reads_what_we_wrote(filled: KnowledgeBase, settings: Settings) -> None:
    from llama_index.vector_stores.chroma import ChromaVectorStore

    client = open_chroma(settings.home)
    store = ChromaVectorStore(chroma_collection=client.get_collection("passages", embedding_function=None))
    nodes = store.get_nodes(node_ids=[])
    assert {node.metadata["speaker"] for node in nodes} == {"Mara Quill", "Otto Brandl"}
    assert {node.ref_doc_id for node in nodes} == {"soup", "steel"}
