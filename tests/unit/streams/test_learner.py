"""What the learner's shell says and publishes."""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.adapters.redis_views import ViewStore
from shared.contracts.examples import EXAMPLES_VERSION, Examples, encode_examples
from shared.contracts.rank_views import decode_ranker
from shared.contracts.settings import load_settings
from shared.contracts.views import Keys
from shared.core.learning.ranker import Ranker
from shared.core.lists.features import feature_count
from streams.steps.learner import LearnerStep
from streams.steps.ports import Ports
from tests.unit.core.learning.test_blend import EXAMPLES as IN_A_RECORD
from tests.unit.core.learning.test_blend import choice
from tests.unit.verify.worker import Views

WIDTH = feature_count(2)
LADDER = {"half_lives_ms": {"6h": 6 * 3_600_000, "30d": 30 * 86_400_000}}


class Shell:
    """The step with views that are held."""

    def __init__(self) -> None:
        self.settings = load_settings(popularity=LADDER)
        self.views = Views()
        views = cast("ViewStore", self.views)
        self._ports = Ports(self.settings, cast("Any", None), views, Keys(self.settings), cast("Any", None))
        self.step = LearnerStep(0, self._ports)
        self._rng = np.random.default_rng(1)

    def show(self, n: int, *columns: int) -> None:
        """``n`` records."""
        for offset in range(self.step.offset + 1, self.step.offset + 1 + n):
            rows = [choice(self._rng, list(columns)) for _ in range(IN_A_RECORD)]
            self.step.apply(offset, encode_examples(examples(offset, np.concatenate(rows))), replayed=False)


def examples(offset: int, rows: np.ndarray) -> Examples:
    n = IN_A_RECORD
    sizes = np.full(n, len(rows) // n, dtype="<i4").tobytes()
    segments, weights = np.full(n, 3, dtype="<i4").tobytes(), np.ones(n, dtype="<f4").tobytes()
    return Examples(
        EXAMPLES_VERSION, 0, offset, WIDTH, 0, sizes, segments, weights, sizes, rows.astype("<f2").tobytes()
    )


def said(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


@pytest.fixture(name="logged")
def logs() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


def test_a_change_of_behaviour_is_logged_once_and_counted(logged: list[Any]) -> None:
    shell = Shell()
    shell.show(400, 7)
    assert logged == []
    shell.show(60, 9)
    assert [entry["event"] for entry in logged] == ["behaviour has changed: the ranker forgets faster for a while"]
    shell.step.tick(10**13)
    assert said("headrace_ranker_drifts") == 1


def test_that_a_single_source_ranks_is_logged_and_measured(logged: list[Any]) -> None:
    shell = Shell()
    shell.show(200, 2, 5)
    shell.step.tick(10**13)
    assert said("headrace_ranker_published", of="softmax") == 1
    assert said("headrace_ranker_published", of="next") == 0
    assert 0.5 < (said("headrace_ranker_shadow", of="softmax") or 0.0) <= 1
    poisoned = shell.step._core.blend.contenders[0]
    assert isinstance(poisoned, Ranker)
    poisoned.average[:], poisoned.weights[:] = -poisoned.average, -poisoned.weights
    poisoned.spread *= 1e-12
    while not (told := [entry for entry in logged if "before" in entry]):
        shell.show(1, 2, 5)
    [entry] = told
    assert (entry["log_level"], entry["before"]) == ("warning", "softmax")
    assert entry["now"] in {"together", "next"}
    shell.step.tick(2 * 10**13)
    assert said("headrace_ranker_published", of="softmax") == 0
    assert said("headrace_ranker_published", of=entry["now"]) == 1
    published = decode_ranker(shell.views.held["model:ranker"]).matrix()
    assert np.flatnonzero(published[0]).tolist() in ([2, 18], [5, 18])


def test_weights_are_published_again_however_many_examples_come() -> None:
    shell = Shell()
    shell.show(1, 7)
    shell.step.tick(10**13)
    shell.views.held.clear()
    shell.step.republish()
    assert not shell.step.republished
    shell.show(1, 7)
    shell.step.tick(10**13 + 1)
    shell.show(1, 7)
    assert shell.step.republished
    assert not shell.step.settled
    assert "model:ranker" in shell.views.held


def test_what_was_told_before_a_restart_is_not_told_again(logged: list[Any]) -> None:
    shell = Shell()
    shell.show(400, 7)
    shell.show(60, 9)
    assert len(logged) == 1
    again = Shell()
    again.step.restore(shell.step.take())
    again.show(1, 9)
    assert len(logged) == 1
