"""Token vectors survive projection and rounding, and matches go to the right sentences."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.embedding.protocol import Embedder
from kb.embedding.token_codes import encode_codes, fit_projection, pick_words
from kb.errors import TokenFileGone
from kb.retrieval.maxsim import (
    Run,
    count_passages_with,
    match_codes,
    match_runs,
    match_sentences,
    multiply_codes,
    sum_rows,
)
from kb.storage.token_file import TokenFile
from kb.storage.token_store import TokenStore
from kb.text.sentences import sentence_spans

TEXTS = [
    "We paid the nurses first. The surgeons waited for a week.",
    "Our ships were old.\n\nNobody at the harbour trusted the timetable any more.",
]


def put(store: TokenStore, texts: list[str], embedder: Embedder) -> TokenFile:
    return store.load(store.write(store.quantize(texts, embedder.encode_passages(texts))))


def test_each_run_gets_its_own_best_match_and_an_empty_one_none() -> None:
    codes = np.array([[127, 0], [0, 127], [-127, 0]], dtype=np.int8)
    query = np.array([[127, 0], [0, 127]], dtype=np.int8)
    assert match_codes(query, codes, np.array([0, 1, 1, 3])).tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]


def test_many_rows_are_matched_in_parts_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(7)
    codes = generator.integers(-127, 127, (500, 8)).astype(np.int8)
    query = generator.integers(-127, 127, (3, 8)).astype(np.int8)
    offsets = np.array([0, 3, 4, 4, 90, 230, 231, 500])
    whole = match_codes(query, codes, offsets)
    monkeypatch.setattr("kb.retrieval.maxsim.ROWS_AT_ONCE", 50)
    assert np.allclose(match_codes(query, codes, offsets), whole)


def test_whole_numbers_multiply_as_floats_do() -> None:
    generator = np.random.default_rng(3)
    for rows in (1, 7, 40):
        query = generator.integers(-127, 127, (rows, 64)).astype(np.int8)
        codes = generator.integers(-127, 127, (33, 64)).astype(np.int8)
        assert (multiply_codes(query, codes) == query.astype(int) @ codes.T.astype(int)).all()


def test_rounding_to_bytes_costs_less_than_a_hundredth_of_a_cosine() -> None:
    rows = np.random.default_rng(1).standard_normal((200, 64)).astype(np.float32)
    projection = fit_projection(rows, dimensions=64)
    codes = encode_codes(rows, projection).astype(np.float32) / 127
    true = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert np.abs(codes @ codes.T - true @ true.T).max() < 0.015


def test_a_segment_knows_sentences_and_passages(embedder: Embedder, tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    file = put(store, TEXTS, embedder)
    assert file.passages.tolist() == [0, 2, 4]
    assert len(file.sentences) == 5
    query = embedder.encode_query("who got money before the doctors")
    codes = TokenStore(tmp_path).project(query.tokens)
    lengths = np.diff(file.rows)
    (whole,) = match_runs([codes], [Run(file.codes, 2)], lengths)
    assert whole.shape == (len(query.pieces), 2)
    assert int(whole.mean(axis=0).argmax()) == 0
    parts = [Run(file.codes[lengths[0] :], 1), Run(file.codes[: lengths[0]], 1)]
    assert np.array_equal(match_runs([codes], parts, lengths[::-1])[0], whole[:, ::-1])
    assert match_runs([codes], [], lengths[:0])[0].shape == (len(query.pieces), 0)
    assert np.allclose(match_sentences([codes], [(file, 1)])[0][0].max(axis=1), whole[:, 1])


def test_queries_that_are_matched_together_match_as_each_alone(embedder: Embedder, tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    file = put(store, TEXTS, embedder)
    queries = [store.project(embedder.encode_query(text).tokens) for text in ("who got money first", "the ward")]
    runs, lengths, places = [Run(file.codes, 2)], np.diff(file.rows), [(file, 1), (file, 0)]
    together = match_runs(queries, runs, lengths)
    assert [one.tolist() for one in together] == [match_runs([one], runs, lengths)[0].tolist() for one in queries]
    inside = match_sentences(queries, places)
    for number, query in enumerate(queries):
        alone = match_sentences([query], places)
        assert [found[number].tolist() for found in inside] == [found[0].tolist() for found in alone]
    assert match_runs([], runs, lengths) == []
    assert match_sentences([], places) == [[], []]
    assert match_sentences(queries, []) == []


def test_rows_are_added_up_exactly_for_each_run() -> None:
    codes = np.full((3_000, 4), 127, dtype=np.int8)
    codes[:, 1] = -127
    offsets = np.array([0, 1, 1, 2_500, 3_000])
    assert sum_rows(codes, offsets)[:, :2].tolist() == [[127, -127], [0, 0], [317373, -317373], [63500, -63500]]
    assert sum_rows(codes, offsets[2:])[0, 0] == 317373  # the first row of all need not be the first that is added
    assert sum_rows(codes[:0], np.array([0])).shape == (0, 4)


def test_a_sentence_without_words_keeps_its_place(embedder: Embedder, tmp_path: Path) -> None:
    text = "We paid the nurses first. … The surgeons waited for a week."
    store = TokenStore(tmp_path)
    file = put(store, [text], embedder)
    codes = store.project(embedder.encode_passages(["surgeons waited"])[0].tokens)
    sentences = match_sentences([codes], [(file, 0)])[0][0].mean(axis=0)
    assert len(sentences) == len(sentence_spans(text))
    assert int(sentences.argmax()) == len(sentences) - 1


def test_word_pieces_are_counted_by_passage(embedder: Embedder, tmp_path: Path) -> None:
    encoded = embedder.encode_passages(["soup soup soup", "soup and bread"])
    file = put(TokenStore(tmp_path), ["soup soup soup", "soup and bread"], embedder)
    counts = count_passages_with([file, file])
    assert counts[int(encoded[0].pieces[0])] == 4
    assert counts[int(encoded[1].pieces[2])] == 2
    assert count_passages_with([]) == {}


def test_two_first_ingests_at_once_with_another_model_share_one_projection(embedder: Embedder, tmp_path: Path) -> None:
    stores = [TokenStore.open(tmp_path, is_bundled_model=False) for _ in range(4)]
    texts = [
        [f"{words} number {number}." for number in range(60)] for words in ("We hired", "Copper", "A ship", "Bread")
    ]
    encoded = [embedder.encode_passages(some) for some in texts]
    together = threading.Barrier(len(stores))

    def ingest(number: int) -> bytes:
        together.wait()
        codes = [one.codes for one in stores[number].quantize(texts[number], encoded[number])]
        return np.concatenate(codes).tobytes()

    with ThreadPoolExecutor(len(stores)) as threads:
        written = list(threads.map(ingest, range(len(stores))))
    later = TokenStore.open(tmp_path, is_bundled_model=False)
    for some, vectors, codes in zip(texts, encoded, written, strict=True):
        assert np.concatenate([one.codes for one in later.quantize(some, vectors)]).tobytes() == codes
    assert [path.name for path in tmp_path.iterdir()] == ["projection.npy"]


def test_what_is_the_same_is_one_file_and_another_is_another(embedder: Embedder, tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    first, again, other = put(store, TEXTS, embedder), put(store, TEXTS, embedder), put(store, TEXTS[:1], embedder)
    assert first.name == again.name != other.name
    assert sorted(path.name for path in tmp_path.glob("*.codes")) == sorted([first.name, other.name])


def test_thousands_of_files_hold_no_descriptor_open(embedder: Embedder, tmp_path: Path) -> None:
    (stored, *_) = TokenStore(tmp_path).quantize(TEXTS, embedder.encode_passages(TEXTS))
    store = TokenStore(tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    files = []
    for number in range(1500):
        codes = stored.codes.copy()
        codes[0, 0], codes[0, 1] = divmod(number, 100)
        files.append(store.load(store.write([replace(stored, codes=codes)])))
    assert len({file.name for file in files}) == 1500
    if before:
        assert len(list(Path("/proc/self/fd").iterdir())) < before + 20


def test_files_that_the_catalog_does_not_list_are_swept_and_readers_keep_their_rows(
    embedder: Embedder, tmp_path: Path
) -> None:
    store = TokenStore(tmp_path)
    kept, gone = put(store, TEXTS, embedder), put(store, TEXTS[:1], embedder)
    rows = gone.codes.copy()
    store.sweep({kept.name})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([kept.name, "projection.npy"])
    assert (gone.codes == rows).all()
    with pytest.raises(TokenFileGone, match="run: kb doctor --repair"):
        store.load(gone)


def test_a_file_that_is_cut_off_is_one_clear_line(embedder: Embedder, tmp_path: Path) -> None:
    file = put(TokenStore(tmp_path), TEXTS, embedder)
    path = tmp_path / file.name
    path.write_bytes(path.read_bytes()[:-64])
    with pytest.raises(TokenFileGone, match="cut off"):
        TokenStore(tmp_path).load(file)


def test_word_pieces_stand_where_their_rows_are_kept(embedder: Embedder, tmp_path: Path) -> None:
    texts = ["Soup 😀, bread: 日本 and well-kept 'words'.", "…", "word " * 400, "[SEP] is no end"]
    store = TokenStore.open(tmp_path, is_bundled_model=True)
    for text, kept in zip(texts, store.quantize(texts, embedder.encode_passages(texts)), strict=True):
        spans = embedder.token_offsets(text)
        assert len(pick_words(spans, text)) == len(kept.codes)
        assert all(text[start:end].strip() for start, end in spans)
