"""The quantiles of a histogram."""

from math import inf

from services.reader.status import quantile


def test_linear_within_a_bucket() -> None:
    buckets = {0.001: 0.0, 0.002: 100.0, inf: 100.0}
    assert quantile(buckets, 0.5) == 1.5
    assert quantile(buckets, 0.99) == 1.99


def test_beyond_the_last_edge_is_the_last_edge() -> None:
    assert quantile({0.001: 1.0, inf: 100.0}, 0.99) == 1.0


def test_nothing_observed() -> None:
    assert quantile({0.001: 0.0, inf: 0.0}, 0.5) is None
    assert quantile({}, 0.5) is None
