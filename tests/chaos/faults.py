"""The faults. Each one strikes and puts right again what no restart would; the field must mend the rest by itself."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from random import Random

import redis
from confluent_kafka.admin import NewPartitions

from shared.adapters.kafka_clients import admin
from shared.adapters.kafka_topics import partitions_by_topic
from shared.contracts.topics import topic_name
from tests.chaos.field import SESSION_S, Field

WORKERS = ("worker-1", "worker-2")
MOST_PARTITIONS = 8
Fault = Callable[[Field, Random], None]


def kill_worker(field: Field, chance: Random) -> None:
    """kill -9, in whatever it does."""
    _signal(field, chance.choice(WORKERS), signal.SIGKILL)


def kill_ingest(field: Field, chance: Random) -> None:
    """Between consuming and committing, mostly."""
    del chance
    _signal(field, "ingest", signal.SIGKILL)


def stop_worker(field: Field, chance: Random) -> None:
    """It is taken for dead, its partitions go to another, and it wakes up."""
    _sleep_through(field, chance.choice(WORKERS), chance)


def stop_ingest(field: Field, chance: Random) -> None:
    _sleep_through(field, "ingest", chance)


def kill_kafka(field: Field, chance: Random) -> None:
    """And start it on the same log."""
    field.stack.kill("kafka")
    time.sleep(chance.uniform(0, 3))
    field.stack.restart("kafka")


def kill_redis(field: Field, chance: Random) -> None:
    """It comes back empty, under another run id."""
    field.stack.kill("redis")
    time.sleep(chance.uniform(0, 3))
    field.stack.restart("redis")


def flush_redis(field: Field, chance: Random) -> None:
    """All views are gone, the server runs on."""
    del chance
    _redis(field).flushall()


def pause_redis(field: Field, chance: Random) -> None:
    """No answer for longer than a client waits."""
    _redis(field).client_pause(int(chance.uniform(1, 4) * 1000))


def readonly_redis(field: Field, chance: Random) -> None:
    """Every write is refused for a while, as by a replica that was the master."""
    client = _redis(field)
    client.replicaof("127.0.0.1", 1)
    time.sleep(chance.uniform(1, 4))
    client.replicaof("NO", "ONE")


def full_redis(field: Field, chance: Random) -> None:
    """Out of memory: writes are refused, reads are not."""
    client = _redis(field)
    client.config_set("maxmemory", "1")
    time.sleep(chance.uniform(1, 4))
    client.config_set("maxmemory", "0")


def hand_over(field: Field, chance: Random) -> None:
    """A third worker joins, takes partitions, and leaves in order or not: A → B → A."""
    with field.one_more_worker() as worker:
        time.sleep(chance.uniform(8, 20))
        worker.send_signal(chance.choice([signal.SIGTERM, signal.SIGKILL]))
        worker.wait(60)


def rebalance_storm(field: Field, chance: Random) -> None:
    """A worker that comes and goes faster than the group settles."""
    for _ in range(4):
        with field.one_more_worker():
            time.sleep(chance.uniform(2, 4))


def four_workers(field: Field, chance: Random) -> None:
    """Two more for a while, as an autoscaler does; both leave in order."""
    with field.one_more_worker() as third, field.one_more_worker() as fourth:
        time.sleep(chance.uniform(10, 20))
        third.send_signal(signal.SIGTERM)
        fourth.send_signal(signal.SIGTERM)
        third.wait(60)
        fourth.wait(60)


def add_partitions(field: Field, chance: Random) -> None:
    """A raw topic gets a partition while events come."""
    client = admin(field.settings.kafka)
    topic = topic_name(field.settings, chance.choice(["view", "cart", "purchase"]))
    count = partitions_by_topic(client)[topic]
    if count < MOST_PARTITIONS:
        client.create_partitions([NewPartitions(topic, count + 1)])[topic].result()


FAULTS: tuple[Fault, ...] = (
    kill_ingest,
    stop_worker,
    stop_ingest,
    kill_kafka,
    kill_redis,
    flush_redis,
    pause_redis,
    readonly_redis,
    full_redis,
    hand_over,
    rebalance_storm,
    four_workers,
    add_partitions,
)
"""All but :func:`kill_worker`, which strikes all the time."""


def _signal(field: Field, part: str, number: signal.Signals) -> int | None:
    """The process that was hit, if the part was running."""
    pid = field.pid_of(part)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            return pid
    return None


def _sleep_through(field: Field, part: str, chance: Random) -> None:
    pid = _signal(field, part, signal.SIGSTOP)
    time.sleep(SESSION_S + chance.uniform(1, 6))
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _redis(field: Field) -> redis.Redis:
    return redis.Redis.from_url(field.stack.redis, socket_timeout=10)
