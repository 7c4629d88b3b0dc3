"""Makes and writes the lists of the users that frames touched, together: those of all partitions at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from shared.adapters import metrics
from shared.adapters.clock import epoch_ms
from shared.contracts.views import ENCODER, LIST_DIGITS, MAX_SEEN, at
from shared.core.kernel import Ints, Longs
from shared.core.lists.audience import users_of
from shared.core.lists.exploration_candidates import Draw, draw_of
from shared.core.lists.ranking import LETTERS, RankedLists
from shared.core.lists.sources import OwnItems, Users, one_after_the_other
from shared.core.profiles.possession import newest_distinct
from shared.core.profiles.prequential import DEPTH, PublishedLists
from shared.core.profiles.profile_state import ProfileState
from shared.core.profiles.told import Told
from shared.core.texts.encoded_ids import EncodedIds
from shared.core.texts.list_texts import Columns, head, list_texts
from streams.steps.ports import Ports

SOURCE, MODEL = "personal", "ranked-1"
MOST_TOGETHER = 256  # users: their candidates and features are 150 kB each


@dataclass(frozen=True)
class Wanted:
    """Lists of these user slots of one partition, which include its frame ``offset``; ``arrived``: broker times (ms) of
    the events that they are the answer to.
    """

    state: ProfileState
    published: PublishedLists
    users: Ints
    offset: int
    arrived: Longs


class ListWriter:
    """Writes what ``ports.lists`` asks for. Nothing may be applied between the asking and the writing."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._rules = ports.settings.lists
        self._ids: EncodedIds | None = None

    def write(self) -> None:
        """Make, write and remember all lists that are asked for; nobody sees them during a rebuild."""
        asked, self._ports.lists = self._ports.lists, []
        if not self._ports.silent:
            began = self._ports.clock()
            for some in together(asked, MOST_TOGETHER):
                self._write(some)
            self._ports.refill.took(sum(len(wanted.users) for wanted in asked), self._ports.clock() - began)
        self._ports.then(partial(self._note_freshness, [wanted.arrived for wanted in asked]))

    def _note_freshness(self, arrived: Sequence[Longs]) -> None:
        """Now that the lists are written."""
        now = epoch_ms()
        for events in arrived:
            metrics.FRESHNESS.observe_all(np.maximum(now - events, 0) / 1000)

    def _write(self, some: Sequence[Wanted]) -> None:
        maker, rules = self._ports.maker, self._rules
        maker.cache.trim()
        maker.cache.ttl_ms = self._ports.ages.stretched(rules.neighbour_cache_ttl_ms)
        audience = one_after_the_other([users_of(w.state, w.users, maker.cache, rules) for w in some])
        now = np.concatenate([np.full(len(w.users), w.state.ts, dtype=np.int64) for w in some])
        draws = [draw_of(w.state.users.keys[w.users], w.offset, rules.explore) for w in some]
        draw = Draw(np.concatenate([drawn.seeds for drawn in draws]), rules.explore)
        lists = maker.lists(audience, now, rules.length, draw)
        self._publish(some, audience, lists)

    def _publish(self, some: Sequence[Wanted], audience: Users, lists: RankedLists) -> None:
        ports, held = self._ports, self._ports.maker.cache.items
        keys = [ports.keys.rec(w.state.users.names[user]) for w in some for user in w.users.tolist()]
        payloads = self._texts(some, audience, lists)
        first = 0
        for wanted in some:
            these = slice(first, first := first + len(wanted.users))
            wanted.published.put(wanted.users, held.keys[lists.items[these, :DEPTH]], lists.lengths[these])
        ports.write("rec", keys, payloads, self._rules.ttl_s)

    def _texts(self, some: Sequence[Wanted], audience: Users, lists: RankedLists) -> list[bytes]:
        """Of each user's list what ``encode_view`` would make."""
        held = self._ports.maker.cache.items
        columns = Columns(
            lists.items,
            lists.lengths,
            lists.scores,
            lists.why,
            newest_distinct(audience.excluded, audience.excluded_start, MAX_SEEN, held.capacity),
            audience.recent,
            lists.explore,
            audience.visits,
            audience.newest_ts,
        )
        return list_texts(SOURCE, MODEL, columns, self._own(some, audience.own), self._quoted(), LIST_DIGITS, LETTERS)

    def _quoted(self) -> EncodedIds:
        """Of the table that stands."""
        held = self._ports.maker.cache.items
        if self._ids is None or self._ids.table is not held:
            self._ids = EncodedIds(held, ENCODER.encode)
        return self._ids

    def _own(self, some: Sequence[Wanted], own: OwnItems) -> list[bytes]:
        """As of when each list is and whose; what may come again; what they told."""
        parts, row = list[bytes](), 0
        for wanted in some:
            state, opening = wanted.state, head(at(self._ports.settings.generation, wanted.offset))
            for user in wanted.users.tolist():
                told = state.told.get(user)
                whose = b',"user_id":' + ENCODER.encode(state.users.names[user])
                again = self._again(own, row) if len(own.items) else b""
                parts += (opening, whose, again, _told(told) if told else b"")
                row += 1
        return parts

    def _again(self, own: OwnItems, row: int) -> bytes:
        mine, names = slice(own.start[row], own.start[row + 1]), self._ports.maker.cache.items.names
        columns = own.items[mine].tolist(), own.times[mine].tolist(), own.last[mine].tolist()
        again = [(names[item], times, last) for item, times, last in zip(*columns, strict=True)]
        return b',"again":' + ENCODER.encode(again) if again else b""


def _told(told: Told) -> bytes:
    """Whatever there is of it."""
    fields = ("liked", told.liked), ("avoided", told.avoided), ("sessions", told.sessions), ("segments", told.segments)
    return b"".join(b',"%s":%s' % (name.encode(), ENCODER.encode(list(values))) for name, values in fields if values)


def together(asked: Sequence[Wanted], most: int) -> Iterator[list[Wanted]]:
    """All of them in their order, at most so many users at once."""
    some, room = list[Wanted](), most
    for wanted in asked:
        users = wanted.users
        while len(users):
            some.append(replace(wanted, users=users[:room]))
            room, users = room - len(users[:room]), users[room:]
            if not room:
                yield some
                some, room = [], most
    if some:
        yield some
