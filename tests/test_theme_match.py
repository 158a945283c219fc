"""Which themes a question asks about, with the real model."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kb.embedding.protocol import Embedder, TextEmbedding
from kb.errors import ModelMissing
from kb.retrieval.lexicon import Theme, load_lexicon
from kb.retrieval.theme_match import ThemeMatcher, list_asked
from kb.retrieval.theme_questions import load_theme_questions, write_theme_questions


@pytest.fixture(scope="module")
def matcher(embedder: Embedder) -> ThemeMatcher:
    return ThemeMatcher(load_lexicon(), embedder.encode_passages)


def match(matcher: ThemeMatcher, embedder: Embedder, question: str) -> list[str]:
    encoded = embedder.encode_query(question)
    return [one.theme.id for one in matcher.match(encoded.vector)]


@pytest.mark.parametrize(
    ("question", "theme"),
    [
        ("How do bosses learn to delegate?", "letting-go"),
        ("Why do good employees quit?", "why-people-leave"),
        ("How should a company announce layoffs?", "layoffs"),
        ("What is it like to disagree with your co-founder?", "cofounder-conflict"),
        ("How do organisations celebrate what their people achieved?", "celebrating"),
    ],
)
def test_a_question_about_leading_finds_its_theme(
    matcher: ThemeMatcher, embedder: Embedder, question: str, theme: str
) -> None:
    assert theme in match(matcher, embedder, question)


@pytest.mark.parametrize(
    "question",
    [
        "the bicycle that was delivered with two left pedals",
        "Which database did they run on the first server?",
        "How many moons does Jupiter have?",
        "he slept in a van behind the bakery in Lisbon",
    ],
)
def test_a_question_about_one_matter_has_no_theme(matcher: ThemeMatcher, embedder: Embedder, question: str) -> None:
    assert match(matcher, embedder, question) == []


def test_weights_add_up_and_words_are_encoded_once(embedder: Embedder) -> None:
    themes = (
        Theme("a", "Ships", ("Why do ships sink?",), ("We lost a ship.",)),
        Theme("b", "Boats", ("Why do boats sink?",), ("Sunk.",)),
    )
    matcher = ThemeMatcher(themes, embedder.encode_passages)
    encoded = embedder.encode_query("Why do ships sink?")
    found = matcher.match(encoded.vector)
    assert found[0].theme.id == "a"
    assert sum(one.weight for one in found) == pytest.approx(1.0)
    assert matcher.voices(themes[0]) is matcher.voices(themes[0])
    assert matcher.questions(themes[0]) is matcher.questions(themes[0]) is not matcher.voices(themes[0])
    assert ThemeMatcher((), embedder.encode_passages).match(encoded.vector) == []


def test_the_vectors_that_come_along_are_those_of_the_lexicon_and_the_model(embedder: Embedder) -> None:
    carried = load_theme_questions(embedder.fingerprint)
    loaded = ThemeMatcher(load_lexicon(), refuse, carried)._load()
    fresh = ThemeMatcher(load_lexicon(), embedder.encode_passages)._load()
    assert (loaded[0] * fresh[0]).sum(axis=1).min() > 0.999
    assert loaded[1].tolist() == fresh[1].tolist()
    assert len(carried) == len({text for _, text in list_asked(load_lexicon())})


def test_only_texts_that_do_not_come_along_are_encoded(embedder: Embedder) -> None:
    own = Theme("own", "Harbours", ("Why do harbours freeze over?",), ("We lay there.",))
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> list[TextEmbedding]:
        asked.extend(texts)
        return embedder.encode_passages(texts)

    matcher = ThemeMatcher((*load_lexicon(), own), encode, load_theme_questions(embedder.fingerprint))
    assert match(matcher, embedder, "Why does a harbour freeze over?")[0] == "own"
    assert asked == ["Harbours", "Why do harbours freeze over?"]


def test_vectors_of_another_model_are_none_and_a_broken_file_is_one_line(tmp_path: Path) -> None:
    assert load_theme_questions("another:model") == {}
    path = tmp_path / "own.npz"
    write_theme_questions(["Why?"], np.ones((1, 4), dtype=np.float32), "mine", path)
    assert [vector.tolist() for vector in load_theme_questions("mine", path).values()] == [[0.5] * 4]
    broken = tmp_path / "broken.npz"
    broken.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelMissing, match="reinstall the package"):
        load_theme_questions("mine", broken)


def refuse(texts: Sequence[str]) -> list[TextEmbedding]:
    raise AssertionError(f"{len(texts)} texts are encoded")
