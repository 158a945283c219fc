"""Token vectors survive projection and rounding, and matches go to the right sentences."""

from pathlib import Path

import numpy as np
import pytest

from kb.arrays import Segment
from kb.embedding.protocol import Embedder
from kb.embedding.token_codes import encode_codes, fit_projection, pick_words
from kb.errors import SegmentGone
from kb.retrieval.maxsim import Run, count_passages_with, match_codes, match_runs, match_sentences, multiply_codes
from kb.storage.token_store import TokenStore
from kb.text.sentences import sentence_spans

TEXTS = [
    "We paid the nurses first. The surgeons waited for a week.",
    "Our ships were old.\n\nNobody at the harbour trusted the timetable any more.",
]


def put(store: TokenStore, texts: list[str], embedder: Embedder, listed: tuple[str, ...] = ()) -> Segment:
    return store.map(store.append(store.pack(texts, embedder.encode(texts)), listed))


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
    monkeypatch.setattr("kb.storage.token_store.ROWS_AT_ONCE", 50)
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
    segment = put(store, TEXTS, embedder)
    assert segment.passages.tolist() == [0, 2, 4]
    assert len(segment.sentences) == 5
    (query,) = embedder.encode(["who got money before the doctors"])
    codes = TokenStore(tmp_path).project(query.tokens)
    lengths = np.diff(segment.rows)
    whole = match_runs(codes, [Run(segment.codes, 2)], lengths)
    assert whole.shape == (len(query.pieces), 2)
    assert int(whole.mean(axis=0).argmax()) == 0
    parts = [Run(segment.codes[lengths[0] :], 1), Run(segment.codes[: lengths[0]], 1)]
    assert np.array_equal(match_runs(codes, parts, lengths[::-1]), whole[:, ::-1])
    assert match_runs(codes, [], lengths[:0]).shape == (len(query.pieces), 0)
    assert np.allclose(match_sentences(codes, segment, 1).max(axis=1), whole[:, 1])


def test_a_sentence_without_words_keeps_its_place(embedder: Embedder, tmp_path: Path) -> None:
    text = "We paid the nurses first. … The surgeons waited for a week."
    store = TokenStore(tmp_path)
    segment = put(store, [text], embedder)
    codes = store.project(embedder.encode(["surgeons waited"])[0].tokens)
    sentences = match_sentences(codes, segment, 0).mean(axis=0)
    assert len(sentences) == len(sentence_spans(text))
    assert int(sentences.argmax()) == len(sentences) - 1


def test_word_pieces_are_counted_by_passage(embedder: Embedder, tmp_path: Path) -> None:
    encoded = embedder.encode(["soup soup soup", "soup and bread"])
    segment = put(TokenStore(tmp_path), ["soup soup soup", "soup and bread"], embedder)
    counts = count_passages_with([segment, segment])
    assert counts[int(encoded[0].pieces[0])] == 4
    assert counts[int(encoded[1].pieces[2])] == 2
    assert count_passages_with([]) == {}


def test_interviews_share_a_file_and_keep_their_rows(embedder: Embedder, tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    first = put(store, TEXTS, embedder)
    second = put(store, TEXTS[:1], embedder, (first.file,))
    assert (second.file, second.first) == (first.file, first.size)
    ours, theirs = store.map(first).codes[: second.size].astype(int), second.codes.astype(int)
    assert np.abs(ours - theirs).max() <= 4  # of 127 levels: a text alone is computed exactly, many at once are not


def test_a_full_file_takes_no_more(embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = TokenStore(tmp_path)
    first = put(store, TEXTS, embedder)
    monkeypatch.setattr("kb.storage.token_store.FILE_BYTES", 100)
    assert put(store, TEXTS, embedder, (first.file,)).file != first.file


def test_a_torn_row_is_stepped_over(embedder: Embedder, tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    first = put(store, TEXTS, embedder)
    with tmp_path.joinpath(first.file).open("ab") as file:
        file.write(b"torn")
    second = put(store, TEXTS, embedder, (first.file,))
    assert second.first == first.size + 1
    assert (second.codes == first.codes).all()


def test_files_that_the_catalog_does_not_list_are_swept_and_readers_keep_their_rows(
    embedder: Embedder, tmp_path: Path
) -> None:
    store = TokenStore(tmp_path)
    kept, gone = put(store, TEXTS, embedder), put(store, TEXTS, embedder)
    store.sweep({kept.file})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([kept.file, "projection.npy"])
    assert (gone.codes == kept.codes).all()
    with pytest.raises(SegmentGone, match="run: kb doctor --repair"):
        store.map(gone)


def test_a_file_that_is_cut_off_is_one_clear_line(embedder: Embedder, tmp_path: Path) -> None:
    segment = put(TokenStore(tmp_path), TEXTS, embedder)
    path = tmp_path / segment.file
    path.write_bytes(path.read_bytes()[:-64])
    with pytest.raises(SegmentGone, match="cut off"):
        TokenStore(tmp_path).map(segment)


def test_word_pieces_stand_where_their_rows_are_kept(embedder: Embedder, tmp_path: Path) -> None:
    texts = ["Soup 😀, bread: 日本 and well-kept 'words'.", "…", "word " * 400, "[SEP] is no end"]
    store = TokenStore.open(tmp_path, is_carried_model=True)
    for text, kept in zip(texts, store.pack(texts, embedder.encode(texts)), strict=True):
        spans = embedder.place_pieces(text)
        assert len(pick_words(spans, text)) == len(kept.codes)
        assert all(text[start:end].strip() for start, end in spans)
