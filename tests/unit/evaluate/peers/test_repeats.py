from collections.abc import Callable

import numpy as np
import pytest

from services.evaluate.method import Scoring
from services.evaluate.past import Past
from services.evaluate.peers.settings import HOUR, NEVER
from services.evaluate.peers.tifu_knn import GROUP, OWN, TifuKnn, weigh_events
from services.evaluate.peers.top_frequency import TIES, TopFrequency
from tests.unit.evaluate.peers.logs import learned, log_of, scores


@pytest.mark.parametrize(("half_life", "wanted"), [(NEVER, [0.0, 2.0, 1.0]), (HOUR, [0.0, 0.75, 1.0])])
def test_top_frequency_counts_the_users_own_events(half_life: int, wanted: list[float]) -> None:
    log = log_of([(0, 0, 1), (HOUR, 0, 1), (HOUR, 1, 0), (2 * HOUR, 0, 2)])
    found = scores(learned(log, lambda past: TopFrequency(past, half_life, NEVER)), 0)
    assert found.tolist() == pytest.approx(wanted, abs=2 * TIES)
    assert found[0] == 0.0, "others fill the list"


def test_of_items_taken_as_often_the_more_popular_is_first() -> None:
    log = log_of([(0, 0, 0), (0, 0, 1), (0, 0, 2), (1, 0, 2), (1, 1, 1)])
    assert np.argsort(-scores(learned(log, lambda past: TopFrequency(past, NEVER, NEVER)), 0)).tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    "build", [lambda past: TopFrequency(past, NEVER, NEVER), lambda past: TifuKnn(past, 1, 1.0, 1.0)]
)
def test_a_basket_has_an_item_once_however_many_of_its_rows_name_it(build: Callable[[Past], Scoring]) -> None:
    """Item 0 is on two lines of one basket, 1 and 2 are in both."""
    once = [(0, 0, 0), (0, 0, 1), (0, 0, 2), (1, 0, 1), (1, 0, 2)]
    twice = [(0, 0, 0), (0, 0, 0), *once[1:4], (1, 0, 1), once[4]]
    found, wanted = (scores(learned(log_of(events), build), 0) for events in (twice, once))
    assert found.tolist() == pytest.approx(wanted.tolist(), abs=2 * TIES)


def test_baskets_fade_within_groups_and_groups_between() -> None:
    baskets = np.arange(GROUP + 2, dtype=np.int32)
    out = np.zeros(len(baskets))
    weigh_events(baskets, baskets, 0, len(baskets), 0.5, 0.25, out)
    newest = [0.5**back / GROUP / 2 for back in reversed(range(GROUP))]
    assert out.tolist() == pytest.approx([0.25 * 0.5 / 2 / 2, 0.25 / 2 / 2, *newest])


def test_a_basket_is_a_timestamp_unless_the_log_names_baskets() -> None:
    events = [(0, 0, 0), (0, 0, 1), (5, 0, 2), (6, 0, 3)]
    by_time = learned(log_of(events), lambda past: TifuKnn(past, 1, 0.9, 0.7))
    named = learned(log_of(events, baskets=[0, 0, 0, 1]), lambda past: TifuKnn(past, 1, 0.9, 0.7))
    assert by_time._baskets.tolist() == [0, 0, 1, 2]
    assert named._baskets.tolist() == [0, 0, 0, 1]


def test_tifu_knn_adds_the_nearest_users_to_the_own_vector() -> None:
    log = log_of([(0, 0, 0), (0, 0, 1), (1, 1, 5), (2, 2, 0)])
    found = scores(learned(log, lambda past: TifuKnn(past, 1, 0.9, 0.7)), user=2)
    assert found.tolist() == pytest.approx([OWN + (1 - OWN), 1 - OWN, 0, 0, 0, 0])


def test_a_user_is_no_neighbour_of_their_own_however_few_there_are() -> None:
    log = log_of([(0, 0, 0), (1, 1, 1)])
    found = scores(learned(log, lambda past: TifuKnn(past, 300, 0.9, 0.7)), user=0)
    assert found.tolist() == pytest.approx([OWN, 1 - OWN])
