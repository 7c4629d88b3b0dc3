"""Has every kernel compiled (or read from numba's cache) before the first event: an event must not wait for that.

A small shop is led through the steps themselves, so the kernels meet the very types that production gives them; nothing
of it is kept.
"""

from itertools import count

import numpy as np

from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.deltas import decode_delta, encode
from shared.contracts.events import Event, Scalar
from shared.contracts.examples import decode_examples, encode_examples
from shared.contracts.frames import Frame, decode_frame, encode_frame
from shared.contracts.rank_views import TasteView, decode_row_numbers
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM, USER
from shared.contracts.views import ENCODER as JSON
from shared.contracts.views import LIST_DIGITS, at
from shared.core.arithmetic.digests import FEW, digests
from shared.core.arithmetic.distinct import grouped
from shared.core.frames.framing import FrameBuilder
from shared.core.items.item_views import ItemTexts, ItemViews
from shared.core.items.items import Items
from shared.core.items.items_at_hand import ItemsAtHand
from shared.core.items.said import SaidRows, SaidStats, said_by_rows
from shared.core.kernel import Floats, Ints
from shared.core.learning.blend import Blend
from shared.core.learning.learner import drawn, learned_from, sequences_from
from shared.core.learning.safety import in_shadow
from shared.core.learning.taste import Taste
from shared.core.learning.teaching import examples
from shared.core.lists.audience import users_of
from shared.core.lists.example_rows import Choices
from shared.core.lists.exploration_candidates import draw_of
from shared.core.lists.list_maker import ListMaker, Top
from shared.core.lists.ranking import LETTERS, RankedLists
from shared.core.lists.sources import Users
from shared.core.lists.taste_kernels import SIZE
from shared.core.profiles import profile_segments
from shared.core.profiles.possession import newest_distinct
from shared.core.profiles.prequential import PublishedLists
from shared.core.profiles.profiles import Profiles
from shared.core.tables.interning import Interner
from shared.core.texts.carried_ids import ids_at
from shared.core.texts.encoded_ids import EncodedIds
from shared.core.texts.list_texts import PARTS, Columns, list_texts

USERS, ITEMS = ("u1", "u2"), ("a", "b", "c")


def compile_kernels(settings: Settings) -> None:
    """Everything that a worker with these settings will run. Half a minute once, then a moment."""
    profiles, items = Profiles(settings, 0), Items(settings, 0)
    published = PublishedLists()
    frame = _frame(settings)
    effects = profiles.step(0, frame)
    for tries in effects.tries:
        published.hits(tries, profiles.state.items.keys[:1])
    for _, delta in effects.deltas:
        items.step(0, decode_delta(encode(delta)))
    digests([*ITEMS] * FEW)
    slots = profiles.state.items.live()
    ids_at(slots, EncodedIds(profiles.state.items, str.encode).hold(slots), profiles.state.items.keys)
    _rank(settings, profiles, items, frame)
    items.take_dirty_scopes(1)
    items.rows.clear(items.items.find(ITEMS[:1]))
    state = profile_segments.restore(settings.profiles, profile_segments.take(profiles.state))
    for runs in (state.histories, state.recent, state.having):
        runs.make_room(runs.capacity)
    state.clear_items(state.items.find(ITEMS[:1]))


def _frame(settings: Settings) -> Frame:
    """The items have titles and a category and are near each other; one record is replaced; each user views each item,
    by events with ids and a context that is counted; one user is forgotten. It comes as from the log.
    """
    kinds = settings.events.types
    kind = max(kinds, key=lambda name: kinds[name].weight)
    context: dict[str, Scalar] = dict.fromkeys(settings.popularity.contexts, "1")
    builder, offset = FrameBuilder(), 0
    for user in USERS:
        for item in ITEMS:
            event = Event(event_id=f"{user}{item}", user_id=user, item_id=item, ts=1 + offset, context=context)
            builder.add_event((kind, 0, offset), 1, kind, event)
            offset += 1
    for number, item in enumerate((*ITEMS, ITEMS[0])):
        near = [other for other in ITEMS if other != item]
        record = ItemRecord(item, title="red hat", categories=["wear"], near=near)
        builder.add_item_record((ITEM, 0, number), 1, ITEM, item, ENCODER.encode(record))
    builder.add_user_record((USER, 0, 0), 1, USER, USERS[0], None)
    return decode_frame(encode_frame(builder.build()))


