"""People's pins survive whatever happens to the interviews that they were taken from, and say what happened."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from conftest import SOUP, STEEL
from test_catalog import TRANSCRIPT, database, put

from ingest.pipeline.run import Options, ingest_paths
from kb.errors import BadCollection, StoreUnavailable, UnknownInterview
from kb.knowledge_base import KnowledgeBase
from kb.model import Interview, Span, Transcript, Turn
from kb.quotes.collections.desk import Collections
from kb.quotes.collections.refinding import KeptQuotation
from kb.settings import Settings
from kb.storage.catalog import Catalog
from kb.storage.database import Database
from kb.storage.rows import Origin
from kb.storage.sqlite import SqliteDatabase
from kb.text.sentences import sentence_spans

__all__ = ["database"]
POSTERS = "We tried posters once, and the posters did nothing at all."


@pytest.fixture
def collections(database: Database) -> Collections:
    catalog = Catalog.open(database, "model:1")
    put(catalog, TRANSCRIPT)
    return Collections(catalog)


def names(collections: Collections) -> list[tuple[str, int]]:
    return [(one.name, one.pins) for one in collections.list()]


def quotes(collections: Collections, collection_id: str) -> list[str]:
    return [pin.quote for pin in collections.pins(collection_id)]


def test_collections_are_made_renamed_and_deleted_by_name(collections: Collections) -> None:
    one = collections.create("  On   fear ")
    collections.create("Beta")
    assert names(collections) == [("Beta", 0), ("On fear", 0)]
    assert collections.find("on FEAR").id == collections.find(one.id).id == one.id
    collections.rename(one.id, "Alpha")
    assert names(collections) == [("Alpha", 0), ("Beta", 0)]
    with pytest.raises(BadCollection, match="already"):
        collections.create("alpha")
    with pytest.raises(BadCollection, match="already"):
        collections.rename(one.id, "BETA")
    collections.delete(one.id)
    assert names(collections) == [("Beta", 0)]
    for name in (" ", "x" * 121):
        with pytest.raises(BadCollection, match="needs a name"):
            collections.create(name)
    with pytest.raises(BadCollection, match="There is no collection"):
        collections.find("Alpha")
    with pytest.raises(BadCollection, match="There is no collection"):
        collections.delete("none")


def test_pins_keep_their_order_notes_and_tags(collections: Collections) -> None:
    alpha = collections.create("Alpha")
    first, second, third = (
        collections.pin(alpha.id, "talk", Span(1, start, end), note=" so ", tags=["x", " x ", "why  not", ""])
        for start, end in ((0, 4), (5, 12), (13, 16))
    )
    assert quotes(collections, alpha.id) == ["From", "raising", "the"]
    assert (first.note, first.tags, first.speaker) == ("so", ("x", "why not"), "Ada Vance")
    collections.move(third.id, 0)
    assert quotes(collections, alpha.id) == ["the", "From", "raising"]
    collections.move(third.id, 99)
    collections.move(second.id, 0)
    assert quotes(collections, alpha.id) == ["raising", "From", "the"]
    collections.unpin(first.id)
    again = collections.pin(alpha.id, "talk", Span(1, 0, 4))
    assert quotes(collections, alpha.id) == ["raising", "the", "From"]
    collections.annotate(again.id, note="kept")
    collections.annotate(again.id, tags=["one"])
    assert [(pin.note, pin.tags) for pin in collections.pins(alpha.id)][2] == ("kept", ("one",))
    collections.delete(alpha.id)
    assert quotes(collections, alpha.id) == []


def test_the_same_words_are_pinned_once_in_a_collection(collections: Collections) -> None:
    alpha, beta = collections.create("Alpha"), collections.create("Beta")
    first = collections.pin(alpha.id, "talk", Span(1, 0, 4), note="kept")
    assert collections.pin(alpha.id, "talk", Span(1, 0, 4)) == first
    collections.pin(beta.id, "talk", Span(1, 0, 4))
    assert names(collections) == [("Alpha", 1), ("Beta", 1)]


def test_what_is_not_there_cannot_be_pinned_moved_or_noted(collections: Collections) -> None:
    alpha = collections.create("Alpha")
    with pytest.raises(UnknownInterview):
        collections.pin(alpha.id, "talk", Span(7, 0, 4))
    with pytest.raises(BadCollection, match="no words"):
        collections.pin(alpha.id, "talk", Span(1, 4, 5))
    with pytest.raises(BadCollection, match="no collection"):
        collections.pin("none", "talk", Span(1, 0, 4))
    with pytest.raises(BadCollection, match="There is no pin"):
        collections.unpin("none")
    with pytest.raises(BadCollection, match="There is no pin"):
        collections.move("none", 0)
    for note in ("x", None):
        with pytest.raises(BadCollection, match="There is no pin"):
            collections.annotate("none", note=note)
    with pytest.raises(BadCollection, match="shorten"):
        collections.annotate("none", note="x" * 5_001)
    with pytest.raises(BadCollection, match="fewer or shorter"):
        collections.annotate("none", tags=["x" * 61])


def test_a_home_that_can_only_be_read_shows_collections_and_refuses_pins(
    collections: Collections, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    alpha = collections.create("Alpha")
    monkeypatch.setattr(type(database), "is_read_only", True)
    assert names(collections) == [("Alpha", 0)]
    with pytest.raises(StoreUnavailable, match="can only be read"):
        collections.pin(alpha.id, "talk", Span(1, 0, 4))


def test_words_with_any_character_are_kept(collections: Collections) -> None:
    alpha = collections.create("日本 🙂 'quoted' \"--; DROP")
    pin = collections.pin(alpha.id, "talk", Span(1, 0, 4), note="a\0b\ud800 🙂", tags=["é", "<b>"])
    (kept,) = collections.pins(alpha.id)
    assert kept.note == "a\ufffdb\ufffd 🙂"
    assert kept.tags == pin.tags == ("é", "<b>")


def pin_sentences(knowledge_base: KnowledgeBase, collection_id: str, most: int) -> None:
    """Pin sentences of leaders, spread over all interviews."""
    places = [
        (interview.id, Span(turn.index, *span))
        for interview in knowledge_base.interviews()
        for turn in knowledge_base.transcript(interview.id).turns
        if turn.role == "leader"
        for span in sentence_spans(turn.text)
        if span[1] - span[0] > 12
    ]
    for interview_id, span in places[:: max(1, len(places) // most)][:most]:
        knowledge_base.collections.pin(collection_id, interview_id, span)


def find_kept(knowledge_base: KnowledgeBase, name: str = "Alpha") -> list[KeptQuotation]:
    collections = knowledge_base.collections
    return list(collections.refind(collections.pins(collections.find(name).id)))


def states(knowledge_base: KnowledgeBase) -> dict[str, int]:
    return dict(Counter(one.state for one in find_kept(knowledge_base)))


def make_talk(number: int) -> str:
    """A talk of twelve answers that nobody else gives."""
    nouns = "soup steel bread glass rope salt wool cork tin oak silk clay".split()
    answers = "".join(
        f"**Tom Verity:** And what of the {noun} in year {number}?\n\n"
        f"**Mara Quill:** [{at:02}:30] We sold {noun} to {number * 17 + at} neighbours before anybody asked us to. "
        f"Nobody in shop {number} wanted the {noun} until {at + 3} of them had tasted what it does.\n\n"
        for at, noun in enumerate(nouns)
    )
    head = SOUP.replace("Soup for a city", f"Talk number {number}").replace("2019-05-04", f"2019-05-{number + 1:02}")
    return f"{head}\n{answers}"


@pytest.fixture
def many(knowledge_base: KnowledgeBase, tmp_path: Path) -> Path:
    """Ten talks with 200 pins among them."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(10):
        (folder / f"talk{number}.md").write_text(make_talk(number), encoding="utf-8")
    ingest_paths([folder], knowledge_base)
    pin_sentences(knowledge_base, knowledge_base.collections.create("Alpha").id, 200)
    assert states(knowledge_base) == {"verbatim": 200}
    return folder


