"""A Redis and an impression log that stand in memory, and the views that streams would write."""

from collections.abc import Sequence
from typing import Any

import msgspec

from services.reader.store.views import MOST_CHANGES, NO_ID, Changes, Found, Id, Streams
from shared.contracts.errors import Unavailable
from shared.contracts.impressions import Impression
from shared.contracts.source_letters import letters_of
from shared.contracts.views import ItemView, View, at, encode_view

NOW = 1_700_000_000_000
HOUR = 3_600_000


class FakeViews:
    """Holds keys; ``broken`` is a Redis that does not answer."""

    def __init__(self) -> None:
        self.up = False
        self.broken = False
        self.closed = False
        self.values: dict[str, bytes] = {}
        self.gone: set[bytes] = set()
        self.said: list[tuple[Id, bytes, bytes]] = []  # what a worker says of who comes into it (1) or leaves it (0)
        self.wholly = 0  # how often it was read whole
        self.snapshots = 0
        self.asked: list[str] = []
        self.changes: list[tuple[Id, str]] = []

    async def get(self, *keys: str) -> list[bytes | None]:
        self.asked.extend(keys)
        self._answer()
        return [self.values.get(key) for key in keys]

    async def snapshot(self, keys: Sequence[str], set_key: str, streams: Streams) -> Found:
        self._answer()
        assert set_key == "unavailable"
        self.snapshots += 1
        told = {
            "item-changes": [(id_, {b"item": item.encode()}) for id_, item in self.changes],
            "unavailable-changes": [
                (id_, {b"item": item, b"there": there} if there else {b"item": item}) for id_, item, there in self.said
            ],
        }
        changes = [_read(told[stream], since) for stream, since in streams]
        return Found([self.values.get(key) for key in keys], len(self.gone), changes)

    async def members(self, key: str, stream: str) -> tuple[set[bytes], Id]:
        self._answer()
        assert (key, stream) == ("unavailable", "unavailable-changes")
        self.wholly += 1
        return set(self.gone), self.said[-1][0] if self.said else NO_ID

    def say(self, item: str, *, gone: bool) -> None:
        """As the write path says it."""
        (self.gone.add if gone else self.gone.discard)(item.encode())
        self.values["unavailable-at"] = at(1, len(self.said)).encode()
        self.said.append(((NOW, len(self.said) + 1), item.encode(), b"1" if gone else b"0"))

    async def append(self, key: str, value: bytes, most: int, ttl_s: int) -> None:
        assert most > 0
        assert ttl_s > 0
        self._answer()
        self.values[key] = self.values.get(key, b"") + value

    def put_item(self, item: str, **fields: Any) -> None:
        """A record of the catalogue, told of as the write path tells."""
        self.values[f"item:{item}"] = encode_view(ItemView(1, at(1, 7), item, **fields))
        self.changes.append(((NOW, len(self.changes) + 1), item))

    def _answer(self) -> None:
        self.up = not self.broken
        if self.broken:
            raise Unavailable("Redis: away")

    async def close(self) -> None:
        self.closed = True

    def put(
        self, key: str, items: list[str], ts: int = NOW, source: str = "personal", seen: Sequence[str] = (), **more: Any
    ) -> None:
        scores = [1 / (place + 1) for place in range(len(items))]
        view = View(1, at(1, 7), ts, source, "m1", items, scores, seen=list(seen))
        self.values[key] = encode_view(msgspec.structs.replace(view, **more))

    def shorten(self, key: str) -> None:
        """As workers store users' lists."""
        told = msgspec.json.decode(self.values[key])
        if "why" in told:
            told["by"] = letters_of(told.pop("why")).decode()
        recent = told.get("recent", [])
        if recent and told.get("seen", [])[: len(recent)] == recent:
            told["newest"] = len(told.pop("recent"))
        self.values[key] = msgspec.json.encode(told)


def _read(entries: list[tuple[Id, dict[bytes, bytes]]], since: Id | None) -> Changes:
    new = entries[-1:] if since is None else [one for one in entries if one[0] > since][:MOST_CHANGES]
    first, last = (entries[0][0] if entries else NO_ID), (new[-1][0] if new else NO_ID)
    return Changes([fields for _, fields in new], first, last)


class FakeImpressions:
    def __init__(self) -> None:
        self.added: list[Impression] = []
        self.closed = False

    def add(self, impression: Impression) -> None:
        self.added.append(impression)

    def close(self) -> None:
        self.closed = True
