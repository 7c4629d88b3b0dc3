"""Of items whose partition is in this process, a list is made from its state; of others, from what Redis says."""

from typing import Any, cast

import pytest

from shared.adapters.rank_reader import RankReader, items_at_hand
from shared.contracts.rank_views import decode_row_numbers, decode_stat
from shared.contracts.routing import partition_of
from shared.contracts.settings import load_settings
from shared.contracts.views import Keys
from shared.core.items_at_hand import ItemsAtHand
from shared.core.rank_cache import RankCache
from shared.core.said import said_by_rows, said_by_stats
from tests.unit.core.frames import Row, frame_of
from tests.unit.core.test_said import held
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
    far.put_rows(far.slots(NAMES), [said_by_rows(NAMES, rows)], 1)
    far.put_stats(far.slots(NAMES), [said_by_stats(NAMES, stats, len(half_lives))], 1)
    near.put_rows(near.slots(NAMES), reader.rows(NAMES), 1)
    near.put_stats(near.slots(NAMES), reader.stats(NAMES), 1)
    assert [held(near, name) for name in NAMES] == [held(far, name) for name in NAMES]


def test_what_another_holds_is_asked_for_elsewhere() -> None:
    worker = shop()
    found = at_hand(worker, (0, 1))
    worker.items[1].let_go()
    said, others = found.rows(NAMES)
    assert others == [name for name in NAMES if partition_of(name, 2) == 1]
    assert {item for one in said for item in one.items} == set(NAMES) - set(others)
    assert found.stats(NAMES)[1] == others
    worker.items[0].let_go()
    worker.items[0].let_go()
    assert found.rows(NAMES) == ([], NAMES)