def test_two_hundred_pins_survive_all_that_happens_to_their_files(
    knowledge_base: KnowledgeBase, many: Path, settings: Settings, tmp_path: Path
) -> None:
    before = knowledge_base.collections.pins(knowledge_base.collections.find("Alpha").id)
    ingest_paths([many], knowledge_base, Options(rebuild=True))
    assert states(knowledge_base) == {"verbatim": 200}

    for file in sorted(many.iterdir()):  # a rename keeps the interview's id
        file.rename(file.with_stem(f"renamed-{file.stem}"))
    ingest_paths([many], knowledge_base)
    assert states(knowledge_base) == {"verbatim": 200}

    for file in sorted(many.iterdir()):  # turns are added before, so that all numbers and offsets shift
        text = file.read_text(encoding="utf-8")
        added = "**Tom Verity:** Welcome, Mara.\n\n**Mara Quill:** [00:01] Thank you for the invitation.\n\n**Tom"
        file.write_text(text.replace("**Tom", added, 1), encoding="utf-8")
    ingest_paths([many], knowledge_base)
    assert states(knowledge_base) == {"moved": 200}
    assert all(one.found is not None and one.found.quote == one.quote for one in find_kept(knowledge_base))

    knowledge_base.back_up(tmp_path / "kb.zip")
    other = Settings(home=tmp_path / "other")
    KnowledgeBase.restore(tmp_path / "kb.zip", other)
    with closing(KnowledgeBase.open(other)) as restored:
        assert states(restored) == {"moved": 200}
        assert restored.collections.pins(restored.collections.find("Alpha").id) == before

    for number in range(3):
        knowledge_base.remove(f"talk{number}")
    gone = [one for one in find_kept(knowledge_base) if one.state == "gone"]
    assert all(one.is_removed and one.quote and one.interview.title.startswith("Talk number") for one in gone)
    assert states(knowledge_base) == {"moved": 200 - len(gone), "gone": len(gone)}
    assert len(gone) == sum(pin.title in {f"Talk number {number}" for number in range(3)} for pin in before)

    ingest_paths([many], knowledge_base)  # they come back
    assert states(knowledge_base) == {"moved": 200}


