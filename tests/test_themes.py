"""Of which themes the interviews speak, in whose words, when, and where leaders pull apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from test_lexicon import OWN, TALK
from theme_talks import OWN_MONEY, PITCHED, RAISED, write_talks

from ingest.pipeline import ingest_paths
from kb.answering.window import Window
from kb.errors import BadQuestion
from kb.knowledge_base import KnowledgeBase
from kb.lens.themes.clusters import cluster_columns
from kb.lens.themes.desk import _take_turns
from kb.lens.themes.poles import load_matters
from kb.lens.themes.tensions import Leaning, pair_up
from kb.lens.timeline import line_up
from kb.model import Interview, Query
from kb.retrieval.lexicon import load_lexicon
from kb.settings import Settings


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("themes")
    with closing(KnowledgeBase.open(Settings(home=folder / "home"))) as opened:
        ingest_paths([write_talks(folder / "talks")], opened)
        yield opened


def test_themes_of_most_leaders_come_first(talks: KnowledgeBase) -> None:
    shown = {one.theme.id: (one.leaders, one.passages) for one in talks.theme_desk.overview().themes}
    assert next(iter(shown)) == "investors"
    assert shown["investors"][0] >= 3
    assert shown["remote-work"] == (2, 2)
    assert shown["family"] == (1, 1)


def test_themes_are_counted_by_the_leaders_and_passages_that_are_quoted_for_them(talks: KnowledgeBase) -> None:
    overview = talks.theme_desk.overview()
    assert overview.themes
    assert [one.leaders for one in overview.themes] == sorted((one.leaders for one in overview.themes), reverse=True)
    first = overview.themes[0]
    quoted = talks.theme_desk.quotations(first.theme)
    assert len({one.citation.leader.name for one in quoted}) == first.leaders <= overview.leaders_asked
    assert len(quoted) <= first.passages
    assert first.quotation is not None
    assert first.quotation.quote == quoted[0].citation.quote
    assert all(one.is_learnt for one in overview.themes)


def test_each_leader_is_quoted_once_before_anybody_is_quoted_twice(talks: KnowledgeBase) -> None:
    for evidence in talks.theme_desk.overview().themes[:8]:
        speakers = [one.citation.leader.name for one in talks.theme_desk.quotations(evidence.theme)]
        assert len(set(speakers[: evidence.leaders])) == evidence.leaders


def test_a_quotation_stands_word_for_word_in_its_turn_and_numbers_go_on(talks: KnowledgeBase) -> None:
    theme = talks.theme_desk.overview().themes[0].theme
    quoted = talks.theme_desk.quotations(theme, within=slice(1, 3))
    assert [one.citation.number for one in quoted] == [2, 3]
    for one in quoted:
        turn = talks.transcript(one.citation.interview.id).turns[one.citation.turn]
        assert turn.text[one.citation.start_offset : one.citation.end_offset] == one.citation.quote
        assert turn.role == "leader"
        assert 0 < one.confidence <= 1


def test_filters_narrow_what_is_counted_and_quoted(talks: KnowledgeBase) -> None:
    everything = talks.theme_desk.overview()
    leader = talks.theme_desk.quotations(everything.themes[0].theme)[0].citation.leader.name
    own = talks.theme_desk.overview(Query("", leaders=(leader,)))
    assert (own.leaders, own.leaders_asked) == (1, 1)
    assert 0 < len(own.themes) <= len(everything.themes)
    assert talks.theme_desk.overview(Query("", years=(1901,))).themes == ()


def test_every_theme_that_is_spoken_of_is_in_one_cluster_named_by_its_leading_themes(talks: KnowledgeBase) -> None:
    overview = talks.theme_desk.overview()
    gathered = [theme.id for cluster in overview.clusters for theme in cluster.themes]
    assert sorted(gathered) == sorted(one.theme.id for one in overview.themes)
    for cluster in overview.clusters:
        assert cluster.name == " · ".join(one.name for one in cluster.themes[:2])
        assert cluster.passages >= max(one.passages for one in overview.themes if one.theme in cluster.themes)


def test_columns_that_rise_and_fall_together_are_gathered() -> None:
    draw = np.random.default_rng(0)
    high, low = draw.normal(size=(2, 40, 1)).astype(np.float32)
    odds = np.concatenate([high + 0.1 * draw.normal(size=(40, 7)), low + 0.1 * draw.normal(size=(40, 7))], axis=1)
    assert sorted(map(sorted, cluster_columns(odds.astype(np.float32)))) == [[*range(7)], [*range(7, 14)]]
    assert cluster_columns(np.zeros((0, 3), np.float32)) == [[0], [1], [2]]
    assert cluster_columns(np.zeros((4, 0), np.float32)) == []


def test_a_theme_is_found_by_its_id_its_name_or_words_that_only_it_holds(talks: KnowledgeBase) -> None:
    desk = talks.theme_desk
    for name in ("letting-go", "letting go of decisions and work ONE used to do oneself", "letting decisions oneself"):
        assert desk.find(name).id == "letting-go"
    with pytest.raises(BadQuestion, match="letting-go, letting-someone-go"):
        desk.find("letting go")
    for name in ("", "  ", "no such theme"):
        with pytest.raises(BadQuestion, match="kb themes"):
            desk.find(name)


def test_what_an_interview_says_is_counted_once_it_is_there(filled: KnowledgeBase, tmp_path: Path) -> None:
    before = filled.theme_desk.overview()
    talk = tmp_path / "more.md"
    talk.write_text(TALK, encoding="utf-8")
    ingest_paths([talk], filled)
    assert filled.theme_desk.overview().leaders_asked == before.leaders_asked + 1


def test_no_interview_speaks_of_no_theme(knowledge_base: KnowledgeBase) -> None:
    overview = knowledge_base.theme_desk.overview()
    assert (overview.themes, overview.clusters, overview.leaders, overview.leaders_asked) == ((), (), 0, 0)


def test_a_persons_own_theme_is_found_by_likeness_and_called_less_sure(tmp_path: Path) -> None:
    file, talk = tmp_path / "own.yaml", tmp_path / "talk.md"
    file.write_text(OWN, encoding="utf-8")
    talk.write_text(TALK, encoding="utf-8")
    with closing(KnowledgeBase.open(Settings(home=tmp_path / "home", lexicon=file))) as opened:
        ingest_paths([talk], opened)
        desk = opened.theme_desk
        helm = desk.find("Handing over at sea")
        assert not desk.is_learnt(helm)
        assert "gave the helm to my first mate" in desk.quotations(helm)[0].citation.quote
        assert desk.is_learnt(desk.find("layoffs"))
        shown = {one.theme.id: one.is_learnt for one in desk.overview().themes}
        assert shown["letting-go"] is False
        assert desk.quotations(desk.find("harbours")) == []


def make_interview(name: str, year: int | None) -> Interview:
    return Interview(name, name, date=date(year, 1, 1) if year else None, year=year)


def test_years_are_lined_up_with_those_between_and_the_undated_ones_apart() -> None:
    one, two, late, undated = (make_interview(*card) for card in (("a", 2019), ("b", 2019), ("c", 2021), ("d", None)))
    timeline = line_up([(one, "Ada"), (two, "Ada"), (two, "Bo"), (undated, "Cy")], [one, two, late, undated])
    assert [(row.year, row.leaders, row.passages, row.interviews) for row in timeline.years] == [
        (2019, 2, 3, 2),
        (2020, 0, 0, 0),
        (2021, 0, 0, 1),
    ]
    assert timeline.undated is not None
    assert (timeline.undated.year, timeline.undated.leaders, timeline.undated.passages) == (None, 1, 1)
    assert timeline.passages == 4
    assert len(line_up([], [make_interview("a", 1066), late]).years) == 2
    assert line_up([], []).all_years == ()


def test_the_timeline_of_a_theme_counts_what_is_quoted(talks: KnowledgeBase) -> None:
    first = talks.theme_desk.overview().themes[0]
    timeline = talks.theme_desk.timeline(first.theme)
    assert timeline.passages == first.passages
    assert sum(row.interviews for row in timeline.all_years) == talks.counts().interviews


def test_the_timeline_of_a_behaviour_counts_the_passages_that_clearly_show_it(talks: KnowledgeBase) -> None:
    for behaviour in talks.lens.framework.behaviours:
        shown = sum(one.passages for one in talks.lens.table() if one.behaviour_id == behaviour.id)
        assert talks.lens.timeline(behaviour.id).passages == shown
    with pytest.raises(BadQuestion, match="no behaviour 'Z9'"):
        talks.lens.timeline("Z9")


def test_turns_are_taken_by_leaders() -> None:
    assert _take_turns([5, 6, 7, 8], {5: "Ada", 6: "Ada", 7: "Bo", 8: "Ada"}.__getitem__) == [5, 7, 6, 8]


def lean(place: int, strength: float) -> Leaning:
    return Leaning(place, Window(0, 1, 0.0, leans=False), strength)


def test_a_tension_is_between_two_leaders_each_of_whom_and_each_passage_is_shown_once() -> None:
    speakers = {1: "Ada", 2: "Bo", 3: "Ada", 4: "Cy", 5: "Di"}
    one_side = [lean(1, 0.9), lean(2, 0.8)]
    other_side = [lean(3, 0.95), lean(4, 0.7), lean(5, 0.6)]
    taken: set[int] = set()
    pairs = pair_up(one_side, other_side, {1, 2, 3, 4, 5}, speakers.__getitem__, taken)
    assert [(one.place, other.place) for one, other in pairs] == [(2, 3)]
    assert taken == {2, 3}
    again = pair_up(one_side, other_side, {1, 2, 3, 4, 5}, speakers.__getitem__, taken)
    assert [(one.place, other.place) for one, other in again] == [(1, 4)]
    assert list(pair_up(one_side, other_side, set(), speakers.__getitem__, set())) == []


def test_matters_name_themes_that_are_there_and_have_two_sides() -> None:
    themes = {one.id for one in load_lexicon()}
    matters = load_matters()
    assert all(set(one.themes) <= themes for one in matters)
    names = [pole.name for one in matters for pole in (one.one, one.other)]
    assert len(set(names)) == len(names)
    assert all(len(pole.said) >= 2 for one in matters for pole in (one.one, one.other))


def test_two_leaders_who_pull_in_opposite_directions_are_quoted_side_by_side(
    talks: KnowledgeBase,
) -> None:
    desk = talks.theme_desk
    pair, *_ = desk.tensions(desk.find("investors"))
    assert (pair.matter.one.name, pair.matter.other.name) == ("Take investors' money", "Grow without it")
    assert [one.citation.number for one in (pair.one, pair.other)] == [1, 2]
    assert pair.one.citation.quote in RAISED + PITCHED
    assert pair.other.citation.leader.name == "Bo Lind"
    assert pair.other.citation.quote in OWN_MONEY
    assert desk.tensions(desk.find("investors"), Query("", leaders=("Ada Vance",))) == []
    assert desk.tensions(desk.find("layoffs")) == []
