"""A shop in memory whose workers have folded something, and its recording."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from services.recording.recorder import Recorder
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings, load_settings
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.verify.worker import Log, Worker

PARTITIONS = {"frames_partitions": 2, "items_partitions": 2}
SETTINGS = load_settings(topics=PARTITIONS)


class DatedLog(Log):
    """Timestamps go back now and then, as clocks do. Some records may not be acknowledged yet."""

    def __init__(self) -> None:
        super().__init__()
        self.acknowledged: dict[tuple[str, int], int] = {}

    def dated(
        self, topic: str, partition: int, start: int, end: int, *, contiguous: bool
    ) -> Iterator[tuple[int, int, bytes]]:
        for offset, value in self.read(topic, partition, start, end, contiguous=contiguous):
            yield offset, 1000 + 10 * offset - 35 * (offset % 3 == partition), value

    def committed(self, topic: str, partition: int) -> int:
        return self.acknowledged.get((topic, partition), super().committed(topic, partition))


class Shop:
    """Hears frame by frame: rows go where their users belong, catalogue records everywhere."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.settings = settings
        self.worker = Worker(settings)
        self.log = DatedLog()
        self.worker.log = self.log
        self.worker.ports.delivery = cast("Any", self.log)
        self._told = 0

    def tell(self, rows: Sequence[Row]) -> None:
        count = self.settings.topics.frames_partitions
        for partition in range(count):
            mine = [row for row in rows if row.user is None or partition_of(row.user, count) == partition]
            if mine:
                self.worker.turn(partition, frame_of(mine, first_offset=50 * self._told))
        self._told += 1

    def record(self, path: Path) -> list[str]:
        """What was said meanwhile."""
        said: list[str] = []
        Recorder(self.settings, cast("Any", self.log), said.append).run(path)
        return said

    def standing(self) -> dict[str, bytes]:
        """User → list, as Redis would hold it."""
        prefix = self.worker.ports.keys.rec("")
        held = self.worker.views.held
        return {key.removeprefix(prefix): raw for key, raw in held.items() if key.startswith(prefix)}


def busy(events: int = 400, settings: Settings = SETTINGS) -> Shop:
    """Thirty users of twenty-five items, a catalogue that comes in between; refreshed in the end."""
    rng, shop = np.random.default_rng(3), Shop(settings)
    for start in range(0, events, 8):
        rows = [
            Row(f"u{rng.integers(30)}", f"i{int(rng.integers(25) ** 2 / 25)}", at=2.0 * (start + n), kind=kind)
            for n, kind in enumerate(["view"] * 5 + ["purchase", "return", "view"])
        ]
        if start % 40 == 0:
            item = f"i{start // 40}"
            record = f'{{"item_id":"{item}","categories":["c{start % 3}"],"price":{start + 1}}}'.encode()
            rows.append(Row(None, item, kind="item", record=record))
        shop.tell(rows)
    shop.worker.refresh()
    return shop
