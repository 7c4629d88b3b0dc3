"""Redis that is away is waited for, unless the process is about to end."""

import threading

import pytest
import redis.retry

from shared.adapters.redis_patience import Patience
from shared.adapters.redis_views import RETRIES, ViewStore
from shared.contracts.errors import Unavailable
from shared.contracts.settings import load_settings
from tests.waiting import wait_for

NOBODY = load_settings(redis={"url": "redis://127.0.0.1:1/0"})


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Between attempts; none is taken."""
    found: list[float] = []
    monkeypatch.setattr(redis.retry, "sleep", found.append)
    return found


def test_it_is_asked_again_and_again(pauses: list[float]) -> None:
    with pytest.raises(Unavailable):
        ViewStore(NOBODY).read(["key"])
    assert len(pauses) >= RETRIES


def test_once_more_by_whoever_is_about_to_end(pauses: list[float]) -> None:
    views = ViewStore(NOBODY)
    views.hurry()
    with pytest.raises(Unavailable, match="the process is to end"):
        views.read(["key"])
    assert len(pauses) == 1


def test_who_waits_already_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of the pause that it is in."""
    views, waits, go_on = ViewStore(NOBODY), threading.Event(), threading.Event()
    failures: list[str] = []

    def pause(_: float) -> None:
        waits.set()
        assert go_on.wait(60)

    def ask() -> None:
        try:
            views.read(["key"])
        except Unavailable as error:
            failures.append(str(error))

    monkeypatch.setattr(redis.retry, "sleep", pause)
    asking = threading.Thread(target=ask)
    asking.start()
    assert waits.wait(60)
    views.hurry()
    go_on.set()
    wait_for("the end", lambda: failures, patience_s=60.0)
    asking.join()
    assert "the process is to end" in failures[0]


def test_no_pause_is_longer_than_what_a_stop_may_take() -> None:
    assert max(Patience().compute(failures) for failures in range(RETRIES + 1)) <= 4
