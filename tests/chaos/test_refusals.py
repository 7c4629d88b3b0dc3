"""What would lose something is refused loudly: a log that was cut, a dead letter that cannot be written."""

import json
from pathlib import Path
from random import Random

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from services.ops.part import Part
from services.ops.parts import parts_of
from services.ops.supervisor import Supervisor
from shared.adapters.kafka_clients import admin, event_producer
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import EXIT_NEEDS_A_PERSON
from shared.contracts.settings import Settings
from shared.contracts.topics import DEAD_LETTER, FRAMES, group_name, raw_topics, topic_name
from tests.stack.parts import running, variables_of
from tests.stack.shop import Shop
from tests.waiting import wait_for

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]


def _only(settings: Settings, *names: str) -> list[Part]:
    parts = parts_of(settings, ingests=1, workers=1, reader=False, collector=False)
    return [part for part in parts if part.name in names]


def test_a_log_that_was_cut_beyond_the_state_needs_a_person(settings: Settings, tmp_path: Path) -> None:
    ensure_topics(settings)
    shop, output, variables = Shop(settings), tmp_path / "output", variables_of(settings)
    with running(settings, variables, output):
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)
    log = PartitionLog(settings.kafka, group_name(settings, "worker"))
    frames = topic_name(settings, FRAMES)
    before = {p: log.bounds(frames, p)[1] for p in range(settings.topics.frames_partitions)}
    with Supervisor(_only(settings, "ingest"), environment=variables):
        shop.send_views()
        grown = wait_for("more frames", lambda: [p for p in before if log.bounds(frames, p)[1] > before[p]], output)
    cut = TopicPartition(frames, grown[0], log.bounds(frames, grown[0])[1])
    client = admin(settings.kafka)  # held: an answer dies with its client
    client.delete_records([cut])[cut].result(60)
    lines: list[bytes] = []
    with Supervisor(
        _only(settings, "worker"), environment=variables, on_line=lambda _, line: lines.append(line)
    ) as worker:
        assert worker.wait() == EXIT_NEEDS_A_PERSON
    said = b"\n".join(lines).decode()
    assert (
        f"{frames}/{cut.partition}: records {before[cut.partition]} to {cut.offset - 1} are gone from the log" in said
    )


def test_what_cannot_be_buried_is_not_acknowledged(settings: Settings, tmp_path: Path) -> None:
    ensure_topics(settings)
    shop, output = Shop(settings), tmp_path / "output"
    topic = next(topic for topic, kind in raw_topics(settings).items() if kind == "view")
    dead = topic_name(settings, DEAD_LETTER)
    log = PartitionLog(settings.kafka, group_name(settings, "ingest"))
    _largest_record(settings, dead, 300)
    with running(settings, variables_of(settings), output) as parts:
        producer = event_producer(settings.kafka)
        long = Random(1).randbytes(1000).hex()  # nothing that a codec makes small
        producer.produce(topic, json.dumps({"user_id": long, "item_id": "a", "ts": 1}).encode(), partition=0)
        producer.flush(30)
        wait_for("an ingest that gives up", lambda: _restarts(parts) >= 2, output)
        assert log.committed(topic, 0) == 0
        assert log.bounds(dead, 0)[1] == 0
        _largest_record(settings, dead, 10_000_000)
        wait_for("the dead letter", lambda: log.bounds(dead, 0)[1], output)
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)
    assert log.committed(topic, 0) > 0


def _restarts(parts: Supervisor) -> int:
    return next(status.restarts for status in parts.status() if status.part == "ingest")


def _largest_record(settings: Settings, topic: str, size: int) -> None:
    entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client = admin(settings.kafka)
    client.incremental_alter_configs([resource])[resource].result(60)
