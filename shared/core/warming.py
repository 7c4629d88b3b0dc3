"""Has every kernel compiled (or read from numba's cache) before the first event: an event must not wait for that.

A small shop is led through the steps themselves, so the kernels meet the very types that production gives them; nothing
of it is kept.
"""

import numpy as np

from shared.contracts.deltas import ItemDelta, decode_delta, encode
from shared.contracts.events import Event
from shared.contracts.frames import Frame, decode_frame, encode_frame
from shared.contracts.settings import Settings
from shared.contracts.topics import USER
from shared.core.candidates import make_lists
from shared.core.framing import FrameBuilder
from shared.core.items import Items
from shared.core.neighbour_cache import NeighbourCache
from shared.core.prequential import PublishedLists
from shared.core.profiles import Profiles

USERS, ITEMS = ("u1", "u2"), ("a", "b", "c")


def compile_kernels(settings: Settings) -> None:
    """Everything that a worker with these settings will run. Half a minute once, then a moment."""
    profiles = Profiles(settings, 0)
    published = PublishedLists()
    effects = profiles.step(0, _frame(settings))
    for tries in effects.tries:
        published.hits(tries, profiles.state.items.keys[:1])
    for number, delta in effects.deltas:
        _through_items(settings, number, delta)
    profiles.state.clear_items(profiles.state.items.find(ITEMS[:1]))
    _make_a_list(settings)


def _frame(settings: Settings) -> Frame:
    """Each user views each item; one user is forgotten. It comes as from the log."""
    kinds = settings.events.types
    kind = max(kinds, key=lambda name: kinds[name].weight)
    builder, offset = FrameBuilder(), 0
    for user in USERS:
        for item in ITEMS:
            builder.add_event((kind, 0, offset), 1, kind, Event(user_id=user, item_id=item, ts=1 + offset))
            offset += 1
    builder.add_user_record((USER, 0, 0), 1, USER, USERS[0], None)
    return decode_frame(encode_frame(builder.build()))


def _through_items(settings: Settings, number: int, delta: ItemDelta) -> None:
    items = Items(settings, number)
    items.step(0, decode_delta(encode(delta)))
    items.take_dirty_rows(len(ITEMS))
    items.take_dirty_scopes(1)
    items.rows.clear(items.items.find(ITEMS[:1]))


def _make_a_list(settings: Settings) -> None:
    cache = NeighbourCache(len(ITEMS), settings.cooccurrence.published, ttl_ms=0)
    a, b, c = cache.slots(list(ITEMS)).tolist()
    cache.put(a, ["b", "c"], [2.0, 1.0], 0)
    make_lists(
        np.array([[a]], dtype=np.int32),
        np.array([b], dtype=np.int32),
        np.array([0, 1], dtype=np.int32),
        cache.neighbours,
        cache.scores,
        cache.lengths,
        np.array([c], dtype=np.int32),
        cache.items.keys,
        settings.lists.rank_weight,
        settings.lists.length,
    )
