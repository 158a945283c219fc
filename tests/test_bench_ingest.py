"""The bench of ingest counts words as it says: each once, and only those that the model reads."""

import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from bench.ingest import Counter, Work, count_nodes, find_read_words, locate_in_turns
from kb.embedding.carried_model import find_bundled_model
from kb.model import PART_BREAK, Passage, Span


@pytest.fixture(scope="module")
def counter() -> Counter:
    return Counter(find_bundled_model())


def test_words_beyond_the_window_are_not_counted(counter: Counter) -> None:
    text = "soup " * 300  # one word piece each; the model reads 254 and two special ones
    assert len(list(find_read_words(text, counter.encode(text)))) == 254


def test_a_word_that_is_cut_off_inside_is_not_counted(counter: Counter) -> None:
    text = "soup " * 253 + "unfathomableness"  # several word pieces, of which one fits
    assert len(list(find_read_words(text, counter.encode(text)))) == 253


def test_all_words_of_a_short_text_count(counter: Counter) -> None:
    assert list(find_read_words("eat beside them", counter.encode("eat beside them"))) == [0, 4, 11]


def test_what_two_chunks_share_counts_once(counter: Counter) -> None:
    def node(document: str, start: int, text: str) -> TextNode:
        source = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document)}
        return TextNode(text=text, start_char_idx=start, relationships=source)

    text = "one two three four five"
    nodes = [node("a", 0, text[:13]), node("a", 8, text[8:]), node("b", 0, text)]
    assert count_nodes(nodes, counter).words == 5 + 5


def test_a_words_place_in_a_passage_is_its_place_in_a_turn() -> None:
    parts = (Span(3, 10, 14), Span(5, 0, 9))
    text = "soup" + PART_BREAK + "and bread"
    passage = Passage(id="a:3-5", interview_id="a", parts=parts, speaker="Ada", text=text, question="", start=None)
    places = [text.index(word) for word in ("soup", "and", "bread")]
    assert list(locate_in_turns(passage, places)) == [(3, 10), (5, 0), (5, 4)]


def test_operations_are_those_of_the_models_layers(counter: Counter) -> None:
    two = counter.encode("")  # the special pieces alone
    weights = 4 * 384 * 384 + 2 * 384 * 1536
    assert counter.operations(two) == 6 * (2 * 2 * weights + 4 * 2 * 2 * 384)
    assert counter.operations(counter.encode("soup " * 300)) == counter.operations(counter.encode("soup " * 254))


def test_rates_are_of_all_that_was_done() -> None:
    done = Work(words=100, operations=50, seconds=1.0) + Work(words=100, operations=150, seconds=3.0)
    assert (done.words_per_second, done.operations_per_second) == (50.0, 50.0)
