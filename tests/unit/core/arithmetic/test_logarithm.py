import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.arithmetic.logarithm import exp2, log2

positive = st.floats(2.0**-300, 2.0**300)
exponents = st.floats(-300, 300)


@pytest.mark.parametrize("power", [-300, -1, 0, 1, 2, 300])
def test_powers_of_two_are_exact(power: int) -> None:
    assert log2(2.0**power) == power
    assert exp2(float(power)) == 2.0**power


@given(positive)
def test_one_undoes_the_other(value: float) -> None:
    assert exp2(log2(value)) == pytest.approx(value, rel=1e-12)


@given(exponents)
def test_and_the_other_the_one(x: float) -> None:
    assert log2(exp2(x)) == pytest.approx(x, abs=1e-12)


@given(positive, positive)
def test_log2_is_monotonic(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert log2(low) <= log2(high)


@given(exponents, exponents)
def test_exp2_is_monotonic(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert exp2(low) <= exp2(high)


@given(st.integers(-300, 300))
def test_both_are_continuous_where_the_pieces_meet(power: int) -> None:
    value, x = 2.0**power, float(power)
    assert log2(math.nextafter(value, 0)) == pytest.approx(power, abs=1e-12)
    assert exp2(math.nextafter(x, -math.inf)) == pytest.approx(value, rel=1e-12)


@given(positive, exponents)
def test_how_far_they_are_from_the_curves(value: float, x: float) -> None:
    assert 0 <= math.log2(value) - log2(value) + 1e-12 <= 0.09
    assert 1 <= exp2(x) / 2.0**x + 1e-12 <= 1.062


def test_the_farthest_they_are_from_the_curves() -> None:
    """Where the derivative of the curve is that of the piece."""
    assert math.log2(1 / math.log(2)) - log2(1 / math.log(2)) == pytest.approx(0.0861, abs=1e-4)
    x = 1 / math.log(2) - 1
    assert exp2(x) / 2.0**x == pytest.approx(1.0615, abs=1e-4)
