"""A knowledge base of copies is filled through the stores' own methods, and answers as any other."""

from pathlib import Path

import numpy as np
import pytest

from bench.copies import CopyEmbedder, Reading, choose_words, read_corpus
from bench.inputs import Corpus
from bench.latency import ask_all, choose_questions, fill_homes, weigh_home
from kb.embedding.protocol import Embedder
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.settings import Settings


@pytest.fixture
def readings(interviews_folder: Path, embedder: Embedder) -> list[Reading]:
    return read_corpus(Corpus(interviews_folder), embedder.count_tokens)


def test_a_home_holds_every_interview_as_often_as_it_takes(
    readings: list[Reading], embedder: Embedder, tmp_path: Path
) -> None:
    whole = sum(len(reading.passages) for reading in readings)
    fill_homes(readings, [3 * whole], tmp_path, CopyEmbedder(embedder))
    opened = KnowledgeBase.open(Settings(home=tmp_path / str(3 * whole)))
    assert [one.id for one in opened.interviews()] == [
        *("steel", "steel-copy-1", "steel-copy-2"),
        *("soup", "soup-copy-1", "soup-copy-2"),
    ]
    assert opened.status().passages == 3 * whole
    assert {finding.mending for finding in opened.examine()} == {"nothing"}  # copies come from no file
    assert opened.search(Query("Do furnace crews have a say in the safety rules?"))[0].interview.id == "steel"
    latencies = ask_all(choose_questions(readings), {3 * whole: opened}, None)
    assert list(latencies) == [f"search, {3 * whole}", f"ask, {3 * whole}"]
    opened.close()
    assert min(weigh_home(tmp_path / str(3 * whole))) > 0


def test_a_copy_is_another_file_in_words_as_long(readings: list[Reading]) -> None:
    original = readings[0]
    copy = original.rename(1, choose_words(readings, 1))
    assert copy.transcript.interview.source_hash != original.transcript.interview.source_hash
    for ours, theirs in zip(original.passages, copy.passages, strict=True):
        assert ours.text != theirs.text
        assert [len(word) for word in ours.text.split()] == [len(word) for word in theirs.text.split()]


def test_a_question_is_read_as_it_is_and_a_copy_is_turned(readings: list[Reading], embedder: Embedder) -> None:
    copies = CopyEmbedder(embedder)
    original = readings[0]
    copy = original.rename(1, choose_words(readings, 1))
    text = copy.passages[0].text
    copies.expect(copy, original, 1)
    (turned,) = copies.encode_passages([text])
    (plain,) = embedder.encode_passages([original.passages[0].text])
    assert turned.pieces.tolist() == plain.pieces.tolist()
    assert 0.9 < float(turned.vector @ plain.vector) < 0.99
    assert np.array_equal(copies.encode_query(text).vector, embedder.encode_query(text).vector)
