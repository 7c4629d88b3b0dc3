"""The state log on a real Kafka: whole or not at all, and only its last owner's."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka import Producer

from shared.adapters.kafka_clients import exact_producer
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.log_reader import PartitionLog
from shared.adapters.state_log import StateLog, read_saved
from shared.contracts.errors import Fenced, TornState
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, STATE_PROFILES, topic_name


@pytest.fixture
def records(settings: Settings) -> Iterator[PartitionLog]:
    ensure_topics(settings)
    log = PartitionLog(settings.kafka, "reader")
    yield log
    log.close()


def amid_a_save(state: StateLog, settings: Settings) -> Producer:
    """Its producer, in whose open transaction a segment of partition 0 stands."""
    producer: Producer = state._producer
    producer.begin_transaction()
    producer.produce(topic_name(settings, STATE_PROFILES), b"half", key=b"000001/meta", partition=0)
    producer.flush(60)
    return producer


def test_what_was_saved_last_comes_back(settings: Settings, records: PartitionLog) -> None:
    assert read_saved(records, settings, FRAMES, 1) is None
    state = StateLog(settings, FRAMES, 1)
    large = bytes(range(256)) * 4000
    first = state.save(10, {"meta": b"a", "users/0": large, "users/1": b"b"})
    second = state.save(20, {"meta": b"c", "users/0": large})
    assert first > len(large) > second
    StateLog(settings, FRAMES, 1)  # as an owner does; a broker may still be writing the markers of an ended transaction
    saved = read_saved(records, settings, FRAMES, 1)
    assert saved is not None
    assert (saved.offset, saved.segments) == (20, {"meta": b"c", "users/0": large})
    assert read_saved(records, settings, FRAMES, 0) is None
    next_generation = settings.model_copy(update={"generation": 2})
    assert read_saved(records, next_generation, FRAMES, 1) is None


def test_a_former_owner_cannot_save_and_its_open_transaction_is_undone(
    settings: Settings, records: PartitionLog
) -> None:
    zombie = StateLog(settings, FRAMES, 0)
    zombie.save(1, {"meta": b"first"})
    half = amid_a_save(zombie, settings)

    owner = StateLog(settings, FRAMES, 0)
    saved = read_saved(records, settings, FRAMES, 0)
    assert saved is not None
    assert saved.segments == {"meta": b"first"}
    owner.went_on_from(saved)
    owner.save(2, {"meta": b"second"})
    with pytest.raises(Fenced, match=r"state\.profiles/0: another owner"):
        zombie._attempt(lambda: half.commit_transaction(60))
    with pytest.raises(Fenced):
        zombie.save(3, {"meta": b"never"})
    StateLog(settings, FRAMES, 0)  # as an owner does, see above
    saved = read_saved(records, settings, FRAMES, 0)
    assert saved is not None
    assert (saved.offset, saved.segments) == (2, {"meta": b"second"})


def test_a_damaged_segment_is_found(settings: Settings, records: PartitionLog) -> None:
    StateLog(settings, FRAMES, 0).save(1, {"meta": b"whole"})
    foreign = exact_producer(settings.kafka)
    foreign.produce(topic_name(settings, STATE_PROFILES), b"whol", key=b"000001/meta", partition=0)
    foreign.flush(60)
    with pytest.raises(TornState, match="segment meta is damaged"):
        read_saved(records, settings, FRAMES, 0)


def test_what_stands_behind_a_transaction_of_another_generation_is_waited_for(
    settings: Settings, records: PartitionLog
) -> None:
    """Its worker may be saving just then; none of ours fences it."""
    beside = StateLog(settings, FRAMES, 0)
    settings = settings.model_copy(update={"generation": 2})
    state = StateLog(settings, FRAMES, 0)
    state.save(1, {"meta": b"first"})
    saving = amid_a_save(beside, settings)
    state.save(2, {"meta": b"last"})
    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(read_saved, records, settings, FRAMES, 0)
        with pytest.raises(TimeoutError):
            reading.result(1)
        saving.commit_transaction(60)
        saved = reading.result(60)
    assert saved is not None
    assert (saved.offset, saved.segments) == (2, {"meta": b"last"})
