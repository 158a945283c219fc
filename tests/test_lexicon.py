"""The theme lexicon: what comes with the package, a person's own, and files that cannot be used."""

from contextlib import closing
from pathlib import Path

import pytest

from ingest.pipeline.run import Options, ingest_paths
from kb.errors import BadLexicon
from kb.knowledge_base import KnowledgeBase
from kb.model import Query
from kb.retrieval.lexicon import load_lexicon, read_lexicon
from kb.settings import Settings

OWN = """
- id: letting-go
  name: Handing over at sea
  questions: ["How do captains hand over?"]
  voices: [I gave the helm to my first mate and went below.]
- id: harbours
  name: Harbours
  questions: ["Which harbour is home?"]
  voices: [We lay in that harbour for two winters.]
"""

TALK = """---
title: Winters
leaders:
  - {name: Ada Vance}
host: Max Ruh
---
**Max Ruh:** What was the hardest thing in those winters, looking back at all of them now?

**Ada Vance:** The accounts. Every month we sat over the books until midnight, \
and the bank wanted all of it in writing, twice, with a stamp from the town.

**Max Ruh:** And what about the ship itself, who was on deck when the storm came in from the north?

**Ada Vance:** I gave the helm to my first mate and went below. \
She had watched me for six years, and she did not need me up there to tell her where the wind was.

**Max Ruh:** What did the people in the town think of the whole thing, did they ever come round?

**Ada Vance:** They thought that fish was fish. We sold them herring \
with a story on the label, and in the second summer they came to the quay to meet us.
"""


def test_the_themes_that_come_along_are_complete_and_each_its_own() -> None:
    themes = load_lexicon()
    assert len(themes) >= 100
    assert all(len(theme.questions) >= 4 and len(theme.voices) >= 6 for theme in themes)
    for texts in ([t.id for t in themes], [t.name for t in themes], [voice for t in themes for voice in t.voices]):
        assert len(set(texts)) == len(texts)


def test_voices_speak_as_people_do() -> None:
    voices = [voice for theme in load_lexicon() for voice in theme.voices]
    assert all(8 <= len(voice.split()) <= 45 for voice in voices)
    personal = sum(
        any(word in f" {voice.lower()} " for word in (" i ", " i'", " we ", " my ", " you ", " our "))
        for voice in voices
    )
    assert personal > 0.85 * len(voices)


def test_a_persons_own_themes_come_beside_and_take_the_place_of_those_with_their_id(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN, encoding="utf-8")
    themes = {theme.id: theme for theme in load_lexicon(file)}
    assert themes["letting-go"].name == "Handing over at sea"
    assert themes["harbours"].voices == ("We lay in that harbour for two winters.",)
    assert len(themes) == len(load_lexicon()) + 1


def test_a_persons_own_theme_is_found_by_their_sentences_also_where_it_takes_the_place_of_another(
    tmp_path: Path,
) -> None:
    file, talk = tmp_path / "own.yaml", tmp_path / "talk.md"
    file.write_text(OWN, encoding="utf-8")
    talk.write_text(TALK, encoding="utf-8")
    with closing(KnowledgeBase.open(Settings(home=tmp_path / "home", lexicon=file))) as knowledge_base:
        ingest_paths([talk], knowledge_base, Options())
        answer = knowledge_base.ask(Query("How do captains hand over?"))
        assert [theme.name for theme in answer.themes] == ["Handing over at sea"]
        assert "first mate" in answer.hits[0].passage.text
        with knowledge_base._snapshots.reading() as index:
            themes = knowledge_base._retriever.parser.parse(Query("How do captains hand over?"), index).themes
        assert [len(one.voices) for one in themes] == [1]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"- id: a\n  name: [", "line 2 is not YAML"),
        (b"[" * 100_000, "nested too deep"),
        (b"- id: a\n  name: A\x07", "line 2 is not YAML: a control character stands in it"),
        (
            b"- id: 2020-13-45\n  name: A",
            r"cannot be: month must be in 1\.\.12; put it in quotation marks",
        ),
        (b'- {id: "\\x1b[2J", name: A, questions: [a], voices: [b]}', "theme 1, id holds a character"),
        (b"- {id: a, name: A, questions: [a], voices: [%s]}" % (b"w " * 2_000), "theme 1, voices has 3,999 characters"),
        (b"themes: 7", "must be a list of themes"),
        (b"- seven", "theme 1 must have id, name, questions and voices"),
        (b"- {id: a, name: A, questions: [Why]}", "theme 1, voices must be a list of sentences"),
        (b"- {id: a, name: A, questions: [], voices: [We did.]}", "theme 1, questions must be a list of sentences"),
        (b"- {id: 7, name: A, questions: [Why], voices: [We did.]}", "theme 1, id must be a text"),
        (b"\xff\xfe", "cannot be read as UTF-8"),
        (OWN.replace("harbours", "letting-go").encode(), "two themes with the id 'letting-go'"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_bytes(content)
    with pytest.raises(BadLexicon, match=reason) as refusal:
        read_lexicon(file)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadLexicon, match=r"nowhere\.yaml cannot be read"):
        read_lexicon(tmp_path / "nowhere.yaml")
