"""When lists count as fresh again after a blow, on a clock that the test writes."""

import pytest

from benchmarks.probes import USERS_PER_PARTITION, Probe, percentile, probing_users, recovery
from shared.contracts.routing import partition_of


def probes(late: dict[float, float | None], until: float = 20.0) -> list[Probe]:
    """An event every 0.1 s, seen after 0.2 s, but those sent from a moment of ``late`` on after so many seconds
    (None: never), up to the next moment.
    """
    made, after = [], 0.2
    for n in range(int(until * 10)):
        sent = n / 10
        lag = late.get(sent, after)
        late = {moment: seconds for moment, seconds in late.items() if moment != sent}
        made.append(Probe("u", n, sent, None if lag is None else sent + lag))
        after = lag  # type: ignore[assignment]
    return made


def test_recovered_is_the_end_of_the_first_second_of_fresh_lists() -> None:
    struck = probes({5.0: 8.0, 9.0: 0.3})
    first, for_good = recovery(struck, 5.0, 20.0)
    assert first == pytest.approx(5.0)  # events from 9.0 on are fresh: the second that ends at 10.0
    assert for_good == pytest.approx(5.0)


def test_a_second_standstill_moves_the_end_for_good_only() -> None:
    struck = probes({5.0: 8.0, 9.0: 0.3, 12.0: 2.0, 13.0: 0.3})
    first, for_good = recovery(struck, 5.0, 20.0)
    assert first == pytest.approx(5.0)
    assert for_good == pytest.approx(9.0, abs=0.11)


def test_what_never_came_is_not_fresh_and_neither_is_silence() -> None:
    assert recovery(probes({5.0: None}), 5.0, 20.0) == (None, None)
    assert recovery([], 5.0, 20.0) == (None, None)


def test_percentiles_are_by_nearest_rank() -> None:
    hundred = [float(n) for n in range(1, 101)]
    assert [percentile(hundred, p) for p in (50, 99, 100)] == [50.0, 99.0, 100.0]
    assert percentile([1.0, 9.0], 99) == 9.0


def test_each_turn_has_a_user_of_every_partition() -> None:
    turns = probing_users(4)
    assert len(turns) == USERS_PER_PARTITION
    assert all([partition_of(user, 4) for user in turn] == [0, 1, 2, 3] for turn in turns)
    assert len({user for turn in turns for user in turn}) == 4 * USERS_PER_PARTITION
