"""Ctrl-C that comes into a destructor."""

import signal
from collections.abc import Iterator

import pytest

from services.stack.interrupts import kept_interrupts


class Interrupted:
    """Ctrl-C comes while it is destroyed, where Python ignores what is raised."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def lose_one() -> None:
    Interrupted()


@pytest.fixture(autouse=True)
def usual(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The usual handler, though whoever started the tests in the background may have left Ctrl-C ignored."""
    monkeypatch.setattr("sys.unraisablehook", lambda _: None)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_without_it_an_interrupt_is_lost() -> None:
    lose_one()


def test_an_interrupt_in_a_destructor_is_raised_at_the_next_check() -> None:
    with kept_interrupts() as raise_if_came:
        lose_one()
        with pytest.raises(KeyboardInterrupt):
            raise_if_came()


def test_any_other_is_raised_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), kept_interrupts():
        signal.raise_signal(signal.SIGINT)


def test_nothing_is_raised_that_did_not_come() -> None:
    with kept_interrupts() as raise_if_came:
        raise_if_came()


def test_afterwards_the_handler_is_the_one_of_before() -> None:
    with pytest.raises(KeyboardInterrupt), kept_interrupts():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_handler_is_left_alone() -> None:
    came: list[int] = []

    def own(number: int, _: object) -> None:
        came.append(number)

    signal.signal(signal.SIGINT, own)
    try:
        with kept_interrupts() as raise_if_came:
            signal.raise_signal(signal.SIGINT)
            raise_if_came()
        assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert came == [signal.SIGINT]
