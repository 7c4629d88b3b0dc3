"""Which items must not be served: within a bound, whatever comes, goes and comes again, and whoever speaks late."""

import pytest

from shared.contracts.deltas import TOPS_VERSION, Availability
from shared.contracts.settings import load_settings
from shared.core.items import tops
from shared.core.items.tops import Tops
from shared.core.items.unavailable import Unavailable
from tests.unit.core.frame_rows import Row
from tests.unit.core.way import PARTITIONS, Way


def test_what_leaves_at_the_bound_is_told_and_so_is_whoever_comes_again() -> None:
    held, told = Unavailable(2), dict[str, bool]()
    for name, available in (("a", False), ("b", False), ("c", False), ("a", True), ("a", False), ("c", True)):
        told |= {item: item not in held.names for item in held.note(name, available=available)}
        assert {item for item, known in told.items() if not known} == set(held.names)
    assert list(held.names) == ["a"]


def test_what_tops_hold_is_what_items_hold_when_more_is_removed_than_there_is_room_for() -> None:
    way = Way(cooccurrence={"max_items": 4})
    gone = [f"i{n}" for n in range(40)]
    for at, item in enumerate((*gone, "i0")):
        record = b'{"item_id":"i0"}' if at == len(gone) else None
        way.pass_on([Row(None, item, at, kind="item", record=record)], topic=f"item-{at}")
    step = Tops(way.settings)
    for offset, told in enumerate(way.told):
        step.step(offset, told)
    assert set(step.unavailable) == {name for items in way.items for name in items.unavailable.names}
    assert len(step.unavailable) == 4 * PARTITIONS
    assert "i0" not in step.unavailable


def test_who_was_stopped_and_speaks_late_takes_nothing_back() -> None:
    step = Tops(load_settings())
    log = [(9, False), (10, True), (9, False), (10, False), (10, True), (11, False), (10, True)]
    away = list[bool]()
    for offset, (said, available) in enumerate(log):
        step.step(offset, Availability(TOPS_VERSION, 0, said, "lamp", available=available))
        away.append("lamp" in step.unavailable)
    assert away == [True, False, False, True, False, True, True]
    assert step.take_changed_items() == {"lamp": False}


def test_what_is_available_is_held_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tops, "LAST_WORDS", 3)
    step = Tops(load_settings())
    for offset in range(9):
        step.step(offset, Availability(TOPS_VERSION, 0, offset, f"i{offset}", available=True))
    assert list(step.available) == ["i6", "i7", "i8"]
