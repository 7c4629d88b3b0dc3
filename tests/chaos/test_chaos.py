"""A short battle in every CI run; `make chaos` has the long ones."""

from pathlib import Path

import pytest

from shared.adapters.failpoints import POINTS
from tests.chaos.run import Chaos

MINUTES = 0.75
SEED = 8054  # whose first faults are those below; an even one, so that Redis comes back with what it had
FIRST = {"stop_ingest", "older_redis", "still_connections"}


@pytest.mark.stack
@pytest.mark.timeout(1500)
def test_nothing_differs_and_nothing_is_missing(tmp_path: Path) -> None:
    outcome = Chaos(seed=SEED, minutes=MINUTES).run(tmp_path)
    assert (outcome["differences"], outcome["missing"], outcome["wrong"]) == (0, 0, 0), outcome
    assert outcome["answers"] > 0
    assert outcome["faults"]["die_at_a_point"] >= len(POINTS)
    assert outcome["faults"]["kill_worker"] >= 2
    assert outcome["faults"].keys() >= FIRST
    assert outcome["compared"] > outcome["events"]
