"""From an event's sending to the list that includes it, in a shop with a large catalogue: full lists, one worker.

The catalogue is sent first; once it is folded users act, at a pace that is little for a small shop. What is measured
begins WARM_S later: views of the catalogue are still being written then. Nearly every list names items that were not
named lately, and a state takes about a second to save.
"""

from typing import Any

from benchmarks.effort import Effort
from benchmarks.freshness import LOOK_S, Say, percentiles, watched
from benchmarks.generator import Generator
from benchmarks.our_parts import OurParts
from benchmarks.probes import Probes
from benchmarks.raw_events import Shop
from benchmarks.tenants import tenant
from benchmarks.workload import item_name, item_record
from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_clients import event_producer, produce
from shared.contracts.catalogue import ENCODER
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM, topic_name

ITEMS, QUICK_ITEMS = 200_000, 20_000
EVENTS_PER_S = 1_000
WARM_S, LEVEL_S = 110.0, 60.0


def measure(stack: EmbeddedStack, effort: Effort, say: Say) -> dict[str, Any]:
    """Milliseconds; ``saved``: states of items partitions, since the start."""
    items = effort.scaled(ITEMS, QUICK_ITEMS)
    with tenant(stack) as settings, Generator(settings, Shop(items=items)) as generator:
        parts = OurParts(stack, settings)
        with parts.running():
            _send_catalogue(settings, items)
            parts.catch_up()
            generator.rate(EVENTS_PER_S)
            probes = Probes(settings, LOOK_S)
            probes.start()
            counted = watched(probes, LEVEL_S * effort.size, WARM_S * effort.size)
            probes.stop()
            megabytes = round(parts.workers_bytes() / 1e6)
            saved = int(parts.of_workers("headrace_checkpoints_total", step="item-deltas"))
    found = percentiles(counted)
    say(f"{items} items, {EVENTS_PER_S} events/s: {found}; {megabytes} MB")
    return found | {"items": items, "events_per_s": EVENTS_PER_S, "worker_mb": megabytes, "saved": saved}


def _send_catalogue(settings: Settings, items: int) -> None:
    producer, topic = event_producer(settings.kafka), topic_name(settings, ITEM)
    for number in range(items):
        name = item_name(number)
        produce(producer, topic, ENCODER.encode(item_record(number, name)), key=name.encode())
    producer.flush()
