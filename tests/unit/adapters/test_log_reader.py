"""Reading a partition to its end, from a consumer that hands out what the test gave it."""

from collections import deque
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from shared.adapters import kafka_leaders, log_reader
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import NeedsAPerson, Unavailable
from shared.contracts.servers import KafkaSettings


class Record:
    def __init__(self, offset: int, error: int | None = None) -> None:
        self._offset, self._error = offset, error

    def offset(self) -> int:
        return self._offset

    def value(self) -> bytes:
        return b"%d" % self._offset

    def timestamp(self) -> tuple[int, int]:
        return 1, 1000 + self._offset

    def error(self) -> KafkaError | None:
        return None if self._error is None else KafkaError(self._error)


class Shelf:
    """A consumer over given offsets; asking it to wait for a whole batch is the mistake that it finds."""

    def __init__(self, first: int, offsets: list[int]) -> None:
        self._first = first
        self._records: deque[Record] = deque(Record(offset) for offset in offsets)
        self._records.append(Record(-1, KafkaError._PARTITION_EOF))
        self.assigned = False
        self.refusals: list[int] = []

    def get_watermark_offsets(self, _partition: Any, timeout: float) -> tuple[int, int]:
        assert timeout > 0
        if self.refusals:
            raise KafkaException(KafkaError(self.refusals.pop()))
        return self._first, 1000

    def assign(self, _partitions: Any) -> None:
        self.assigned = True

    def unassign(self) -> None:
        self.assigned = False

    def poll(self, _timeout: float) -> Record | None:
        return self._records.popleft() if self._records else None

    def consume(self, count: int, timeout: float) -> list[Record]:
        assert timeout == 0, "at the log's end this would wait for records that never come"
        return [self._records.popleft() for _ in range(min(count, len(self._records)))]


def log_of(monkeypatch: pytest.MonkeyPatch, offsets: list[int], first: int = 0) -> tuple[PartitionLog, Shelf]:
    shelf = Shelf(first, offsets)
    monkeypatch.setattr(log_reader, "log_reader", lambda *_, **__: shelf)
    return PartitionLog(KafkaSettings(), "group"), shelf


def test_records_come_in_order_and_the_end_is_known_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    log, shelf = log_of(monkeypatch, list(range(200)))
    read = list(log.read("frames", 0, 0, 150, contiguous=True))
    assert read == [(offset, b"%d" % offset) for offset in range(150)]
    assert not shelf.assigned


def test_records_may_come_with_their_timestamps(monkeypatch: pytest.MonkeyPatch) -> None:
    log, _ = log_of(monkeypatch, [3, 4, 5])
    assert list(log.dated("frames", 0, 3, 5, contiguous=True)) == [(3, 1003, b"3"), (4, 1004, b"4")]


def test_a_compacted_log_may_end_before_its_last_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    log, _ = log_of(monkeypatch, [3, 7])
    assert [offset for offset, _ in log.read("tops", 0, 0, 10, contiguous=False)] == [3, 7]


def test_a_hole_in_a_log_that_keeps_all_is_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    log, _ = log_of(monkeypatch, [0, 2])
    with pytest.raises(NeedsAPerson, match=r"records 1 to 1 are missing"):
        list(log.read("frames", 0, 0, 3, contiguous=True))


def test_a_log_whose_beginning_is_gone_is_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    log, _ = log_of(monkeypatch, [5, 6], first=5)
    with pytest.raises(NeedsAPerson, match=r"records 2 to 4 are gone"):
        list(log.read("frames", 0, 2, 7, contiguous=True))


def test_a_silent_broker_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    log, shelf = log_of(monkeypatch, [])
    shelf.poll(0)
    with pytest.raises(Unavailable, match="no record at 0"):
        list(log.read("frames", 0, 0, 3, contiguous=True))


def test_a_leader_that_is_just_being_found_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_leaders, "RETRY_S", 0)
    log, shelf = log_of(monkeypatch, [])
    shelf.refusals = [KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE]
    assert log.bounds("frames", 0) == (0, 1000)
    shelf.refusals = [KafkaError.TOPIC_AUTHORIZATION_FAILED]
    with pytest.raises(Unavailable, match="frames/0"):
        log.bounds("frames", 0)
