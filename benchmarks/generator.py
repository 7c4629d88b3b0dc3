"""Sends events for as long as it is asked to: `python -m benchmarks.generator TASK`, a process of its own.

It follows its standard input: ``until N`` lets it send until N events in all are sent, as fast as it can; ``rate R``
sends R a second from then on. Event time is the clock's. Of the seeded draw it begins again at its end.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from benchmarks.raw_events import Shop, kinds_by_topic
from benchmarks.tenants import variables_of
from benchmarks.workload import KINDS, item_name, user_name
from services.ops.child import tied_to_parent
from shared.adapters.clock import epoch_ms
from shared.adapters.kafka_clients import event_producer, produce
from shared.contracts.settings import Settings, load_settings

IDLE_S = 0.02
Sent = tuple[str, bytes, bytes]
"""Topic, key, value."""


class Generator:
    """The process, from the benchmark's side."""

    def __init__(self, settings: Settings, shop: Shop) -> None:
        command = [sys.executable, "-m", "benchmarks.generator", json.dumps([shop.users, shop.items, shop.seed])]
        self._process = subprocess.Popen(
            tied_to_parent(command), env=variables_of(settings), stdin=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()

    def until(self, total: int) -> None:
        """So many in all."""
        self._tell(f"until {total}")

    def rate(self, per_s: float) -> None:
        """So many a second."""
        self._tell(f"rate {per_s}")

    def _tell(self, what: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()


class Pace:
    """How many may have been sent by a moment (seconds on any clock that only goes on)."""

    def __init__(self) -> None:
        self._allowed = 0
        self._rate = 0.0
        self._since = 0.0

    def told(self, line: str, now: float) -> None:
        """A line of the input."""
        what, amount = line.split()
        if what == "until":
            self._allowed, self._rate = int(amount), 0.0
        else:
            self._allowed, self._rate, self._since = self.allowed(now), float(amount), now

    def allowed(self, now: float) -> int:
        """In all."""
        return self._allowed + int(self._rate * (now - self._since)) if self._rate else self._allowed


def events(settings: Settings, shop: Shop) -> Iterator[Sent]:
    """The draw's events with the present time, again and again."""
    topics = {kind: topic for topic, kind in kinds_by_topic(settings).items()}
    draws = shop.draws(settings.profiles.history)
    columns = [column.tolist() for column in (draws.user, draws.item, draws.kind)]
    number = 0
    while True:
        for user, item, kind in zip(*columns, strict=True):
            number += 1
            name, ts = user_name(user), epoch_ms()
            payload = f'{{"user_id":"{name}","item_id":"{item_name(item)}","ts":{ts},"event_id":"sent-{number:012d}"}}'
            yield topics[KINDS[kind]], name.encode(), payload.encode()


def main() -> None:
    settings = load_settings()
    users, items, seed = json.loads(sys.argv[1])
    made, pace, sent = events(settings, Shop(users, items, seed)), Pace(), 0
    producer = event_producer(settings.kafka)

    def listen() -> None:
        for line in sys.stdin:
            pace.told(line, time.monotonic())

    threading.Thread(target=listen, daemon=True).start()
    while True:
        due = pace.allowed(time.monotonic()) - sent
        for _ in range(due):
            topic, key, value = next(made)
            produce(producer, topic, value, key=key)
        sent += max(0, due)
        producer.poll(0)
        time.sleep(IDLE_S)


if __name__ == "__main__":
    main()
