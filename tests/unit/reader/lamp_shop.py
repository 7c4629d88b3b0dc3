"""What is said of the items of a small shop, to whoever ranks lists anew."""

import time

import numpy as np

from shared.contracts.errors import Unavailable
from shared.contracts.rank_views import RowView, StatView, TasteView
from shared.core.arithmetic.digests import digests
from shared.core.items.said import SaidRows, SaidStats, said_by_rows, said_by_stats
from shared.core.kernel import Floats, Ints
from shared.core.lists.list_maker import Top
from shared.core.tables.interning import Interner
from tests.unit.reader.conftest import SETTINGS
from tests.unit.reader.fakes import HOUR, NOW

LADDER = len(SETTINGS.popularity.half_lives_ms)
OLD = NOW - HOUR


def named(table: Interner, slots: Ints) -> list[str]:
    return [table.names[slot] for slot in slots.tolist()]


class Items:
    """Of the lamp three neighbours; hits on top. ``slow`` answers after the reader's deadline, ``away`` not at all."""

    def __init__(self) -> None:
        self.slow = self.away = False

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("Redis: away")
        if self.slow:
            time.sleep(1.5 * SETTINGS.reader.deadline_ms / 1000)  # so the next one waits for half of its own

    def rows(self, table: Interner, items: Ints, liked: Ints) -> tuple[list[SaidRows], list[SaidRows]]:
        self._answer()
        scores = np.array([[3, 3, 3], [2, 2, 2], [1, 1, 1]], dtype="<f4").tobytes()
        others = ["desk", "chair", "sofa"]
        lamp = RowView("lamp", NOW, others, scores, [], b"", digests(others).tobytes()).numbers()
        parts = [[lamp if item == "lamp" else None for item in named(table, slots)] for slots in (items, liked)]
        return [said_by_rows(items, parts[0])[0]], [said_by_rows(liked, parts[1])[1]]

    def stats(self, table: Interner, items: Ints) -> list[SaidStats]:
        names = named(table, items)
        counts = {item: np.full(LADDER, 9.0 if item == "hit" else 1.0, dtype="<f4").tobytes() for item in names}
        views = [StatView(item, NOW, counts[item], OLD, NOW, 0, 0, float("nan")) for item in names]
        return [said_by_stats(items, views, LADDER)]

    def tops(self) -> list[Top]:
        self._answer()
        return [(["hit", "sofa"], [9.0, 1.0], NOW)] * LADDER

    def weights(self) -> Floats | None:
        return None

    def taste(self) -> TasteView | None:
        return None
