import math
from decimal import Decimal, localcontext
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.arithmetic.decay import TABLE, add, between, doubled, growth, no_spans, pin, whole_half_lives
from tests.unit.core.counts import count_at

HOUR = 3_600_000
times = st.integers(min_value=946_684_800_000, max_value=4_000_000_000_000)


def test_the_table_is_correctly_rounded() -> None:
    assert TABLE[0] == 1.0
    assert TABLE[512] == math.sqrt(2)
    with localcontext() as context:
        context.prec = 40
        assert TABLE.tolist() == [float(Decimal(2) ** (Decimal(i) / 1024)) for i in range(1024)]
    assert all(b > a for a, b in pairwise(TABLE.tolist()))


def added(value: float, exponent: int, weight: float, ts: int) -> tuple[float, int]:
    return add(value, exponent, weight * growth(ts, HOUR, TABLE), whole_half_lives(ts, HOUR))


@given(st.lists(st.integers(0, 3) | times, min_size=1), st.sampled_from([1, 7, 60_000, HOUR, 30 * 24 * HOUR]))
def test_what_is_pinned_is_what_three_divisions_give(many: list[int], half_life: int) -> None:
    since, until, ks, growths = no_spans(np.array([half_life]))
    for ts in [near for one in many for near in (one, one + 1, max(0, one - 1), one + half_life // 1024)]:
        pin(ts, 0, half_life, TABLE, since, until, ks, growths)
        assert (ks[0], growths[0]) == (whole_half_lives(ts, half_life), growth(ts, half_life, TABLE))


@given(times, st.integers(1, 50))
def test_a_count_halves_in_a_half_life(ts: int, half_lives: int) -> None:
    value, exponent = added(0.0, 0, 1.0, ts)
    assert count_at(value, exponent, ts, HOUR) == 1.0
    assert count_at(value, exponent, ts + half_lives * HOUR, HOUR) == 2.0**-half_lives


@given(times, times)
def test_two_events_count_the_same_in_either_order_within_rounding(one: int, two: int) -> None:
    now = max(one, two)
    forward = added(*added(0.0, 0, 1.0, one), 1.0, two)
    backward = added(*added(0.0, 0, 1.0, two), 1.0, one)
    assert count_at(*forward, now, HOUR) == pytest.approx(count_at(*backward, now, HOUR), rel=1e-12)


@given(times, st.integers(0, 100 * HOUR))
def test_a_count_brought_to_a_later_time_is_what_is_counted_then(ts: int, later: int) -> None:
    value, exponent = added(0.0, 0, 3.0, ts)
    then = count_at(value, exponent, ts + later, HOUR)
    count = np.array([count_at(value, exponent, ts, HOUR)])
    assert between(count, ts, ts + later, HOUR).tolist() == [pytest.approx(then, rel=1e-12)]


@given(st.floats(allow_nan=False), st.integers(-1100, 1100))
def test_a_product_with_a_power_of_two_is_ldexp(value: float, times: int) -> None:
    with np.errstate(over="ignore"):
        expected = float(np.ldexp(value, times))
    assert doubled(value, times) == expected
    assert [doubled(edge, -1074) for edge in (1.5, -0.0)] == [2.0**-1073, 0.0]
