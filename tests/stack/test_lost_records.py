"""Raw records that ingest cannot take: the broker kept them for too short a time, or lost them."""

import json
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from confluent_kafka import TopicPartition

from shared.adapters.kafka_clients import admin, event_producer, group_consumer
from shared.adapters.kafka_topics import ensure_topics, partitions_by_topic
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import EXIT_NEEDS_A_PERSON
from shared.contracts.settings import Settings
from shared.contracts.topics import group_name, topic_name
from tests.stack.parts import only, variables_of
from tests.waiting import wait_for


class Views:
    """One partition of the topic `view`, and how far ingest is in it."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self.topic = settings, topic_name(settings, "view")

    def send(self, count: int) -> None:
        producer = event_producer(self._settings.kafka)
        for n in range(count):
            event = {"user_id": "ann", "item_id": f"i{n}", "ts": time.time_ns() // 1_000_000}
            producer.produce(self.topic, json.dumps(event).encode(), partition=0)
        producer.flush()

    def taken(self) -> int:
        with closing(PartitionLog(self._settings.kafka, group_name(self._settings, "ingest"))) as log:
            return log.committed(self.topic, 0)

    def cut(self, first: int) -> None:
        """As retention does."""
        place = TopicPartition(self.topic, 0, first)
        client = admin(self._settings.kafka)
        client.delete_records([place])[place].result()

    def make_anew(self) -> None:
        client = admin(self._settings.kafka)
        client.delete_topics([self.topic])[self.topic].result()
        wait_for("its end", lambda: self.topic not in partitions_by_topic(client))
        ensure_topics(self._settings)

    def commit(self, offset: int) -> None:
        """As ingest's group, which has no member now."""
        consumer = group_consumer(self._settings.kafka, group_name(self._settings, "ingest"))
        consumer.commit(offsets=[TopicPartition(self.topic, 0, offset)], asynchronous=False)
        consumer.close()


def test_records_that_were_not_kept_long_enough_are_counted_and_said(settings: Settings, tmp_path: Path) -> None:
    ensure_topics(settings)
    views, variables, output = Views(settings), variables_of(settings), tmp_path / "output"
    views.send(10)
    with only("ingest", settings, variables, output):
        wait_for("the first", lambda: views.taken() == 10, output)
    views.send(10)
    views.cut(15)
    with only("ingest", settings, variables, output):
        wait_for("what is kept", lambda: views.taken() == 20, output)
    [said] = [line for line in output.read_text().splitlines() if "records are lost" in line]
    assert all(word in said for word in (f"{views.topic}/0", "first=10", "last=14"))


def test_a_topic_that_ends_before_what_was_taken_needs_a_person(settings: Settings, tmp_path: Path) -> None:
    """It lost records, as a broker of which an older copy was brought back."""
    ensure_topics(settings)
    views, output = Views(settings), tmp_path / "output"
    views.send(3)
    views.commit(10)
    with only("ingest", settings, variables_of(settings), output) as parts:
        wait_for("its end", lambda: parts.status()[0].exit_status == EXIT_NEEDS_A_PERSON, output)
    assert f"{views.topic}/0: record 10 is next, but it ends at 3" in output.read_text()


@pytest.mark.parametrize("runs", [True, False])
def test_a_topic_that_was_made_anew_needs_a_person(settings: Settings, tmp_path: Path, *, runs: bool) -> None:
    """Its records have the offsets of those that workers know, of which Kafka has forgotten that they were taken."""
    ensure_topics(settings)
    views, variables, output = Views(settings), variables_of(settings), tmp_path / "output"
    views.send(3)
    with only("ingest", settings, variables, output) as parts:
        wait_for("the first", lambda: views.taken() == 3, output)
        if runs:
            views.make_anew()
            views.send(5)
            wait_for("its end", lambda: parts.status()[0].exit_status == EXIT_NEEDS_A_PERSON, output)
    if not runs:
        views.make_anew()
        views.send(2)
        with only("ingest", settings, variables, output) as parts:
            wait_for("its end", lambda: parts.status()[0].exit_status == EXIT_NEEDS_A_PERSON, output)
    assert f"{views.topic}: made anew since records were taken of it" in output.read_text()
    assert views.taken() == 0


def test_users_keep_the_names_that_they_have(settings: Settings, tmp_path: Path) -> None:
    """Another secret, or none any more: nobody would be known."""
    ensure_topics(settings)
    views, output = Views(settings), tmp_path / "output"
    secret = {"HEADRACE_IDENTITY_USER_SECRET": "one that is long enough"}
    views.send(3)
    with only("ingest", settings, variables_of(settings, **secret), output):
        wait_for("the first", lambda: views.taken() == 3, output)
    views.send(3)
    for other in ({}, {"HEADRACE_IDENTITY_USER_SECRET": "another that is long enough"}):
        output.unlink()
        with only("ingest", settings, variables_of(settings, **other), output) as parts:
            wait_for("its end", lambda: parts.status()[0].exit_status == EXIT_NEEDS_A_PERSON, output)
        assert "HEADRACE_IDENTITY_USER_SECRET is not the one that users are named with" in output.read_text()
        assert views.taken() == 3
    with only("ingest", settings, variables_of(settings, **secret), output):
        wait_for("the others", lambda: views.taken() == 6, output)


def test_records_that_were_given_up_while_ingest_was_held_up_are_counted_and_said(
    settings: Settings, tmp_path: Path
) -> None:
    ensure_topics(settings)
    views, variables, output = Views(settings), variables_of(settings), tmp_path / "output"
    views.send(10)
    with only("ingest", settings, variables, output) as parts:
        wait_for("the first", lambda: views.taken() == 10, output)
        process = psutil.Process(parts.status()[0].pid)
        process.suspend()
        time.sleep(1.0)  # what it has asked is answered by then
        views.send(10)
        views.cut(15)
        process.resume()
        wait_for("what is kept", lambda: views.taken() == 20, output)
    [said] = [line for line in output.read_text().splitlines() if "records are lost" in line]
    assert all(word in said for word in (f"{views.topic}/0", "first=10", "last=14"))


def test_a_topic_of_which_nothing_was_taken_may_be_made_anew(settings: Settings, tmp_path: Path) -> None:
    """As with another number of partitions, before a shop is live."""
    ensure_topics(settings)
    views, variables, output = Views(settings), variables_of(settings), tmp_path / "output"
    with only("ingest", settings, variables, output):
        wait_for("its start", lambda: "assigned" in output.read_text(), output)
    views.make_anew()
    views.send(3)
    with only("ingest", settings, variables, output):
        wait_for("the first", lambda: views.taken() == 3, output)
