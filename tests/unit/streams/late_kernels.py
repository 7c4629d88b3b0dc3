"""Prints, as JSON, the kernels that a worker's steps compiled although `compile_kernels` had been called before."""

import json
import pkgutil
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, cast

from msgspec import DecodeError
from msgspec.json import Decoder
from msgspec.structs import replace
from numba.core.dispatcher import Dispatcher

import shared.core
from services.producers.simulation import catalogue, messages
from services.producers.simulator.parameters import Parameters
from services.producers.simulator.stream import open_storefront
from shared.adapters.rank_reader import RankReader, items_at_hand
from shared.adapters.redis_views import ViewStore
from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.deltas import packed
from shared.contracts.events import Event
from shared.contracts.frames import encode_frame
from shared.contracts.settings import load_settings
from shared.contracts.topics import EXAMPLES, FRAMES, ITEM, ITEM_DELTAS, TOPS, USER, topic_name
from shared.contracts.views import Keys
from shared.core.frames.framing import FrameBuilder
from shared.core.lists.list_maker import ListMaker
from shared.core.warming import compile_kernels
from streams.steps.items import ItemsStep
from streams.steps.learner import LearnerStep
from streams.steps.lists import ListWriter
from streams.steps.ports import Ports
from streams.steps.profiles import ProfilesStep
from streams.steps.tops import TopsStep

PER_FRAME = 50
EVENTS = 6000

_EVENT, _ITEM = Decoder(Event), Decoder(ItemRecord)


class Views:
    """A view store in memory."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def write(self, keys: list[str], payloads: list[bytes], ttl_s: int) -> int:
        del ttl_s
        self._held |= zip(keys, payloads, strict=True)
        return 0

    def read(self, keys: list[str]) -> list[bytes | None]:
        return [self._held.get(key) for key in keys]

    def remove(self, keys: list[str], version: str) -> None: ...
    def erase(self, keys: list[str]) -> None: ...
    def write_zsets(self, zsets: list[Any]) -> None: ...
    def set_members(self, *_: object) -> bool:
        return True

    def drop(self, views: object, zset: str, version: str) -> None: ...
    def replace_members(self, *_: object) -> bool:
        return True

    def add_changes(self, key: str, items: list[str]) -> None: ...


class Records:
    """A delivery that keeps what is produced, by topic."""

    def __init__(self) -> None:
        self.of: dict[str, list[tuple[int, bytes]]] = {}

    def produce(self, topic: str, value: bytes, *, partition: int, key: bytes | None = None) -> None:
        del key
        self.of.setdefault(topic, []).append((partition, value))

    def pack(self, topic: str, value: bytes, partition: int) -> None:
        self.produce(topic, packed([value]), partition=partition)


def signatures() -> dict[str, int]:
    """How often each kernel is compiled by now."""
    modules = [import_module(f"shared.core.{found.name}") for found in pkgutil.iter_modules(shared.core.__path__)]
    kernels = {
        f"{kernel.py_func.__module__}.{name}": kernel
        for module in modules
        for name, kernel in vars(module).items()
        if isinstance(kernel, Dispatcher)
    }
    return {name: len(kernel.signatures) for name, kernel in sorted(kernels.items())}


def frames() -> list[bytes]:
    """The demo's shop: its catalogue, each item near the one before; its events, those that it breaks left out; and at
    the end a user who is to be forgotten.
    """
    front = open_storefront(Parameters(seed=1, start_ms=1_700_000_000_000, events=EVENTS, duration_ms=86_400_000))
    made, builder, last = [], FrameBuilder(), "none"
    for offset, message in enumerate((*catalogue(front), *messages(front))):
        source, key, value = (message.kind, 0, offset), (message.key or b"").decode(), message.value or b""
        if message.kind == ITEM:
            record = replace(_ITEM.decode(value), near=[last])
            builder.add_item_record(source, message.at, ITEM, key, ENCODER.encode(record))
            last = key
        else:
            with suppress(DecodeError):
                builder.add_event(source, message.at, message.kind, _EVENT.decode(value))
        if builder.n >= PER_FRAME:
            made.append(encode_frame(builder.build()))
            builder = FrameBuilder()
    builder.add_user_record((USER, 0, 0), 0, USER, key, None)
    return [*made, encode_frame(builder.build())]


def run() -> None:
    """Frames through all four steps, with small bounds, so that users and items are evicted, too."""
    settings = load_settings(
        profiles={"max_users": 512, "max_items": 512}, cooccurrence={"max_items": 512}, topics={"items_partitions": 1}
    )
    compile_kernels(settings)
    before = signatures()
    now, records, views, at_hand = [10**13], Records(), cast("ViewStore", Views()), items_at_hand(settings)
    ports = Ports(
        settings=settings,
        delivery=cast("Any", records),
        views=views,
        keys=Keys(settings),
        maker=ListMaker(settings, RankReader(views, settings, at_hand), lambda: now[0]),
        clock=lambda: now[0],
        at_hand=at_hand,
    )
    steps = {FRAMES: ProfilesStep(0, ports), ITEM_DELTAS: ItemsStep(0, ports), TOPS: TopsStep(0, ports)} | {
        EXAMPLES: LearnerStep(0, ports)
    }
    applied, lists = dict.fromkeys(steps, 0), ListWriter(ports)
    steps[ITEM_DELTAS].hold()
    for value in frames():
        records.of.setdefault(topic_name(settings, FRAMES), []).append((0, value))
        now[0] += 60_000
        for short, step in steps.items():
            waiting = records.of.pop(topic_name(settings, short), [])
            for _, record in waiting:
                step.apply(applied[short], record, replayed=False)
                applied[short] += 1
            step.publish()
            step.tick(now[0])
            lists.write()
    after = signatures()
    sys.stdout.write(json.dumps({"applied": applied, "late": [name for name in after if after[name] != before[name]]}))


if __name__ == "__main__":
    run()
