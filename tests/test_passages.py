"""Passages hold one leader's words, on turn boundaries, and fit the model's window."""

from dataclasses import replace

from conftest import make_transcript
from timing import measured

from ingest.passages import MIN_WORDS, WINDOW_PIECES, cut_passages
from kb.model import Mark, Passage, Transcript

LONG = " ".join(
    f"Sentence number {number} says that the crew knows the line better than we do." for number in range(40)
)
QUESTION = "What did you learn from the people who answer your phones all day?"


def cut(transcript: Transcript) -> list[Passage]:
    return cut_passages(transcript, count_tokens=lambda text: len(text.split()))


def test_the_hosts_words_are_context_and_never_text() -> None:
    (passage,) = cut(make_transcript(("Max Ruh", QUESTION), ("Ada Vance", "That they know everything.")))
    assert passage.text == "That they know everything."
    assert passage.question == QUESTION
    assert passage.speaker == "Ada Vance"


def test_a_long_turn_is_cut_at_sentences_and_keeps_every_word() -> None:
    passages = cut(make_transcript(("Ada Vance", LONG)))
    assert " ".join(passage.text for passage in passages) == LONG
    assert all(MIN_WORDS <= len(passage.text.split()) <= WINDOW_PIECES for passage in passages)
    assert [passage.id for passage in passages[:2]] == ["talk:0.1", "talk:0.2"]


def test_short_answers_around_an_interjection_make_one_passage() -> None:
    (passage,) = cut(
        make_transcript(("Ada Vance", "We closed the plant."), ("Max Ruh", "Wow."), ("Ada Vance", "I wept."))
    )
    assert passage.text == "We closed the plant.\n\nI wept."
    assert passage.id == "talk:0-2"


def test_another_leader_ends_a_passage() -> None:
    transcript = make_transcript(("Ada Vance", "I founded it."), ("Bo Lind", "So did I."))
    turns = tuple(replace(turn, role="leader") for turn in transcript.turns)
    assert [passage.speaker for passage in cut(replace(transcript, turns=turns))] == ["Ada Vance", "Bo Lind"]


def test_what_is_not_the_interview_is_left_out() -> None:
    transcript = make_transcript(("Ada Vance", "Buy our sponsor's tea."), ("Ada Vance", "We failed twice."))
    turns = (replace(transcript.turns[0], kind="sponsor"), transcript.turns[1])
    assert [passage.text for passage in cut(replace(transcript, turns=turns))] == ["We failed twice."]


def test_captions_without_full_stops_are_cut_all_the_same() -> None:
    text = " ".join(f"word{number}" for number in range(500))
    passages = cut(make_transcript(("Ada Vance", text)))
    assert len(passages) > 2
    assert " ".join(passage.text for passage in passages) == text


def test_a_slice_is_located_in_its_turn() -> None:
    (passage,) = cut(make_transcript(("Ada Vance", "We closed it."), ("Max Ruh", "Wow."), ("Ada Vance", "I wept.")))
    start = passage.text.index("I wept")
    span = passage.locate(start, start + len("I wept."))
    assert (span.turn, span.start, span.end) == (2, 0, 7)


def test_the_time_is_exact_in_the_turn_that_has_it_and_carried_after() -> None:
    transcript = make_transcript(("Ada Vance", LONG), ("Max Ruh", QUESTION), ("Ada Vance", LONG))
    timed = replace(transcript.turns[0], start=5.0, marks=(Mark(0, 5.0),))
    passages = cut(replace(transcript, turns=(timed, *transcript.turns[1:])))
    assert (passages[0].start, passages[0].start_is_exact) == (5.0, True)
    assert (passages[-1].start, passages[-1].start_is_exact) == (5.0, False)


def test_a_transcript_without_a_leader_has_no_passages() -> None:
    assert cut(make_transcript(("Max Ruh", QUESTION))) == []


def test_a_word_without_end_is_cut_too() -> None:
    for word in ("a" * 10_000, "\u4eba" * 10_000):
        passages = cut(make_transcript(("Ada Vance", f"We said {word} twice.")))
        assert max(len(passage.text) for passage in passages) <= 200 * WINDOW_PIECES
        spans = [span for passage in passages for span in passage.parts]
        assert spans[0].start == 0
        assert all(span.end - span.start <= 200 * 60 for span in spans)
    (first, *_) = cut_passages(make_transcript(("Ada Vance", "\u4eba" * 10_000)), count_tokens=lambda text: len(text))
    assert len(first.text) == 200


def test_of_a_host_who_never_ends_the_last_words_are_context() -> None:
    for long in ("people " * 300_000 + QUESTION, "a" * 2_000_000):
        passages = cut(make_transcript(("Max Ruh", f"{QUESTION} {long}"), ("Ada Vance", LONG * 50)))
        assert all(len(passage.question) <= 1_000 for passage in passages)
        assert passages[0].question.endswith(long[-60:])


def test_tens_of_thousands_of_turns_without_a_time_or_a_question_are_cut_within_seconds() -> None:
    talk = [("Ada Vance", "We trust the people on the line, all of them."), ("Max Ruh", "Yes.")]
    transcript = make_transcript(*talk * 40_000)
    with measured() as taken:
        passages = cut(transcript)
    assert taken.seconds < 15
    assert {(passage.start, passage.question) for passage in passages} == {(None, "")}
