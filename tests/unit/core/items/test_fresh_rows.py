"""What is new to the catalogue is said at once, before the rest."""

import math

from shared.contracts.catalogue import ItemRecord
from tests.unit.core.frame_rows import Row
from tests.unit.core.way import Way, names_of, shelf


def fresh(way: Way) -> set[str]:
    return {name for step in way.items for name in names_of(step, step.fresh_rows.first(1000))}


def test_a_new_item_is_said_at_once_by_the_rows_of_what_is_like_it() -> None:
    way = Way()
    names = shelf(way)
    way.catalogue(ItemRecord("new", categories=["lamps"], price=13.5), ItemRecord("rug", categories=["rugs"]))
    assert fresh(way) == {*names, "new", "rug"}
    way.publish()
    for name in names:
        assert "new" in way.rows[name].alike
        assert "new" in way.similar[name]
    assert set(way.similar["new"]) == set(names)


def test_what_the_catalogue_had_already_or_nobody_met_is_in_no_hurry() -> None:
    way = Way()
    way.catalogue(ItemRecord("old", categories=["lamps"]))
    assert fresh(way) == {"old"}
    names = shelf(way)
    way.catalogue(ItemRecord("old", categories=["lamps"], title="Old lamp"))
    assert fresh(way) == set()
    way.catalogue(ItemRecord("new", categories=["lamps"]))
    assert fresh(way) == {*names, "new"}
    way.publish()
    way.catalogue(ItemRecord("old", categories=["lamps", "rugs"]))
    assert fresh(way) == {"old"}


def test_an_item_that_nobody_met_is_told_what_its_record_names_at_the_next_pulse() -> None:
    way = Way()
    names = shelf(way)
    way.catalogue(ItemRecord("rug", categories=["rugs"]))
    way.publish()
    way.catalogue(ItemRecord("new", categories=["lanterns"], near=["rug", "lamp2", "nowhere", "lamp0"]))
    assert fresh(way) == {"new", "lamp0", "lamp2"}  # nobody met the rug
    owner = way.owner("new")
    assert names_of(owner, owner.take_dirty_rows(1)) == ["new"]
    way.publish()
    assert set(way.similar["new"]) == {"rug", "lamp0", "lamp2"}
    assert list(way.similar["new"]).index("lamp2") < list(way.similar["new"]).index("lamp0")
    assert "new" not in {other for name in names for other in way.neighbours(name)}


def test_what_a_record_names_may_come_after_it() -> None:
    way = Way()
    way.catalogue(ItemRecord("new", near=["later"]))
    way.catalogue(ItemRecord("later"))
    way.pass_on([Row("u", "new", 1)])
    way.publish()
    assert list(way.similar["new"]) == ["later"]
    way.pass_on([Row(None, "later", kind="item"), Row("v", "new", 2)], topic="more")
    assert way.neighbours("new") == {}


def test_only_what_is_most_like_a_new_item_is_said_anew() -> None:
    way = Way()
    names = shelf(way, 200)
    way.catalogue(ItemRecord("new", categories=["lamps"], price=109.5))
    nearest = sorted(names, key=lambda name: abs(math.log((10.0 + names.index(name)) / 109.5)))
    assert fresh(way) == {*nearest[:50], "new"}


def test_fresh_rows_go_before_the_rest() -> None:
    way = Way()
    shelf(way)
    way.pass_on([Row("u", f"rug{n}", n) for n in range(9)])
    way.catalogue(ItemRecord("new", categories=["lamps"]))
    step = way.owner("new")
    first = names_of(step, step.take_dirty_rows(len(step.fresh_rows)))
    assert "new" in first
    assert all(name.startswith(("lamp", "new")) for name in first)
    assert all(name.startswith(("rug", "new")) for name in names_of(step, step.take_dirty_rows(99)))
