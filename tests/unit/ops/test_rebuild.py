"""A rebuild outlasts a broker that starts again, but not one that stays away."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.ops import rebuild
from services.ops.rebuild import Rebuild
from shared.contracts.errors import Unavailable
from shared.contracts.settings import load_settings
from shared.contracts.topics import group_name
from shared.contracts.views import HOLD, PUBLISH, Keys

SETTINGS = load_settings()


class Lag:
    """Answers after so many failures."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def close(self) -> None: ...

    def read(self, _: None) -> list[Any]:
        if self.failures:
            self.failures -= 1
            raise Unavailable("Not coordinator")
        return [SimpleNamespace(group=group_name(SETTINGS, "worker"), records_behind=0, end=7)]


class Words:
    """A store that writes down what is told, and in which every marker stands once that was "publish"."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bytes]] = []
        self.away = False

    def mark(self, key: str, word: bytes, _ttl_s: int) -> None:
        if self.away:
            raise Unavailable("Redis did not take a marker")
        self.told.append((key, word))

    def erase(self, _keys: list[str]) -> None: ...

    def run_id(self) -> str:
        return "run-1"

    def read(self, keys: list[str]) -> list[bytes | None]:
        return [b"run-1" if self.told[2:] else None for _ in keys]


def rebuilding(failures: int, monkeypatch: pytest.MonkeyPatch) -> Rebuild:
    found = Rebuild.__new__(Rebuild)
    found.settings, lag = SETTINGS, Lag(failures)
    monkeypatch.setattr(rebuild, "LagReader", lambda _: lag)
    monkeypatch.setattr(found, "_look", lambda: None)
    found._views, found._keys = cast("Any", Words()), Keys(SETTINGS)
    return found


def test_kafka_may_be_away_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    rebuilding(3, monkeypatch).catch_up(lambda *done: told.append(done))
    assert told == [(7, 7)]


def test_kafka_that_stays_away_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "PATIENCE_S", -1.0)
    with pytest.raises(Unavailable, match="Not coordinator"):
        rebuilding(1, monkeypatch).catch_up(lambda *_: None)


def test_both_words_are_told_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis may lose either of them."""
    anew = rebuilding(2, monkeypatch)
    words = cast("Words", anew._views)
    anew.catch_up(lambda *_: None)
    assert words.told == [(Keys(SETTINGS).rebuilding(), HOLD)] * 3
    words.told.clear()
    anew.publish(lambda *_: None)
    assert words.told == [(Keys(SETTINGS).rebuilding(), PUBLISH)] * 3


def test_a_worker_that_starts_anew_once_all_stands_is_told_to_publish(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was started with the word to be silent. That Redis is away does not end the rebuild."""
    anew, moments = rebuilding(0, monkeypatch), iter(range(100))
    words = cast("Words", anew._views)
    monkeypatch.setattr(rebuild, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    anew.wait(3.0)
    assert words.told == [(Keys(SETTINGS).rebuilding(), PUBLISH)] * 2
    words.away = True
    anew.wait(3.0)
