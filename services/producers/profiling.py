"""What is in an event log: gathered row by row into plain columns, then counted."""

import re
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.producers.records import Record
from services.producers.rejects import Rejects
from shared.contracts import reasons
from shared.contracts.catalogue import ItemRecord
from shared.contracts.errors import BadRecord

Ints = NDArray[np.int64]
WEEK_MS = 7 * 86_400_000
MONDAY_MS = 4 * 86_400_000  # 1970 began on a Thursday
SHOWN_REJECTS = 5  # places kept of each reason
MOST_WORDS = 50  # unknown words of a type column that are kept
NOBODY = -1


class Columns:
    """The events of a log, 28 bytes each: numbers of users and items, time, number of type."""

    def __init__(self) -> None:
        self.users: dict[str, int] = {}
        self.items: dict[str, int] = {}
        self.types: dict[str, int] = {}
        self._user, self._item, self._ts, self._type = array("q"), array("q"), array("q"), array("i")

    def add(self, records: Iterable[Record]) -> None:
        """Take them in."""
        users, items, types = self.users, self.items, self.types
        for record in records:
            self._user.append(users.setdefault(record.user, len(users)))
            self._item.append(NOBODY if record.item is None else items.setdefault(record.item, len(items)))
            self._type.append(types.setdefault(record.type, len(types)))
            self._ts.append(record.ts)

    def arrays(self) -> tuple[Ints, Ints, Ints, Ints]:
        """(user, item, ts, type) of all, in the order of time."""
        ts = np.frombuffer(self._ts, dtype=np.int64) if self._ts else np.empty(0, dtype=np.int64)
        order = np.argsort(ts, kind="stable")
        user, item = (np.array(column, dtype=np.int64)[order] for column in (self._user, self._item))
        return user, item, ts[order], np.array(self._type, dtype=np.int64)[order]


@dataclass
class Bad:
    """Rejected rows: the first places of each reason, and words of the type column that nobody knows."""

    places: dict[str, list[str]] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)

    def rejects(self) -> Rejects:
        return Rejects(self._tell)

    def _tell(self, file: str, where: str, why: BadRecord) -> None:
        places = self.places.setdefault(why.reason, [])
        if len(places) < SHOWN_REJECTS:
            places.append(f"{file}:{where}: {why.detail}")
        word = re.match(r"'(.*)' is no event type$", why.detail) if why.reason == reasons.UNKNOWN_TYPE else None
        if word and (word[1] in self.words or len(self.words) < MOST_WORDS):
            self.words[word[1]] += 1


def figures(columns: Columns) -> dict[str, Any]:
    """Of a log that is not empty. A repeated item: one that the user had before; the share is of events with items, or
    of those of a type, among themselves.
    """
    user, item, ts, kind = columns.arrays()
    by_user = np.bincount(user)
    about = item != NOBODY
    pairs = user[about] * max(len(columns.items), 1) + item[about]
    names = list(columns.types)
    counts = np.bincount(kind, minlength=len(names)).tolist()
    return {
        "events": len(ts),
        "first_ts": int(ts[0]),
        "last_ts": int(ts[-1]),
        "days": round((int(ts[-1]) - int(ts[0])) / 86_400_000, 2),
        "types": dict(sorted(zip(names, counts, strict=True), key=lambda pair: -pair[1])),
        "users": len(columns.users),
        "items": len(columns.items),
        "events_per_user": {
            "median": float(np.median(by_user)),
            "p90": float(np.quantile(by_user, 0.9)),
            "max": int(by_user.max()),
        },
        "repeated_items_share": _repeated(pairs),
        "repeated_by_type": {name: _repeated(pairs[kind[about] == n]) for n, name in enumerate(names)},
        "most_events_in_a_minute": most_in_a_minute(user, ts),
        "weeks": weeks(user, item, ts),
    }


def _repeated(pairs: Ints) -> float | None:
    return _share(len(pairs) - len(np.unique(pairs)), len(pairs))


def most_in_a_minute(user: Ints, ts: Ints) -> int:
    """Of one user: what looks like a bot. ``ts`` never falls."""
    minute = ts // 60_000
    _, counts = np.unique(user * int(minute[-1] - minute[0] + 1) + (minute - minute[0]), return_counts=True)
    return int(counts.max())


def weeks(user: Ints, item: Ints, ts: Ints) -> list[dict[str, Any]]:
    """Per week from Monday (UTC): events, and how many of its users and items were never met before it."""
    week = (ts - MONDAY_MS) // WEEK_MS
    about = item != NOBODY
    users, items = _met(week, user), _met(week[about], item[about])
    numbers, counts = np.unique(week, return_counts=True)
    return [
        {
            "monday_ms": int(number) * WEEK_MS + MONDAY_MS,
            "events": int(count),
            "users": users[number][0],
            "cold_users_share": _share(users[number][1], users[number][0]),
            "items": items.get(number, (0, 0))[0],
            "cold_items_share": _share(*reversed(items.get(number, (0, 0)))),
        }
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
    ]


def _met(week: Ints, who: Ints) -> dict[int, tuple[int, int]]:
    """Week → how many were there, how many of them for the first time. ``week`` never falls."""
    if not len(who):
        return {}
    span = int(week[-1] - week[0]) + 1
    there = np.unique(who * span + (week - week[0]))
    first = np.r_[True, np.diff(there // span) != 0]
    at = there % span
    met, new = np.bincount(at, minlength=span), np.bincount(at[first], minlength=span)
    return {int(week[0]) + n: (int(met[n]), int(new[n])) for n in range(span)}


def catalogue_figures(columns: Columns, records: Iterable[ItemRecord]) -> dict[str, Any]:
    """What a catalogue says of the log's items."""
    known, described = set[str](), set[str]()
    categories, brands = Counter[str](), Counter[str]()
    low, high, embedded = float("inf"), float("-inf"), 0
    for record in records:
        described.add(record.item_id)
        if record.item_id in columns.items:
            known.add(record.item_id)
        categories.update(record.categories)
        if record.brand:
            brands[record.brand] += 1
        if record.price is not None:
            low, high = min(low, record.price), max(high, record.price)
        embedded += bool(record.embedding)
    return {
        "items": len(described),
        "known_items_of_the_log": len(known),
        "known_share": _share(len(known), len(columns.items)),
        "categories": len(categories),
        "largest_categories": dict(categories.most_common(5)),
        "brands": len(brands),
        "price": None if low > high else {"lowest": low, "highest": high},
        "with_embedding": embedded,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
