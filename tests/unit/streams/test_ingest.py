"""A batch of large records is taken in parts; offsets are committed of what is held."""

import json
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

from confluent_kafka import Message, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.settings import load_settings
from streams.ingest import PART_BYTES, Ingest, in_parts
from streams.out.delivery import Delivery
from tests.unit.streams.polled import NOW, Polled

sizes = st.one_of(st.integers(0, 300), st.integers(PART_BYTES // 3, PART_BYTES + 1))


@given(st.lists(sizes, min_size=1, max_size=20))
def test_all_are_taken_in_order_and_no_part_is_larger_than_it_may_be(given: list[int]) -> None:
    records = [cast("Message", range(size)) for size in given]
    parts = list(in_parts(records))
    assert [record for part in parts for record in part] == records
    assert all(part and (len(part) == 1 or sum(map(len, part)) <= PART_BYTES) for part in parts)
    for part, following in pairwise(parts):
        assert sum(map(len, part)) + len(following[0]) > PART_BYTES


def view(partition: int, offset: int) -> Polled:
    event = {"user_id": "u", "item_id": f"i{offset}", "ts": NOW}
    return Polled("view", offset, json.dumps(event).encode(), number=partition)


class Takes:
    """A producer all of whose records land at once."""

    def produce(self, _topic: str, _value: bytes, *, on_delivery: Callable[..., None], **_: Any) -> None:
        on_delivery(None, None)

    def poll(self, _timeout: float) -> int:
        return 0

    def flush(self, _timeout: float) -> int:
        return 0


class Member:
    """A consumer that hands out ``records``; one of the partitions is taken away while it does."""

    def __init__(self, *records: Polled) -> None:
        self.ingest: Ingest | None = None
        self.committed: list[tuple[int, int]] = []
        self._records = list(records)
        self._held = [0, 1]

    def subscribe(self, _topics: list[str], *, on_assign: Any, on_revoke: Any) -> None:
        self._on_assign, self._on_revoke = on_assign, on_revoke

    def assign(self, partitions: list[TopicPartition]) -> None:
        assert partitions == self.assignment()

    def assignment(self) -> list[TopicPartition]:
        return [TopicPartition("view", partition) for partition in self._held]

    def poll(self, _timeout: float) -> Polled | None:
        if not self._records:
            assert self.ingest is not None
            self.ingest.stopping = True
            return None
        return self._records.pop(0)

    def consume(self, _most: int, _timeout: float) -> list[Polled]:
        """What it handed out before has not landed when it says so."""
        if self._held == [0, 1]:
            self._on_revoke(self, self.assignment())
            self._held = [1]
            self._on_assign(self, self.assignment())
        return [self._records.pop(0)] if self._records else []

    def position(self, _partitions: list[TopicPartition]) -> list[TopicPartition]:
        return []

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> None:
        del asynchronous
        self.committed += [(place.partition, place.offset) for place in offsets]


def test_what_was_in_hand_when_its_partition_was_taken_away_is_not_committed() -> None:
    member = Member(view(0, 10), view(1, 20), view(1, 21))
    settings = load_settings(ingest={"commit_ms": 10})
    delivery = Delivery(cast("Any", Takes()))
    ids = cast("Any", SimpleNamespace(check=lambda _: None, taking=lambda _: None))
    ingest = member.ingest = Ingest(settings, cast("Any", member), delivery, ids, lambda _, given: given)
    ingest.run()
    assert member.committed[-1] == (1, 22)
    assert {partition for partition, _ in member.committed} == {1}, "the next owner of 0 may be further by now"
