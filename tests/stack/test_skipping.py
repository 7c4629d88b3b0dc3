"""A record that no worker can apply: three try, a person decides, the oracle agrees."""

import json
from pathlib import Path

from shared.adapters.kafka_clients import event_producer
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.errors import EXIT_NEEDS_A_PERSON
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, topic_name
from tests.stack.parts import headrace, running, variables_of
from tests.stack.shop import Shop
from tests.waiting import wait_for


def test_a_record_that_stops_every_worker_is_left_out_by_a_decision(settings: Settings, tmp_path: Path) -> None:
    ensure_topics(settings)
    shop, output, variables = Shop(settings), tmp_path / "output", variables_of(settings)
    partition = partition_of("ann", settings.topics.frames_partitions)

    producer = event_producer(settings.kafka)
    producer.produce(topic_name(settings, FRAMES), b"no frame", partition=partition)
    assert producer.flush(30) == 0
    refused = headrace(variables, "skip", "frames", str(partition), "0", "--why", "too early")
    assert refused.returncode == 1
    assert "none has ended there" in refused.stderr

    with running(settings, variables, output) as parts:
        shop.send_views()

        def status() -> int | None:
            return next((s.exit_status for s in parts.status() if s.part == "worker" and s.state == "down"), None)

        assert wait_for("the third crash", status, output) == EXIT_NEEDS_A_PERSON
    another = headrace(variables, "skip", "frames", str(partition), "1", "--why", "the wrong one")
    assert another.returncode == 1
    assert "they ended at 0, 3 times" in another.stderr
    assert headrace(variables, "skip", "frames", "99", "0", "--why", "no such place").returncode == 1
    decided = headrace(variables, "skip", "frames", str(partition), "0", "--why", "it was written by hand")
    assert decided.returncode == 0, decided.stderr

    with running(settings, variables, output):
        wait_for("lists", lambda: shop.whole_in(1), output)
        found = json.loads(headrace(variables, "verify", "--refresh", "--json").stdout)
    assert found["differing"] == 0, found
    assert found["parts"]["lists"]["compared"] > 0
    assert b"record skipped" in output.read_bytes()