def _rank(settings: Settings, profiles: Profiles, items: Items, frame: Frame) -> None:
    """Lists, and an example that is judged and learned."""
    maker = ListMaker(settings, Shop(items, settings), lambda: 0)
    users = users_of(profiles.state, np.array([-1, 1], dtype=np.int32), maker.cache, settings.lists)
    now = np.full(len(users), int(frame.column("ts")[0]), dtype=np.int64)
    _write(maker, users, maker.lists(users, now, 1, draw_of(np.zeros(len(users), dtype=np.uint64), 0, 1)))
    first, item = np.zeros(1, dtype=np.int32), maker.situation(users, now).found.items[0, :1].copy()
    chosen = Choices(first, item, np.ones(1, dtype=np.uint64))
    before = Profiles(settings, 0)
    grouped(before.choices(0, frame, 1).user)
    met, beside = before.sequences(frame, settings.lists.recent_items), maker.sample(users, now, chosen)
    told = next(made for n in count() if in_shadow(drawn(made := examples(beside, np.ones(1), met, 0, n)))[0])
    made = decode_examples(encode_examples(told))
    Blend(settings).judge_and_learn(*learned_from(made))
    Taste(settings.ranker.taste_items).learn(*sequences_from(made))


def _write(maker: ListMaker, users: Users, lists: RankedLists) -> None:
    table = maker.cache.items
    seen = newest_distinct(users.excluded, users.excluded_start, 1, table.capacity)
    columns = Columns(
        lists.items, lists.lengths, lists.scores, lists.why, seen, users.recent, lists.explore, users.visits,
        users.newest_ts,
    )  # fmt: skip
    list_texts("", "", columns, [b""] * (PARTS * len(users)), EncodedIds(table, JSON.encode), LIST_DIGITS, LETTERS)


class Shop:
    """Item views straight from the step."""

    def __init__(self, items: Items, settings: Settings) -> None:
        self._at_hand = ItemsAtHand(1, settings.popularity.half_lives_ms)
        self._at_hand.hold(0, items)
        self._views = ItemViews(items, settings.popularity.half_lives_ms)
        self._table = items.items
        self._texts = ItemTexts(items.items)
        self._version = at(settings.generation, items.offset)
        self._ladder = len(settings.popularity.half_lives_ms)

    def rows(self, table: Interner, items: Ints, liked: Ints) -> tuple[list[SaidRows], list[SaidRows]]:
        """As from a view that was read, and the rest as they are said."""
        names = [table.names[slot] for slot in items[:1].tolist()]
        own = self._table.find(names)
        _, views = self._views.rows(own, self._version, self._texts)
        self._views.stats(own, self._version, self._texts)
        near, like = said_by_rows(items[:1], [decode_row_numbers(raw) for _, raw in views])
        near_said, like_said = self._at_hand.rows(table, items[1:])[0], self._at_hand.likes(table, liked)[0]
        return [near, *near_said], [like, *like_said]

    def stats(self, table: Interner, items: Ints) -> list[SaidStats]:
        """As they are said."""
        return self._at_hand.stats(table, items)[0]

    def tops(self) -> list[Top]:
        """All alike."""
        return [(ITEMS, [3.0, 2.0, 1.0], 1)] * self._ladder

    def weights(self) -> Floats | None:
        """None."""
        return None

    def taste(self) -> TasteView:
        """Of vectors that say nothing."""
        vectors = np.zeros((len(ITEMS), SIZE), dtype="<f2").tobytes()
        return TasteView(0, list(ITEMS), vectors, vectors, np.zeros(len(ITEMS), dtype="<f4").tobytes())
