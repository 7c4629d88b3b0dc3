"""Of items whose partition is in this process, a list is made from its state; of others, from what Redis says."""

from typing import Any, cast

import pytest

from shared.adapters.rank_reader import RankReader, items_at_hand
from shared.contracts.rank_views import decode_row_numbers, decode_stat
from shared.contracts.routing import partition_of
from shared.contracts.settings import load_settings
from shared.contracts.views import Keys
from shared.core.items.items_at_hand import ItemsAtHand
from shared.core.items.said import said_by_rows, said_by_stats
from shared.core.lists.rank_cache import RankCache
from shared.core.tables.interning import Interner
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.core.items.test_said import held
from tests.unit.verify.worker import Worker

SETTINGS = load_settings(topics={"frames_partitions": 1, "items_partitions": 2})
NAMES = [f"item-{n}" for n in range(12)]


def shop() -> Worker:
    """Everybody met everything, and all of it is published."""
    worker = Worker(SETTINGS)
    rows = [Row(f"user-{n}", name, 60_000 * n + k) for n in range(3) for k, name in enumerate(NAMES)]
    worker.turn(0, frame_of(rows))
    return worker


def at_hand(worker: Worker, partitions: tuple[int, ...]) -> ItemsAtHand:
    found = items_at_hand(SETTINGS)
    worker.ports.at_hand = found
    for partition in partitions:
        worker.items[partition].hold()
    return found


@pytest.mark.parametrize("partitions", [(), (0,), (1,), (0, 1)])
def test_state_and_views_say_the_same(partitions: tuple[int, ...]) -> None:
    worker = shop()
    reader = RankReader(cast("Any", worker.views), SETTINGS, at_hand(worker, partitions))
    keys, half_lives = Keys(SETTINGS), list(SETTINGS.popularity.half_lives_ms.values())
    rows = [decode_row_numbers(worker.views.held[keys.row(name)]) for name in NAMES]
    stats = [decode_stat(worker.views.held[keys.stat(name)]) for name in NAMES]
    near, far = (RankCache(1000, half_lives, SETTINGS.cooccurrence.neighbours, 8, 1000) for _ in range(2))
    slots = far.slots(NAMES)
    neighbours, likes = said_by_rows(slots, rows)
    far.put_rows(slots, [neighbours], 1)
    far.put_likes(slots, [likes], 1)
    far.put_stats(slots, [said_by_stats(slots, stats, len(half_lives))], 1)
    slots = near.slots(NAMES[::-1])
    said = reader.rows(near.items, slots, slots)
    near.put_rows(slots, said[0], 1)
    near.put_likes(slots, said[1], 1)
    near.put_stats(slots, reader.stats(near.items, slots), 1)
    assert [held(near, name) for name in NAMES] == [held(far, name) for name in NAMES]


def test_what_another_holds_is_asked_for_elsewhere() -> None:
    worker = shop()
    found = at_hand(worker, (0, 1))
    worker.items[1].let_go()
    table = Interner(100)
    slots = table.intern(["nobody-met-it", *NAMES])
    said, others = found.rows(table, slots)
    assert others.tolist() == [slot for slot in slots.tolist() if partition_of(table.names[slot], 2) == 1]
    told = {table.names[slot] for one in said for slot in one.items.tolist()}
    assert told == {name for name in NAMES if partition_of(name, 2) == 0}
    for ask in (found.likes, found.stats):
        assert ask(table, slots)[1].tolist() == others.tolist()
    worker.items[0].let_go()
    worker.items[0].let_go()
    said, others = found.rows(table, slots)
    assert (said, others.tolist()) == ([], slots.tolist())
