"""`headrace verify` on what real parts have made: equal, and not equal once something was tampered with."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import redis
from confluent_kafka import TopicPartition

from shared.adapters.kafka_clients import event_producer, exact_producer, group_consumer
from shared.adapters.kafka_lag import LagReader
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.log_reader import PartitionLog
from shared.adapters.redis_views import ViewStore
from shared.contracts.frames import decode_frame, rows
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, STATE_PROFILES, group_name, raw_topics, topic_name
from shared.contracts.views import Keys
from tests.stack.parts import headrace, running, variables_of
from tests.waiting import wait_for

EVENTS = 1500
MISHAPS = ["--late-share", "0.1", "--duplicate-share", "0.05", "--bad-share", "0.03"]
HOUR_MS = 3_600_000


class Verified:
    """A tenant whose events have all been applied; its parts no longer run, or still do."""

    def __init__(self, settings: Settings, variables: dict[str, str]) -> None:
        self.settings, self.variables = settings, variables

    def verify(self, *options: str) -> tuple[int, dict[str, Any]]:
        done = headrace(self.variables, "verify", "--json", *options)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def caught_up(self) -> None:
        with closing(LagReader(self.settings)) as reader:
            wait_for("the lag to drain", lambda: not any(lag.records_behind for lag in reader.read(None)))


def test_what_is_made_is_what_the_oracle_makes(settings: Settings, tmp_path: Path) -> None:
    ensure_topics(settings)
    shop = Verified(settings, variables_of(settings))
    with running(settings, variables_of(settings), tmp_path / "output"):
        sizes = ["--events", str(EVENTS), "--rate", "300", "--users", "100", "--items", "80", "--seed", "3"]
        sent = headrace(shop.variables, "simulate", *sizes, *MISHAPS)
        assert sent.returncode == 0, sent.stderr
        shop.caught_up()
        status, found = shop.verify("--refresh")
    assert (status, found["differing"]) == (0, 0), found
    assert most_behind(settings) > 12 * HOUR_MS  # delays are log-uniform up to a day, some 15 of them this long
    assert {part for part, counts in found["parts"].items() if counts["compared"]} >= {
        "lists", "deltas", "rows", "ranking rows", "item numbers", "ranker", "tops", "items", "trending", "raw records"
    }  # fmt: skip

    status, found = shop.verify()  # the worker has ended, and saved what it has
    assert (status, found["not_compared"]) == (0, [])
    assert found["parts"]["states"]["compared"] > EVENTS / 10
    assert found["parts"]["raw records"]["compared"] >= EVENTS

    _tamper(settings)
    status, found = shop.verify()
    assert status == 1
    assert {part for part, counts in found["parts"].items() if counts["differing"]} == {"lists", "rows", "raw records"}

    damaged = exact_producer(settings.kafka)
    damaged.produce(topic_name(settings, STATE_PROFILES), b"damaged", key=b"000001/manifest", partition=0)
    damaged.flush(60)
    done = headrace(shop.variables, "verify")
    assert done.returncode != 0
    assert "no manifest that this version reads" in done.stderr


def most_behind(settings: Settings) -> int:
    """Milliseconds by which an event of `frames` lies before one that stands ahead of it, at most."""
    log, topic, most = PartitionLog(settings.kafka, "reader"), topic_name(settings, FRAMES), 0
    for partition in range(settings.topics.frames_partitions):
        latest = 0
        for _, value in log.read(topic, partition, 0, log.bounds(topic, partition)[1], contiguous=True):
            for ts in (row["ts"] for row in rows(decode_frame(value)) if row["kind"] not in ("item", "user")):
                assert isinstance(ts, int)
                latest = max(latest, ts)
                most = max(most, latest - ts)
    log.close()
    return most


def _tamper(settings: Settings) -> None:
    """Take a list away, change a row's score, and let ingest's group skip a raw record."""
    client, keys = redis.Redis.from_url(settings.redis.url), Keys(settings)
    views = ViewStore(settings)
    client.delete(keys.rec(views.names(keys.rec(""))[0]))
    names = views.names(keys.sim(""))
    payloads = views.read([keys.sim(name) for name in names])
    rows = {name: json.loads(payload or b"{}") for name, payload in zip(names, payloads, strict=True)}
    name = next(name for name, row in rows.items() if row["items"])
    rows[name]["scores"][0] += 0.5
    client.set(keys.sim(name), json.dumps(rows[name], separators=(",", ":")))
    _skip_a_record(settings)


def _skip_a_record(settings: Settings) -> None:
    """Commit, as ingest's group, an offset beyond a record that it never saw."""
    topic = next(topic for topic, kind in raw_topics(settings).items() if kind == "view")
    sent: list[tuple[int, int]] = []
    producer = event_producer(settings.kafka)
    producer.produce(topic, b"{}", on_delivery=lambda _, m: sent.append((m.partition() or 0, m.offset() or 0)))
    producer.flush(60)
    [(partition, offset)] = sent
    consumer = group_consumer(settings.kafka, group_name(settings, "ingest"))
    consumer.commit(offsets=[TopicPartition(topic, partition, offset + 1)], asynchronous=False)
    consumer.close()
