"""ADWIN over losses: what it notices, that it is restored exactly, and what noticing is good for."""

import numpy as np
import pytest
from river.drift import ADWIN

from shared.contracts.errors import NeedsAPerson
from shared.core.kernel import Floats
from shared.core.learning.drift import HIGHEST, SURENESS, Drift
from shared.core.learning.ranker import Ranker
from shared.core.tables.segments import pack, unpack
from tests.unit.core.problems import HALF_LIVES, records


def losses(seed: int, *levels: float) -> Floats:
    """500 around each level."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(level, 0.5, 500).clip(0) for level in levels])


def test_a_loss_that_rises_is_a_change_and_one_that_falls_or_stays_is_none() -> None:
    for levels, changes in (((2.0, 3.5), 1), ((3.5, 2.0), 0), ((2.0, 2.0, 2.0), 0), ((2.0, 3.5, 2.0, 3.5), 2)):
        drift = Drift()
        told = drift.told(losses(1, *levels))
        assert (drift.changes, told) == (changes, changes > 0)


def test_it_is_noticed_soon() -> None:
    drift = Drift()
    assert not drift.told(losses(2, 2.0))
    noticed = [drift.told(part) for part in losses(2, 3.5).reshape(-1, 20)]
    assert sum(noticed) == 1
    assert noticed.index(True) < 5


def test_it_is_the_detector_that_river_gives_to_anybody() -> None:
    """Though it comes out of its own file."""
    drift, theirs = Drift(), ADWIN(delta=SURENESS)  # type: ignore[no-untyped-call]
    changes = 0
    for loss in losses(4, 2.0, 3.5).tolist():
        drift.told(np.array([loss]))
        theirs.update(min(loss, HIGHEST) / HIGHEST)  # type: ignore[no-untyped-call]
        changes += theirs.drift_detected
        assert drift._adwin.estimation == theirs.estimation
    assert drift.changes == changes == 1


def test_a_loss_beyond_all_bounds_counts_as_the_highest() -> None:
    one, other = Drift(), Drift()
    one.told(np.array([1e300, HIGHEST]))
    other.told(np.array([HIGHEST, HIGHEST]))
    assert one.take() == other.take()


@pytest.mark.parametrize("cut", [0, 1, 499, 544, 545, 600, 1200])
def test_restored_anywhere_it_goes_on_bit_for_bit(cut: int) -> None:
    all_of_them = losses(3, 2.0, 3.5, 2.0, 3.5)
    whole, parted = Drift(), Drift()
    parted.told(all_of_them[:cut])
    saved, parted = parted.take(), Drift()
    parted.restore(unpack(saved))
    assert parted.take() == saved
    for loss in all_of_them[:cut]:
        whole.told(np.array([loss]))
    assert whole.take() == saved
    for loss in all_of_them[cut:]:
        assert parted.told(np.array([loss])) == whole.told(np.array([loss]))
    assert parted.take() == whole.take()


def test_restored_right_at_the_change() -> None:
    """River starts anew with the value after one: that this is due is part of the state."""
    whole, steps = Drift(), iter(losses(4, 2.0, 3.5))
    assert any(whole.told(np.array([loss])) for loss in steps)  # up to the first that tells
    saved, parted = whole.take(), Drift()
    parted.restore(unpack(saved))
    for loss in steps:
        assert parted.told(np.array([loss])) == whole.told(np.array([loss]))
    assert parted.take() == whole.take()


def test_what_it_holds_grows_with_the_logarithm() -> None:
    drift, sizes = Drift(), []
    for _ in range(4):
        for _ in range(10):
            drift.told(losses(5, 2.0))
        sizes.append(len(drift.take()))
    assert sizes[-1] < 1.3 * sizes[0] < 3000


def test_what_another_river_saved_is_not_guessed_at() -> None:
    values = unpack(Drift().take()).values
    with pytest.raises(NeedsAPerson, match=r"River 0\.1"):
        Drift().restore(unpack(pack({}, **{**values, "river": "0.1"})))


def after_a_flip(*, hastened: bool) -> float:
    """Mean loss of the 600 examples after the 200 that follow the flip."""
    ranker, drift, rng = Ranker(HALF_LIVES, 0.3), Drift(), np.random.default_rng(6)
    lost: list[float] = []
    for told in [*records(rng, 7, 1500, noise=0.1), *records(rng, 13, 200, noise=0.1)]:
        losses = ranker.learn(*told)
        if drift.told(losses) and hastened:
            ranker.hasten()
        lost += losses.tolist()
    return float(np.mean(lost[6200:6800]))


def test_after_a_flip_of_behaviour_the_loss_falls_faster_than_without() -> None:
    assert after_a_flip(hastened=True) < 0.85 * after_a_flip(hastened=False)
