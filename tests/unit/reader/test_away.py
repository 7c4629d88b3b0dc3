"""Who is unavailable: read whole once, then only what changes; read whole again where that does not say everything."""

import asyncio

from services.reader.store.held import Held
from shared.contracts.settings import Settings
from shared.contracts.views import ItemView, at
from shared.core.answers.catalogue_entry import entry_of
from tests.unit.reader.fakes import FakeViews


def held_of(views: FakeViews) -> Held:
    held = Held(views, Settings())
    held.catalogue.columns.put("lamp", entry_of(ItemView(1, at(1, 1), "lamp")))
    refresh(held)
    return held


def refresh(held: Held) -> None:
    asyncio.run(held.refresh())


def hidden(held: Held) -> bool:
    """Whether answers leave the lamp out; as the names say."""
    columns = held.catalogue.columns
    here = bool(columns.open[columns.slot_of["lamp"]])
    assert here is ("lamp" not in held.unavailable)
    return not here


def test_the_set_is_read_whole_once_and_then_what_changes() -> None:
    views = FakeViews()
    views.say("desk", gone=True)
    held = held_of(views)
    for n in range(20):
        views.say("lamp", gone=n % 2 == 0)
        refresh(held)
        assert hidden(held) is (n % 2 == 0)
        refresh(held)
    assert views.wholly == 1
    assert held.unavailable == {"desk"}


def test_what_comes_and_goes_between_two_looks_ends_as_it_was_said_last() -> None:
    views = FakeViews()
    held = held_of(views)
    for gone in (True, False, True):
        views.say("lamp", gone=gone)
    refresh(held)
    assert hidden(held)


def test_more_than_the_stream_tells_makes_the_set_be_read_whole() -> None:
    views = FakeViews()
    views.say("desk", gone=True)
    held = held_of(views)
    views.say("lamp", gone=True)
    views.say("desk", gone=False)
    del views.said[:-1]
    refresh(held)
    assert hidden(held)
    assert held.unavailable == {"lamp"}
    refresh(held)
    assert views.wholly == 2


def test_a_change_that_the_stream_does_not_tell_is_found_by_the_number_of_members() -> None:
    """A stream that was lost and began again."""
    views = FakeViews()
    views.say("desk", gone=True)
    held = held_of(views)
    views.gone.add(b"lamp")
    refresh(held)
    assert hidden(held)
    refresh(held)
    assert views.wholly == 2


def test_a_redis_that_went_back_to_what_it_had_saved_is_read_whole() -> None:
    """As many as before, but others: what the stream tells from then on does not tell these apart."""
    views = FakeViews()
    views.say("desk", gone=True)
    views.say("lamp", gone=True)
    held = held_of(views)
    views.gone = {b"desk", b"bed"}
    views.values["unavailable-at"] = at(1, 0).encode()
    refresh(held)
    assert not hidden(held)
    assert held.unavailable == {"desk", "bed"}


def test_an_entry_that_is_none_of_ours_makes_the_set_be_read_whole() -> None:
    views = FakeViews()
    views.say("desk", gone=True)
    held = held_of(views)
    views.say("lamp", gone=True)
    views.said[-1] = (views.said[-1][0], b"lamp", b"")
    refresh(held)
    assert hidden(held)


def test_where_nobody_writes_versions_the_set_is_read_whole_each_time() -> None:
    views = FakeViews()
    held = held_of(views)
    views.gone = {b"lamp"}
    refresh(held)
    assert hidden(held)
    assert views.wholly == 2


def test_what_redis_did_not_answer_is_asked_again() -> None:
    views = FakeViews()
    views.say("desk", gone=True)
    held = held_of(views)
    views.say("lamp", gone=True)
    views.broken = True
    refresh(held)
    assert not hidden(held)
    views.broken = False
    refresh(held)
    assert hidden(held)
    assert views.wholly == 1
