"""A rebuild outlasts a broker that starts again, but not one that stays away."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.ops import rebuild
from services.ops.rebuild import Rebuild
from shared.contracts.errors import Unavailable
from shared.contracts.settings import load_settings
from shared.contracts.topics import group_name

SETTINGS = load_settings()


class Lag:
    """Answers after so many failures."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def read(self, _: None) -> list[Any]:
        if self.failures:
            self.failures -= 1
            raise Unavailable("Not coordinator")
        return [SimpleNamespace(group=group_name(SETTINGS, "worker"), records_behind=0, end=7)]


def rebuilding(failures: int, monkeypatch: pytest.MonkeyPatch) -> Rebuild:
    found = Rebuild.__new__(Rebuild)
    found.settings, found._lag = SETTINGS, cast("Any", Lag(failures))
    monkeypatch.setattr(found, "_look", lambda: None)
    monkeypatch.setattr(found, "_hold", lambda: None)
    return found


def test_kafka_may_be_away_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    rebuilding(3, monkeypatch).catch_up(lambda *done: told.append(done))
    assert told == [(7, 7)]


def test_kafka_that_stays_away_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "PATIENCE_S", -1.0)
    with pytest.raises(Unavailable, match="Not coordinator"):
        rebuilding(1, monkeypatch).catch_up(lambda *_: None)