def test_a_passage_that_is_cut_elsewhere_leaves_pins_as_they_are(knowledge_base: KnowledgeBase, many: Path) -> None:
    for interview in knowledge_base.interviews():
        transcript = knowledge_base.transcript(interview.id)
        path = next(source.path for source in knowledge_base.sources() if source.interview_id == interview.id)
        knowledge_base.put(transcript, [], Origin(path, "other rules"), rewrite=True)
    assert knowledge_base.counts().passages == 0
    assert states(knowledge_base) == {"verbatim": 200}


@pytest.fixture
def pinned(filled: KnowledgeBase) -> KnowledgeBase:
    """One pin: the posters."""
    alpha = filled.collections.create("Alpha")
    turn = filled.transcript("soup").turns[1]
    start = turn.text.index(POSTERS)
    filled.collections.pin(alpha.id, "soup", Span(1, start, start + len(POSTERS)))
    return filled


def change(knowledge_base: KnowledgeBase, folder: Path, old: str, new: str) -> KeptQuotation:
    file = folder / "soup.md"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    ingest_paths([folder], knowledge_base)
    (kept,) = find_kept(knowledge_base)
    return kept


def test_words_that_changed_are_shown_beside_those_that_were_pinned(
    pinned: KnowledgeBase, interviews_folder: Path
) -> None:
    kept = change(pinned, interviews_folder, "posters did nothing at all", "posters did hardly anything at all")
    assert (kept.state, kept.quote) == ("changed", POSTERS)
    assert kept.words_now == "We tried posters once, and the posters did hardly anything at all."
    assert kept.start == 12.0


def test_words_that_were_given_to_somebody_else_are_changed(pinned: KnowledgeBase, interviews_folder: Path) -> None:
    kept = change(pinned, interviews_folder, "**Mara Quill:** [00:12]", "**Tom Verity:** [00:12]")
    assert kept.state == "changed"
    assert kept.found is not None
    assert (kept.leader.name, kept.found.leader.name, kept.words_now) == ("Mara Quill", "Tom Verity", POSTERS)


def test_words_that_were_cut_are_gone_though_their_interview_is_there(
    pinned: KnowledgeBase, interviews_folder: Path
) -> None:
    kept = change(pinned, interviews_folder, f" {POSTERS}".replace(" nothing", " nothing"), "")
    assert (kept.state, kept.is_removed, kept.found) == ("gone", False, None)


def test_a_file_that_is_renamed_and_changed_at_once_is_found_by_its_title(
    pinned: KnowledgeBase, interviews_folder: Path
) -> None:
    text = (interviews_folder / "soup.md").read_text(encoding="utf-8")
    (interviews_folder / "soup.md").unlink()
    (interviews_folder / "kitchen.md").write_text(text.replace("every single morning", "daily"), encoding="utf-8")
    ingest_paths([interviews_folder], pinned, Options(prune=True))
    (kept,) = find_kept(pinned)
    assert (kept.state, kept.interview.id) == ("moved", "kitchen")


def test_an_interview_that_took_the_place_of_a_removed_one_is_not_taken_for_it(
    pinned: KnowledgeBase, interviews_folder: Path
) -> None:
    pinned.remove("soup")
    (interviews_folder / "soup.md").write_text(STEEL.replace("Running a mill", "Another"), encoding="utf-8")
    ingest_paths([interviews_folder], pinned)
    (kept,) = find_kept(pinned)
    assert (kept.state, kept.words_now) == ("gone", "")


def test_a_time_is_that_of_the_last_one_given_before(database: Database) -> None:
    catalog = Catalog.open(database, "model:1")
    turns = (Turn(0, "Ada", "leader", "Soup is hot.", 4.0), Turn(1, "Ada", "leader", "Bread is warm.", page=3))
    put(catalog, Transcript(Interview("talk", "A talk"), turns))
    collections = Collections(catalog)
    alpha = collections.create("Alpha")
    collections.pin(alpha.id, "talk", Span(1, 0, 14))
    (kept,) = collections.refind(collections.pins(alpha.id))
    assert (kept.start, kept.start_is_exact, kept.page) == (4.0, False, 3)


def test_pins_of_a_shared_catalog_go_into_a_backup(collections: Collections, tmp_path: Path) -> None:
    alpha = collections.create("Alpha")
    pin = collections.pin(alpha.id, "talk", Span(1, 0, 4), note="so", tags=["x"])
    collections._catalog.database.copy_to(tmp_path / "copy.sqlite")
    with closing(SqliteDatabase(tmp_path / "copy.sqlite")) as copied:
        assert Collections(Catalog(copied)).pins(alpha.id) == [pin]
