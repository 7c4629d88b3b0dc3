"""A batch of large records is taken in parts."""

from itertools import pairwise
from typing import cast

from confluent_kafka import Message
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest import PART_BYTES, in_parts

sizes = st.one_of(st.integers(0, 300), st.integers(PART_BYTES // 3, PART_BYTES + 1))


@given(st.lists(sizes, min_size=1, max_size=20))
def test_all_are_taken_in_order_and_no_part_is_larger_than_it_may_be(given: list[int]) -> None:
    records = [cast("Message", range(size)) for size in given]
    parts = list(in_parts(records))
    assert [record for part in parts for record in part] == records
    assert all(part and (len(part) == 1 or sum(map(len, part)) <= PART_BYTES) for part in parts)
    for part, following in pairwise(parts):
        assert sum(map(len, part)) + len(following[0]) > PART_BYTES
