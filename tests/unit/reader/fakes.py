"""A Redis and an impression log that stand in memory, and the views that streams would write."""

from collections.abc import Sequence

from shared.contracts.errors import Unavailable
from shared.contracts.impressions import Impression
from shared.contracts.views import View, at, encode_view

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
        self.asked: list[str] = []

    async def get(self, key: str) -> bytes | None:
        self.asked.append(key)
        self._answer()
        return self.values.get(key)

    async def snapshot(self, keys: Sequence[str], set_key: str) -> tuple[list[bytes | None], set[bytes]]:
        self._answer()
        assert set_key == "unavailable"
        return [self.values.get(key) for key in keys], set(self.gone)

    def _answer(self) -> None:
        self.up = not self.broken
        if self.broken:
            raise Unavailable("Redis: away")

    async def close(self) -> None:
        self.closed = True

    def put(
        self, key: str, items: list[str], ts: int = NOW, source: str = "personal", seen: Sequence[str] = ()
    ) -> None:
        scores = [1 / (place + 1) for place in range(len(items))]
        self.values[key] = encode_view(View(1, at(1, 7), ts, source, "m1", items, scores, seen=list(seen)))


class FakeImpressions:
    def __init__(self) -> None:
        self.added: list[Impression] = []
        self.closed = False

    def add(self, impression: Impression) -> None:
        self.added.append(impression)

    def close(self) -> None:
        self.closed = True
