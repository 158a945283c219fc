"""Which themes a question asks about, with the real model."""

import pytest

from kb.embedding.protocol import Embedder
from kb.retrieval.lexicon import Theme, load_lexicon
from kb.retrieval.theme_match import ThemeMatcher


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


def test_weights_add_up_and_voices_are_encoded_once(embedder: Embedder) -> None:
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
    assert ThemeMatcher((), embedder.encode_passages).match(encoded.vector) == []
