"""Turns at the cores: how many threads compute at the same time, and in which order."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from kb.answering.turns import Turns, open_turns
from kb.knowledge_base import KnowledgeBase
from kb.model import Answer, Query
from kb.settings import Settings


def test_no_more_threads_compute_at_the_same_time_than_there_are_turns() -> None:
    turns, lock, inside, most = Turns(2), threading.Lock(), 0, 0

    def compute() -> None:
        nonlocal inside, most
        for _ in range(20):
            with turns.take():
                with lock:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.001)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=compute) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == (0, 2)


def test_who_has_waited_longest_comes_first_also_before_one_that_comes_back() -> None:
    turns = Turns(1)
    order: list[int] = []
    threads = [threading.Thread(target=_note, args=(turns, order, number)) for number in range(5)]
    with turns.take():
        for started, thread in enumerate(threads, 1):
            thread.start()
            while turns.waiting < started:
                time.sleep(0.001)
    _note(turns, order, 99)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4, 99]


def test_a_thread_that_holds_a_turn_takes_another_at_once() -> None:
    turns = Turns(1)
    with turns.take(), turns.take():
        assert turns.waiting == 0
    with turns.take():
        assert turns.waiting == 0


def test_an_error_gives_the_turn_back() -> None:
    turns = Turns(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"), turns.take():
            raise ValueError("no")


def test_who_is_interrupted_while_waiting_takes_no_turn_from_anybody() -> None:
    turns = Turns(1)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.take():
            held.set()
            done.wait()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def interrupt_the_wait() -> None:
        while not turns.waiting or sys._current_frames()[me].f_code.co_name != "wait":
            time.sleep(0.001)
        signal.pthread_kill(me, signal.SIGALRM)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    me = threading.get_ident()
    interrupter = threading.Thread(target=interrupt_the_wait)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        interrupter.start()
        with pytest.raises(KeyboardInterrupt), turns.take():
            pass
        interrupter.join()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert turns.waiting == 0
    done.set()
    holder.join()
    with turns.take():
        assert turns.waiting == 0


def test_a_question_waits_for_its_turn_and_one_asked_within_a_turn_does_not(
    filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, answers = Turns(1), list[Answer]()
    monkeypatch.setattr(filled, "_turns", turns)
    query = Query("What do crews need?")
    thread = threading.Thread(target=lambda: answers.append(filled.ask(query)))
    with filled.take_turn():
        thread.start()
        while not turns.waiting:
            time.sleep(0.001)
        expected = filled.ask(query)
        assert not answers
    thread.join()
    assert answers == [expected]


def test_in_front_of_servers_there_are_no_turns(tmp_path: Path) -> None:
    assert open_turns(Settings(home=tmp_path))
    assert not open_turns(Settings(home=tmp_path, chroma_url="http://127.0.0.1:9"))


def _note(turns: Turns, order: list[int], number: int) -> None:
    with turns.take():
        order.append(number)
