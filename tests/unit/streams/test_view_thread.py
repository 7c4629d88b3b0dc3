"""Views are written in the order in which they were asked for; what went wrong is heard at the next word."""

import threading

import pytest

from shared.contracts.errors import Unavailable
from streams.out.view_thread import MOST, AtOnce, Behind, Writing

PATIENCE_S = 10.0


@pytest.mark.parametrize("writing", [AtOnce(), Behind()], ids=["at once", "behind"])
def test_all_is_done_in_order_once_it_has_settled(writing: Writing) -> None:
    done = list[int]()
    for number in range(5 * MOST):
        writing.put(lambda number=number: done.append(number))  # type: ignore[misc]
    writing.settle()
    assert done == list(range(5 * MOST))
    writing.settle()


def test_who_asks_does_not_wait_for_what_is_under_way_but_for_room() -> None:
    writing, opened, asked = Behind(), threading.Event(), threading.Event()

    def wait() -> None:
        assert opened.wait(PATIENCE_S)

    for _ in range(MOST):
        writing.put(wait)
    one_more = threading.Thread(target=writing.put, args=(asked.set,))
    one_more.start()
    assert not asked.wait(0.05)
    opened.set()
    one_more.join(PATIENCE_S)
    writing.settle()
    assert asked.is_set()


def test_a_mark_says_whether_what_was_put_before_it_is_done() -> None:
    writing, opened, done = Behind(), threading.Event(), threading.Event()

    def wait() -> None:
        assert opened.wait(PATIENCE_S)

    nothing = writing.mark()
    writing.put(wait)
    first = writing.mark()
    writing.put(done.set)
    assert nothing()
    assert not first()
    opened.set()
    assert done.wait(PATIENCE_S)
    assert first()
    writing.settle()
    assert first()


def test_a_mark_is_not_reached_by_what_was_refused_before_it() -> None:
    writing, opened, done = Behind(), threading.Event(), threading.Event()

    def refuse() -> None:
        assert opened.wait(PATIENCE_S)
        raise Unavailable("no Redis")

    writing.put(refuse)
    writing.put(done.set)
    mark = writing.mark()
    opened.set()
    assert done.wait(PATIENCE_S)

    def ask_on() -> None:
        while not mark():
            pass

    with pytest.raises(Unavailable, match="no Redis"):
        ask_on()


def test_what_could_not_be_written_ends_whoever_asked() -> None:
    def refuse() -> None:
        raise Unavailable("no Redis")

    writing = Behind()
    writing.put(refuse)
    with pytest.raises(Unavailable, match="no Redis"):
        writing.settle()

    def ask_on() -> None:
        for _ in range(MOST + 1):
            writing.put(lambda: None)

    writing.put(refuse)
    with pytest.raises(Unavailable, match="no Redis"):
        ask_on()
