"""Whether views stand is said by the server that is there: marks come with an older file, too."""

from typing import Any, cast

import pytest

from services.ops import refresh
from services.ops.refresh import all_stand, markers_of
from shared.contracts.errors import Unavailable
from shared.contracts.settings import load_settings
from shared.contracts.views import begun_in, standing_in

SETTINGS = load_settings()
MARKERS = markers_of(SETTINGS)


class Marks:
    """A Redis that came back with an older file, as the server ``now``."""

    def __init__(self, before: str, now: str) -> None:
        self.held: dict[str, bytes] = dict.fromkeys(MARKERS, standing_in(before))
        self._now = now

    def run_id(self) -> str:
        return self._now

    def read(self, keys: list[str]) -> list[bytes | None]:
        return [self.held.get(key) for key in keys]

    def erase(self, _keys: list[str]) -> None:
        """It is lost: the file that comes back is of before."""

    def close(self) -> None: ...


class NoLag:
    def read(self, _: None) -> list[Any]:
        return []

    def close(self) -> None: ...


def test_marks_of_this_server_alone_say_that_views_stand() -> None:
    marks = Marks("run-1", "run-1")
    assert all_stand(cast("Any", marks), SETTINGS)
    marks.held[MARKERS[0]] = begun_in("run-1")
    assert not all_stand(cast("Any", marks), SETTINGS)
    assert not all_stand(cast("Any", Marks("run-1", "run-2")), SETTINGS)


def test_a_refresh_does_not_take_marks_of_an_older_file_for_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh, "need_redis", lambda _: None)
    monkeypatch.setattr(refresh, "ViewStore", lambda _: Marks("run-1", "run-2"))
    monkeypatch.setattr(refresh, "LagReader", lambda _: NoLag())
    told = list[int]()
    with pytest.raises(Unavailable, match="not published again"):
        refresh.refresh(SETTINGS, 0.0, told.append)
    assert sum(told) == 0
