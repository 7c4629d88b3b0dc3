"""Views in a real Redis go forward only: by generation, then by the offset that they are made from."""

from collections.abc import Callable
from typing import Any

import pytest
import redis

from shared.adapters.redis_views import ViewStore, Zset
from shared.contracts.errors import BadRecord
from shared.contracts.settings import Settings
from shared.contracts.views import VIEW_VERSION, Keys, View, at, encode_view


def write(views: ViewStore, key: str, version: str, item: str = "lamp") -> bool:
    """Whether it was taken."""
    view = View(VIEW_VERSION, version, 1, "personal", "cooc-1", [item], [1.0], user_id="ann")
    return not views.write([key], [encode_view(view)], 60)


@pytest.mark.parametrize(
    ("standing", "coming", "taken"),
    [
        ((1, 9), (1, 10), True),
        ((1, 10), (1, 9), False),  # a worker that slept
        ((1, 10), (1, 10), True),  # the same again
        ((1, 10), (2, 0), True),  # a rebuild
        ((2, 0), (1, 10), False),  # and a worker from before it
    ],
)
def test_a_view_is_replaced_by_none_that_is_older(
    settings: Settings, standing: tuple[int, int], coming: tuple[int, int], *, taken: bool
) -> None:
    views, key = ViewStore(settings), Keys(settings).rec("ann")
    assert write(views, key, at(*standing), "stands")
    assert write(views, key, at(*coming), "comes") is taken
    [held] = views.read([key])
    assert held is not None
    assert (b'"comes"' in held) is taken


def test_a_zset_is_that_of_the_list_that_stands(settings: Settings) -> None:
    views, keys = ViewStore(settings), Keys(settings)
    view, zset = keys.trending("all"), keys.trending_zset("all")
    client = redis.Redis.from_url(settings.redis.url)
    write(views, view, at(1, 5))
    views.write_zsets([Zset(view, zset, at(1, 5), [(2.0, "desk")])])
    views.write_zsets([Zset(view, zset, at(1, 4), [(3.0, "old")])])
    assert client.zrange(zset, 0, -1) == [b"desk"]
    assert views.scores(zset) == {"desk": 2.0}
    assert views.scores(view + "x") == {}


def test_a_walk_meets_every_text_that_begins_so(settings: Settings) -> None:
    views, keys, client = ViewStore(settings), Keys(settings), redis.Redis.from_url(settings.redis.url)
    mine = {keys.item(f"i{n}") for n in range(300)}
    for key in mine:
        write(views, key, at(1, 1))
    client.hset(keys.item("a hash"), "of", "somebody")
    met, cursor = set[str](), 0
    while True:
        cursor, found = views.scan(cursor, keys.prefix, 50)
        met |= set(found)
        if not cursor:
            break
    assert met == mine


def test_a_set_holds_these_and_no_others(settings: Settings) -> None:
    views, key = ViewStore(settings), Keys(settings).unavailable()
    assert views.set_members(key, at(1, 1), ["lamp", "desk"], [])
    many = ["desk", *(f"i{n}" for n in range(1200))]
    assert views.replace_members(key, at(1, 2), many)
    assert views.members(key.members) == set(many)
    redis.Redis.from_url(settings.redis.url).sadd(key.members, b"\xff")  # by somebody else
    assert views.replace_members(key, at(1, 3), [])
    assert views.members(key.members) == set()


def test_what_is_no_set_is_told_by_its_name(settings: Settings) -> None:
    """By who reads it and by who would have it hold something."""
    views, key = ViewStore(settings), Keys(settings).scopes()
    views.mark(key.members, "a text", 60)
    asked: list[Callable[[], object]] = [
        lambda: views.members(key.members),
        lambda: views.replace_members(key, at(1, 1), ["all"]),
    ]
    for ask in asked:
        with pytest.raises(BadRecord, match=f"{key.members} holds what is of another kind"):
            ask()


def test_a_worker_that_slept_changes_no_set(settings: Settings) -> None:
    views, keys = ViewStore(settings), Keys(settings)
    for key in (keys.unavailable(), keys.scopes()):
        assert views.set_members(key, at(1, 5), ["lamp"], [])
        assert not views.set_members(key, at(1, 4), ["desk"], ["lamp"])
        assert not views.replace_members(key, at(1, 4), [])
        assert views.members(key.members) == {"lamp"}
        assert views.set_members(key, at(2, 0), ["desk"], [])


def test_what_changes_in_a_set_is_told(settings: Settings) -> None:
    views, key = ViewStore(settings), Keys(settings).unavailable()
    client: Any = redis.Redis.from_url(settings.redis.url)
    client.delete(*key)
    views.set_members(key, at(1, 1), ["lamp", "desk"], ["chair"])
    views.set_members(key, at(1, 2), ["lamp"], [])
    views.replace_members(key, at(1, 3), ["desk", "bed"])
    told = [(fields[b"item"], fields[b"there"]) for _, fields in client.xrange(key.changes)]
    assert told == [(b"lamp", b"1"), (b"desk", b"1"), (b"bed", b"1"), (b"lamp", b"0")]
    assert client.get(key.at) == at(1, 3).encode()


def test_what_is_dropped_goes_with_its_zset_unless_it_is_later(settings: Settings) -> None:
    views, keys = ViewStore(settings), Keys(settings)
    view, other, zset = keys.trending("all"), keys.popular("all"), keys.trending_zset("all")
    client = redis.Redis.from_url(settings.redis.url)
    for key in (view, other):
        write(views, key, at(1, 5))
    views.write_zsets([Zset(view, zset, at(1, 5), [(2.0, "desk")])])
    views.drop([view, other], zset, at(1, 4))
    assert all(views.read([view, other]))
    assert client.exists(zset)
    write(views, other, at(1, 7))
    views.drop([view, other], zset, at(1, 6))
    assert [raw is not None for raw in views.read([view, other])] == [False, True]
    views.drop([view, other], None, at(1, 6))
    assert views.read([other]) != [None]
    assert not client.exists(zset)
    assert write(views, view, at(1, 3))


def test_how_long_keys_live(settings: Settings) -> None:
    views, keys = ViewStore(settings), Keys(settings)
    assert write(views, keys.rec("ann"), at(1, 1))
    views.set_members(keys.scopes(), at(1, 1), [], [])
    going, staying, missing = views.lifetimes([keys.rec("ann"), keys.scopes().at, keys.rec("bob")])
    assert 0 < going <= 60
    assert (staying, missing) == (-1, -2)


def test_what_is_of_another_kind_is_said_to_be(settings: Settings) -> None:
    views, key = ViewStore(settings), Keys(settings).scopes().members
    views.mark(key, "a text", 60)
    for ask in (views.members, views.scores):
        with pytest.raises(BadRecord, match=f"{key} holds what is of another kind"):
            ask(key)


def test_each_connection_says_which_server_it_leads_to(settings: Settings) -> None:
    """Between two questions an address may have led to another one and back."""
    views, run_id = ViewStore(settings, notes_servers=True), ViewStore(settings).run_id()
    assert views.servers() == [run_id, run_id]
    assert views.servers() == [run_id]
    views._redis.connection_pool.disconnect()
    assert views.servers() == [run_id, run_id]
    assert ViewStore(settings).servers() == [run_id]
