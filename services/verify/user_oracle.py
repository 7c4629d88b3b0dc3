"""What is known of one user, in plain Python: recent event ids, history by event time, what they own or refuse, what
they told of themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from shared.contracts.sections import CooccurrenceSettings, ProfileSettings

OWNED, REFUSED = 1, 2
NEVER = -(2**62)  # the minute of who has had no event


@dataclass(frozen=True)
class Meeting:
    """``others``, each so many steps after ``item`` (below 0 before it), were met near it by an event of ``weight``;
    ``ts``: the later of the two times.
    """

    item: str
    weight: float
    ts: int
    others: list[tuple[str, int]]


def meetings(item: str, weight: float, met: Iterable[tuple[int, str, int]]) -> list[Meeting]:
    """(later time, other, gap) one after the other; those of one time together."""
    by_time = groupby(met, key=itemgetter(0))
    return [Meeting(item, weight, ts, [(other, gap) for _, other, gap in them]) for ts, them in by_time]


@dataclass
class User:
    """``history``: (item, event time), oldest first, each item once; ``has``: item → (how, times taken, last time),
    what was left alone for longest first; categories ``liked`` and ``avoided``, their ``sessions``, the newest last;
    scopes of their ``segments``.
    """

    ids: list[int]
    next_id: int = 0
    minute: int = NEVER
    events: int = 0
    history: list[tuple[str, int]] = field(default_factory=list)
    has: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    liked: list[str] = field(default_factory=list)
    avoided: list[str] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)

    def repeats(self, key: int) -> bool:
        """Whether the event's id is one of the last ones; 0 is "no id" and never is."""
        if key == 0:
            return False
        if key in self.ids:
            return True
        self.ids[self.next_id] = key
        self.next_id = (self.next_id + 1) % len(self.ids)
        return False

    def too_many(self, ts: int, cap: int) -> bool:
        """Whether this is more than ``cap`` events in one minute of event time."""
        if self.minute != ts // 60_000:
            self.minute, self.events = ts // 60_000, 0
        self.events += 1
        return self.events > cap

    def meet(
        self, item: str, ts: int, weight: float, bounds: ProfileSettings, rules: CooccurrenceSettings
    ) -> list[Meeting]:
        """The item enters the history where its time belongs; whom it meets there."""
        place = sum(1 for _, when in self.history if when <= ts)
        before = next((n for n, (known, _) in enumerate(self.history) if known == item), -1)
        full = before < 0 and len(self.history) == bounds.history
        if before >= place or (place == 0 and len(self.history) == bounds.history):
            return []
        met = self._near(ts, place, before, rules)
        self.history.insert(place, (item, ts))
        if before >= 0:
            del self.history[before]
        elif full:
            del self.history[0]
        return meetings(item, weight, met)

    def _near(self, ts: int, place: int, before: int, rules: CooccurrenceSettings) -> list[tuple[int, str, int]]:
        """What stands before it (since its own last visit) and, at a first visit that comes late, after it."""
        earlier = self.history[before + 1 : place][::-1][: rules.pairs_per_event]
        later = [] if before >= 0 else self.history[place : place + rules.pairs_per_event]
        met = [(ts, other, -gap) for gap, (other, _) in enumerate(earlier, start=1)]
        return met + [(when, other, gap) for gap, (other, when) in enumerate(later, start=1)]

    def buy(self, item: str, ts: int, weight: float, most: int) -> list[Meeting]:
        """What goes with the item, by what they took after they took it last."""
        had = list(self.has)
        newest = had[had.index(item) + 1 if item in had else 0 :][::-1]
        taken = [other for other in newest if self.has[other][0] == OWNED][:most]
        met = [(max(ts, self.has[other][2]), other, -steps) for steps, other in enumerate(taken, start=1)]
        return meetings(item, weight, met)

    def settle(self, item: str, how: int | None, ts: int, most: int) -> None:
        """Own or refuse an item; None gives it back, unless it is refused. An older event than the last counts, no
        more.
        """
        known = self.has.get(item)
        if how is None:
            if known is not None and known[0] == OWNED:
                del self.has[item]
            return
        taken = (known[1] if known else 0) + (1 if how == OWNED else 0)
        if known is not None and known[2] > ts:
            self.has[item] = (known[0], taken, known[2])
            return
        others = [entry for entry in self.has.items() if entry[0] != item]
        ordered = sorted([*others, (item, (how, taken, ts))], key=lambda entry: entry[1][2])
        self.has = dict(ordered[-most:])

    def feels(self, category: str, most: int, *, likes: bool) -> None:
        """About a category, from now on."""
        self.liked = [known for known in self.liked if known != category]
        self.avoided = [known for known in self.avoided if known != category]
        side = self.liked if likes else self.avoided
        side.append(category)
        del side[:-most]

    def logged_in(self, session: str, most: int) -> None:
        """As the guest of that session."""
        self.sessions = [*(known for known in self.sessions if known != session), session][-most:]

    def told(self) -> tuple[list[str], ...]:
        """All that they said of themselves."""
        return self.liked, self.avoided, self.sessions, self.segments

    def drop(self, items: set[str]) -> None:
        """These items are no longer known."""
        self.history = [(item, ts) for item, ts in self.history if item not in items]
        self.has = {item: how for item, how in self.has.items() if item not in items}
