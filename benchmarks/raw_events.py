"""Events as producers send them, in the raw topics of a tenant before anybody reads: the generator is no bottleneck."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.workload import KINDS, Draws, draw, item_name, user_name
from shared.adapters.kafka_clients import event_producer, produce
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import raw_topics

FLUSH_S = 300.0
SEED = 27
USERS, ITEMS = 50_000, 10_000
EVENTS_PER_USER = 20


@dataclass(frozen=True)
class Shop:
    """Who sends; ``events`` of all are a run's, the first ones of the same draw whatever their number."""

    users: int = USERS
    items: int = ITEMS
    seed: int = SEED

    def draws(self, most: int) -> Draws:
        """A day of all users' events, ``most`` of one user."""
        return draw(self.seed, self.users, self.items, EVENTS_PER_USER, most, days=1)


def kinds_by_topic(settings: Settings) -> dict[str, str]:
    """The kinds that are drawn, by the raw topic that names them."""
    return {topic: kind for topic, kind in raw_topics(settings).items() if kind in KINDS}


def produce_raw(settings: Settings, draws: Draws, events: int) -> None:
    """The first so many, keyed by user, as one does whose readers keep state by user. (Ours does not need it.)"""
    producer = event_producer(settings.kafka)
    topics = {kind: topic for topic, kind in kinds_by_topic(settings).items()}
    for kind, user, payload in payloads(draws, events):
        produce(producer, topics[kind], payload, key=user.encode())
    if producer.flush(FLUSH_S):
        raise Unavailable(f"the events were not in the log after {FLUSH_S:.0f} s")


def payloads(draws: Draws, events: int) -> Iterator[tuple[str, str, bytes]]:
    """(kind, user, JSON) of the first so many events."""
    columns = (column[:events].tolist() for column in (draws.user, draws.item, draws.kind, draws.ts))
    for number, (user, item, kind, ts) in enumerate(zip(*columns, strict=True)):
        name = user_name(user)
        event = {"user_id": name, "item_id": item_name(item), "ts": ts, "event_id": f"event-{number:012d}"}
        yield KINDS[kind], name, json.dumps(event, separators=(",", ":")).encode()


def expected(draws: Draws, events: int, history: int) -> dict[str, int]:
    """What any fold of the first so many events holds, in whatever order topics and partitions were read."""
    items_of: dict[int, set[int]] = {}
    for user, item in zip(draws.user[:events].tolist(), draws.item[:events].tolist(), strict=True):
        items_of.setdefault(user, set()).add(item)
    held = sum(min(history, len(items)) for items in items_of.values())
    return {"events": events, "users": len(items_of), "history_items": held, "popularity": events}
