"""A seeded shop: who does what to which item, and the frames that ingest would pack of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.events import Event
from shared.contracts.frames import Frame
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM
from shared.core.frames.framing import FrameBuilder

KINDS = ("view", "click", "cart", "purchase")
SHARES = (0.75, 0.15, 0.06, 0.04)
ITEM_EXPONENT = 0.8
USER_EXPONENT = 0.8
START_MS = 1_760_000_000_000
CATEGORIES = 200
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Draws:
    """Events in order, as columns of equal length; ``user`` and ``item`` are numbers, ``kind`` points into KINDS."""

    user: Numbers
    item: Numbers
    kind: Numbers
    ts: Numbers

    def __len__(self) -> int:
        return len(self.user)


def activity(users: int, mean: float, most: int) -> Numbers:
    """Events of each user, the most active first: Zipf, from 1 to ``most``, ``mean`` of them on average."""
    falling = np.arange(1, users + 1, dtype=np.float64) ** -USER_EXPONENT
    low, high = 1.0, float(most) * users
    for _ in range(100):
        middle = (low + high) / 2
        if np.clip(middle * falling, 1, most).mean() < mean:
            low = middle
        else:
            high = middle
    return np.clip(np.rint(high * falling), 1, most).astype(np.int64)


def draw(seed: int, users: int, items: int, mean: float, most: int, days: float) -> Draws:
    """Every user's events, mixed; items by Zipf; event times spread evenly over so many days."""
    chance = np.random.default_rng(seed)
    user = np.repeat(chance.permutation(users), activity(users, mean, most))
    chance.shuffle(user)
    share = np.arange(1, items + 1, dtype=np.float64) ** -ITEM_EXPONENT
    item = chance.permutation(items)[chance.choice(items, len(user), p=share / share.sum())]
    kind = chance.choice(len(KINDS), len(user), p=SHARES)
    ts = START_MS + np.arange(len(user)) * int(days * 86_400_000) // max(1, len(user))
    return Draws(user, item, kind, ts)


def user_name(number: int) -> str:
    return f"user-{number:07d}"


def item_name(number: int) -> str:
    return f"item-{number:06d}"


class Framing:
    """Packs events into frames, one per partition and batch, as ingest does; event ids and source offsets run on."""

    def __init__(self, settings: Settings, users: int, items: int) -> None:
        self._partitions = settings.topics.frames_partitions
        self._raw = settings.topics.raw_partitions
        self._users = [user_name(n) for n in range(users)]
        self._items = [item_name(n) for n in range(items)]
        self._owner = [partition_of(name, self._partitions) for name in self._users]
        self._next = 0

    def pack(self, draws: Draws, start: int, end: int) -> list[tuple[int, Frame]]:
        """The frames of events [start, end)."""
        builders = [FrameBuilder() for _ in range(self._partitions)]
        columns = (column[start:end].tolist() for column in (draws.user, draws.item, draws.kind, draws.ts))
        for user, item, kind, ts in zip(*columns, strict=True):
            number = self._next = self._next + 1
            event = Event(ts=ts, user_id=self._users[user], item_id=self._items[item], event_id=f"event-{number:020d}")
            source = (KINDS[kind], number % self._raw, number)
            builders[self._owner[user]].add_event(source, ts, KINDS[kind], event)
        return [(n, builder.build()) for n, builder in enumerate(builders) if builder.n]

    def batches(self, draws: Draws, start: int, end: int, batch: int) -> Iterator[list[tuple[int, Frame]]]:
        """The same, batch by batch."""
        for first in range(start, end, batch):
            yield self.pack(draws, first, min(end, first + batch))

    def catalogue(self) -> list[tuple[int, Frame]]:
        """A record of every item, in every partition."""
        builders = [FrameBuilder() for _ in range(self._partitions)]
        for number, name in enumerate(self._items):
            record = ENCODER.encode(item_record(number, name))
            for builder in builders:
                builder.add_item_record((ITEM, 0, number), START_MS, ITEM, name, record)
        return [(n, builder.build()) for n, builder in enumerate(builders)]


def item_record(number: int, name: str) -> ItemRecord:
    """What the catalogue says of it."""
    category = number % CATEGORIES
    return ItemRecord(
        item_id=name,
        title=f"The {number}th thing of the shop, in blue",
        categories=[f"section {category % 20}", f"section {category % 20} > shelf {category}"],
        brand=f"brand {number % 500}",
        price=round(1 + number % 997 * 0.37, 2),
        image=f"/images/{name}.jpg",
    )
