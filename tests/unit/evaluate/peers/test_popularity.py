import numpy as np
import pytest

from services.evaluate.past import Past
from services.evaluate.peers.popularity import REBASE, Popularity
from services.evaluate.peers.settings import DAY, HOUR, MINUTE, NEVER
from tests.unit.evaluate.peers.logs import learned, log_of, random_events, scores


def test_without_a_half_life_events_are_counted() -> None:
    method = learned(log_of([(0, 0, 1), (5, 1, 1), (9 * DAY, 0, 0)]), lambda past: Popularity(past, NEVER))
    assert scores(method, 0).tolist() == [1.0, 2.0]


def test_an_event_counts_half_after_a_half_life() -> None:
    method = learned(log_of([(0, 0, 0), (HOUR, 0, 1)]), lambda past: Popularity(past, HOUR))
    one, other = scores(method, 0).tolist()
    assert other == 2.0 * one


@pytest.mark.parametrize("half_life", [10 * MINUTE, DAY])
def test_a_log_of_many_half_lives_gives_the_shares_of_a_direct_sum(half_life: int) -> None:
    events = random_events(1, 600, users=3, items=5, step=7 * HOUR)
    assert events[-1][0] > 3 * REBASE * 10 * MINUTE
    found = scores(learned(log_of(events), lambda past: Popularity(past, half_life)), 0)
    direct = np.zeros(len(found))
    for ts, _, item in events:
        direct[item] += 2.0 ** ((ts - events[-1][0]) / half_life)
    assert found / found.max() == pytest.approx(direct / direct.max(), rel=1e-12)


def test_the_landmark_moves_without_changing_a_share() -> None:
    events = [(0, 0, 0), (1, 0, 1), (2, 0, 1), ((REBASE + 1) * MINUTE, 0, 2)]
    found = scores(learned(log_of(events), lambda past: Popularity(past, MINUTE)), 0)
    assert found[1] / found[0] == pytest.approx(2.0, rel=1e-4)
    assert 0.0 < found[0] < found[2] < 4.0


def test_an_empty_past_counts_nothing() -> None:
    assert not Popularity(Past(log_of([(0, 0, 0)])), HOUR).counts.any()
