"""What stands still and wakes up: later than a session ends, or a transaction, or anybody's patience."""

import time
from random import Random

from shared.adapters.failpoints import POINTS
from tests.chaos.field import INGESTS, SESSION_S, WORKERS, Field

TRANSACTION_S = 60.0
SERVER_S = (5.0, 40.0)


def stop_worker(field: Field, chance: Random) -> None:
    """It is taken for dead, its partitions go to another, and it wakes up."""
    _stop(field, chance, chance.choice(WORKERS))


def stop_ingest(field: Field, chance: Random) -> None:
    """The other one takes its raw partitions; what it was about to send it sends when it wakes up."""
    _stop(field, chance, chance.choice(INGESTS))


def stop_two(field: Field, chance: Random) -> None:
    """Any two of the four at once; both workers, and with them whoever learns, among others."""
    _stop(field, chance, *chance.sample([*WORKERS, *INGESTS], 2))


def _stop(field: Field, chance: Random, *parts: str) -> None:
    with field.asleep(*(pid for part in parts if (pid := field.pid_of(part)) is not None)):
        time.sleep(SESSION_S + chance.uniform(1, 6))


def stop_kafka(field: Field, chance: Random) -> None:
    """Connections stay; when it wakes up all sessions and some transactions are over."""
    with field.asleep(field.stack.pid("kafka")):
        time.sleep(chance.uniform(*SERVER_S))


def stop_redis(field: Field, chance: Random) -> None:
    """Connections stay, and what was asked is done when it wakes up, whoever has given up meanwhile."""
    with field.asleep(field.stack.pid("redis")):
        time.sleep(chance.uniform(*SERVER_S))


def stop_at_a_point(field: Field, chance: Random) -> None:
    """With views written and nothing acknowledged, or in the middle of a transaction, which may be over by then."""
    with field.asleep_at(chance.choice(POINTS), 5.0) as came:
        if came:
            time.sleep(chance.choice([SESSION_S, SESSION_S, TRANSACTION_S]) + chance.uniform(1, 6))
