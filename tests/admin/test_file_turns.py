"""Files of many people are read in turns."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from admin.file_turns import REMEMBERED, Turns


@given(queue=st.lists(st.sampled_from("abcd"), min_size=1, max_size=40), readers=st.integers(1, 3))
def test_nobody_is_overtaken_by_two_messages_of_the_same_person(queue: list[str], readers: int) -> None:
    turns, waiting, running = Turns(), list(queue), deque[str]()
    order = []
    while waiting:
        chosen = waiting.pop(turns.choose(waiting))
        turns.began(chosen)
        running.append(chosen)
        order.append(chosen)
        if len(running) == readers:
            turns.ended(running.popleft())
    for person in set(queue):
        first = order.index(person)
        before = order[:first]
        assert all(before.count(other) <= 1 for other in set(before)), (person, order)


def test_of_one_person_the_oldest_comes_first() -> None:
    turns = Turns()
    assert [turns.choose(["a", "a", "a"]) for _ in range(2)] == [0, 0]


def test_what_ended_counts_no_more_and_few_are_remembered() -> None:
    turns = Turns()
    turns.began("a")
    assert turns.choose(["a", "b"]) == 1
    turns.ended("a")
    turns.began("b")
    turns.ended("b")
    assert turns.choose(["b", "a"]) == 1, "whose turn is longest ago"
    for number in range(REMEMBERED + 5):
        turns.began(f"p{number}")
        turns.ended(f"p{number}")
    assert turns.choose([f"p{REMEMBERED}", "a"]) == 1
    assert turns.choose(["p1", "a"]) == 0, "forgotten like everybody else"
