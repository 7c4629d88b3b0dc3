"""Workers of a generation that is being rebuilt publish nothing, whatever becomes of the word that says so."""

from typing import Any, cast

import pytest

from shared.contracts.settings import load_settings
from shared.contracts.views import HELD_S, HOLD, PUBLISH, Keys
from streams.hosting.holding import Holding
from streams.steps.ports import Ports

HELD_MS = HELD_S * 1000
BEGAN_MS = 1_767_225_600_000


class Watched:
    """A worker's look at one word after the other, each at its time."""

    def __init__(self, *, held: bool = False) -> None:
        self._word: bytes | None = None
        self._now = BEGAN_MS
        settings, none = load_settings(), cast("Any", None)
        self.ports = Ports(settings, none, cast("Any", self), Keys(settings), none, lambda: self._now, held)
        self._holding = Holding(self.ports)

    def read(self, keys: list[str]) -> list[bytes | None]:
        assert keys == [self.ports.keys.rebuilding()]
        return [self._word]

    def sees(self, word: bytes | None, after_ms: int) -> bool:
        """Whether it is silent then, so long after its first look."""
        self._word, self._now = word, BEGAN_MS + after_ms
        self._holding.look()
        return self.ports.silent


def test_a_word_that_redis_lost_holds_on_as_long_as_it_would_have_stood() -> None:
    worker = Watched()
    looks = [(HOLD, 0), (HOLD, 1000), (None, 2000), (None, 999 + HELD_MS), (None, 1000 + HELD_MS)]
    assert [worker.sees(*look) for look in looks] == [True, True, True, True, False]


@pytest.mark.parametrize("later", [None, PUBLISH])
def test_the_word_to_publish_ends_it_at_once(later: bytes | None) -> None:
    worker = Watched()
    assert [worker.sees(*look) for look in ((HOLD, 0), (PUBLISH, 1000), (later, 2000))] == [True, False, False]


def test_a_worker_of_a_rebuild_is_silent_before_it_hears_a_word() -> None:
    """Redis may have lost it just then."""
    worker = Watched(held=True)
    assert worker.ports.silent
    looks = [(None, 0), (None, HELD_MS - 1), (None, HELD_MS)]
    assert [worker.sees(*look) for look in looks] == [True, True, False]
    assert not Watched(held=True).sees(PUBLISH, 0)


def test_without_a_rebuild_a_worker_publishes() -> None:
    assert not Watched().sees(None, 0)
