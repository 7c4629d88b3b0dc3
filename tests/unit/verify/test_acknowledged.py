"""Records that ingest takes while `headrace verify` reads are not asked for: it may not have read their frames."""

from typing import Any

import pytest

from services.verify import run
from shared.contracts.settings import load_settings


def test_what_ingest_has_acknowledged_is_asked_for_before_frames_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    place, asked, now = ("view", 0), list[dict[tuple[str, int], int]](), [7]

    def folds(*_: object) -> dict[tuple[str, int], set[int]]:
        now[0] = 9  # two more come meanwhile
        return {}

    def check(*given: Any) -> None:
        asked.append(given[1])

    monkeypatch.setattr(run, "need_topics", lambda _: None)
    monkeypatch.setattr(run, "acknowledged", lambda _: {place: now[0]})
    monkeypatch.setattr(run, "compare_folds", folds)
    monkeypatch.setattr(run, "check_completeness", check)
    run.verification(load_settings(), lambda _: None, refreshed=False)
    assert asked == [{place: 7}]
