"""The faults. Each one strikes and puts right again what no restart would; the field must mend the rest by itself."""

import resource
import signal
import time
from random import Random

from confluent_kafka.admin import NewPartitions

from shared.adapters.failpoints import POINTS
from shared.adapters.kafka_clients import admin
from shared.adapters.kafka_topics import partitions_by_topic
from shared.contracts.topics import topic_name
from tests.chaos.field import INGESTS, SESSION_S, WORKERS, Fault, Field
from tests.chaos.lost_views import flush_redis, kill_redis, lose_views_at_a_point, older_redis, other_redis, refresh
from tests.chaos.standing_still import stop_at_a_point, stop_ingest, stop_kafka, stop_redis, stop_two, stop_worker

MOST_PARTITIONS = 8
FLOOD = 4000
STORM_S = 60.0


def kill_worker(field: Field, chance: Random) -> None:
    """kill -9, in whatever it does."""
    field.hit(chance.choice(WORKERS), signal.SIGKILL)


def die_at_a_point(field: Field, chance: Random) -> None:
    """kill -9 at a named place: between the log and the views, in a checkpoint, before a commit."""
    field.die_at(chance.choice(POINTS), 5.0)


def kill_ingest(field: Field, chance: Random) -> None:
    """Between consuming and committing, mostly."""
    field.hit(chance.choice(INGESTS), signal.SIGKILL)


def kill_reader_or_collector(field: Field, chance: Random) -> None:
    """With requests under way."""
    field.hit(chance.choice(["reader", "collector"]), signal.SIGKILL)


def kill_kafka(field: Field, chance: Random) -> None:
    """And start it on the same log."""
    field.stack.kill("kafka")
    time.sleep(chance.uniform(0, 3))
    field.stack.restart("kafka")


def pause_redis(field: Field, chance: Random) -> None:
    """No answer for longer than a client waits."""
    field.redis().client_pause(int(chance.uniform(1, 4) * 1000))


def readonly_redis(field: Field, chance: Random) -> None:
    """Every write is refused for a while, as by a replica that was the master."""
    client = field.redis()
    client.replicaof("127.0.0.1", 1)
    time.sleep(chance.uniform(1, 4))
    client.replicaof("NO", "ONE")


def full_redis(field: Field, chance: Random) -> None:
    """Out of memory: writes are refused, reads are not."""
    client = field.redis()
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
    """A worker that comes and goes faster than the group settles, some before they have joined."""
    over = time.monotonic() + STORM_S
    while time.monotonic() < over:
        with field.one_more_worker():
            time.sleep(chance.uniform(2, 8))


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


def slow_connections(field: Field, chance: Random) -> None:
    """Every packet to and from Kafka and Redis is late."""
    for proxy in field.proxies:
        proxy.delay(chance.uniform(0.02, 0.3))
    time.sleep(chance.uniform(4, 10))
    for proxy in field.proxies:
        proxy.delay(0)


def still_connections(field: Field, chance: Random) -> None:
    """Connections stay, and nothing passes: neither an answer nor an end."""
    proxy = chance.choice(field.proxies)
    proxy.stand_still()
    time.sleep(chance.uniform(2, SESSION_S + 3))
    proxy.go_on()


def cut_connections(field: Field, chance: Random) -> None:
    """All at once, several times, with requests and answers on their way."""
    for _ in range(chance.randint(1, 5)):
        for proxy in field.proxies:
            proxy.cut()
        time.sleep(chance.uniform(0.1, 2))


def full_disk(field: Field, chance: Random) -> None:
    """Whatever Kafka would write to a file is refused; it ends, as it should, and is started once there is room."""
    pid = field.stack.pid("kafka")
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, most))
    time.sleep(chance.uniform(2, 6))
    field.stack.restart("kafka")


def flood(field: Field, chance: Random) -> None:
    """Some seconds' worth of events at once."""
    field.send_views(chance, FLOOD)


FAULTS: tuple[Fault, ...] = (
    die_at_a_point,
    kill_ingest,
    kill_reader_or_collector,
    stop_worker,
    stop_ingest,
    stop_two,
    stop_kafka,
    stop_redis,
    stop_at_a_point,
    kill_kafka,
    kill_redis,
    flush_redis,
    older_redis,
    other_redis,
    lose_views_at_a_point,
    refresh,
    pause_redis,
    readonly_redis,
    full_redis,
    hand_over,
    rebalance_storm,
    four_workers,
    add_partitions,
    slow_connections,
    still_connections,
    cut_connections,
    full_disk,
    flood,
)
"""All but :func:`kill_worker`, which strikes all the time."""
