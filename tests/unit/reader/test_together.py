"""Blocking work that is asked for on an event loop and done in one thread, for those who wait together."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.reader.answering.together import Together
from shared.contracts.errors import Unavailable

MOST = 3
PATIENCE_S = 20


class Squares:
    """Squares numbers once ``go`` is set, and keeps with whom each was asked. No square of 13 is known; of 99 none can
    be had at all.
    """

    def __init__(self) -> None:
        self.turns: list[list[int]] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.turns.append(list(numbers))
        self.begun.set()
        assert self.go.wait(PATIENCE_S)
        if 99 in numbers:
            raise Unavailable("squares: away")
        if 13 in numbers:
            raise ValueError("13")
        return [n * n for n in numbers]


@pytest.fixture
def squares() -> Squares:
    return Squares()


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


@pytest.fixture
def together(thread: ThreadPoolExecutor, squares: Squares) -> Together[int, int]:
    return Together(thread, squares, MOST)


Waiting = list["asyncio.Future[int]"]


def asked_meanwhile(
    together: Together[int, int], squares: Squares, numbers: list[int], meanwhile: Callable[[Waiting], object]
) -> list[int | BaseException]:
    """What these numbers get that are asked while the thread is busy with 0."""

    async def scene() -> list[int | BaseException]:
        first = together.ask(0)
        await asyncio.to_thread(squares.begun.wait, PATIENCE_S)
        waiting = [together.ask(n) for n in numbers]
        meanwhile(waiting)
        squares.go.set()
        found = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), PATIENCE_S)
        assert await first == 0
        return found

    return asyncio.run(scene())


def nothing(_: Waiting) -> None:
    pass


def test_those_who_wait_are_answered_together_so_many_at_a_time(together: Together[int, int], squares: Squares) -> None:
    def look(_: Waiting) -> None:
        assert len(together) == 5

    assert asked_meanwhile(together, squares, [1, 2, 3, 4, 5], look) == [1, 4, 9, 16, 25]
    assert squares.turns == [[0], [1, 2, 3], [4, 5]]
    assert len(together) == 0


def test_who_gave_up_is_passed_over(together: Together[int, int], squares: Squares) -> None:
    found = asked_meanwhile(together, squares, [1, 2, 3, 4], lambda waiting: [w.cancel() for w in waiting[:3]])
    assert [type(one) for one in found[:3]] == [asyncio.CancelledError] * 3
    assert found[3] == 16
    assert squares.turns == [[0], [4]]


def test_what_is_wrong_with_one_is_told_to_that_one_alone(together: Together[int, int], squares: Squares) -> None:
    one, bad, other = asked_meanwhile(together, squares, [1, 13, 2], nothing)
    assert (one, other) == (1, 4)
    assert isinstance(bad, ValueError)


def test_what_goes_wrong_outside_is_told_to_all_of_them_and_not_tried_for_each(
    together: Together[int, int], squares: Squares
) -> None:
    found = asked_meanwhile(together, squares, [1, 99, 2, 3], nothing)
    assert [type(one) for one in found[:3]] == [Unavailable] * 3
    assert found[3] == 9
    assert squares.turns == [[0], [1, 99, 2], [3]]


def test_others_have_their_turn_on_the_thread(
    thread: ThreadPoolExecutor, together: Together[int, int], squares: Squares
) -> None:
    turns: list[int] = []
    asked_meanwhile(
        together, squares, list(range(1, 9)), lambda _: thread.submit(lambda: turns.append(len(squares.turns)))
    )
    assert turns == [2], "after one turn of those who waited before"


def test_an_answer_for_a_loop_that_has_ended_is_nobodys(
    thread: ThreadPoolExecutor, together: Together[int, int], squares: Squares
) -> None:
    async def given_up() -> None:
        together.ask(1)

    async def asked() -> int:
        answer = together.ask(5)
        squares.go.set()
        return await asyncio.wait_for(answer, PATIENCE_S)

    thread.submit(squares.go.wait, PATIENCE_S)
    asyncio.run(given_up())
    assert asyncio.run(asked()) == 25
    assert squares.turns == [[1, 5]]
