"""A worker says how far it is behind of what it is assigned, while assignments change under it."""

import pytest
from aiokafka.errors import IllegalStateError
from faust.exceptions import ConsumerNotStarted
from faust.types import TP

from streams.hosting.waiting import waiting


def test_what_waits_are_the_records_beyond_the_last_that_is_included() -> None:
    ends = {TP("frames", 0): 10, TP("frames", 1): 4, TP("item-deltas", 0): None}
    offsets = {("frames", 0): 6, ("frames", 1): 3, ("item-deltas", 0): -1}
    assert waiting(ends.get, offsets) == {("frames", 0): 3, ("frames", 1): 0, ("item-deltas", 0): 0}


@pytest.mark.parametrize(
    "raised",
    [
        AssertionError("Partition is not assigned"),
        AttributeError("'NoneType' object has no attribute 'state_value'"),
        IllegalStateError(TP("frames", 1)),
        ConsumerNotStarted("no consumer"),
    ],
)
def test_a_partition_that_goes_meanwhile_is_left_out(raised: Exception) -> None:
    def end_of(tp: TP) -> int:
        if tp.partition:
            raise raised
        return 3

    assert waiting(end_of, {("frames", 1): 5, ("frames", 0): 0}) == {("frames", 0): 2}
