"""Many values at once are the same histogram as one after the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.exposition import generate_latest

from shared.adapters.bulk_histogram import BulkHistogram

BOUNDS = (0.005, 0.1, 1, 30)
VALUES = st.lists(st.one_of(st.sampled_from(BOUNDS), st.integers(0, 100), st.sampled_from([0.25, 0.5])), max_size=20)


@given(st.lists(VALUES, max_size=4))
def test_it_shows_what_the_library_shows_of_each_value_alone(batches: list[list[float]]) -> None:
    one, many = CollectorRegistry(), CollectorRegistry()
    each = Histogram("waited_seconds", "how long", buckets=BOUNDS, registry=one)
    bulk = BulkHistogram("waited_seconds", "how long", BOUNDS, many)
    for batch in batches:
        bulk.observe_all(np.array(batch, dtype=np.float64))
        for value in batch:
            each.observe(value)
    assert many.get_sample_value("waited_seconds_count") == one.get_sample_value("waited_seconds_count")
    for bound in map(str, map(float, BOUNDS)):
        shown = [of.get_sample_value("waited_seconds_bucket", {"le": bound}) for of in (many, one)]
        assert shown[0] == shown[1] is not None
    total = one.get_sample_value("waited_seconds_sum")
    assert total is not None
    assert np.isclose(many.get_sample_value("waited_seconds_sum") or 0.0, total)
    assert b'le="+Inf"' in generate_latest(many)
