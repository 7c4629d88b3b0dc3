"""What counts within which value of its context, in plain Python."""

import json
from datetime import UTC, datetime
from typing import Any

from services.verify.forward_decay import NOTHING, Count, added
from services.verify.slots import Slots

Scoped = tuple[str, str, float, int]
"""Scope, item, weight, event time."""


def scopes_of(context: bytes | None, ts: int, fields: list[str]) -> list[str]:
    """The scopes of an event's context, in the order of the fields; what is null or empty has none, but an hour is that
    of the event's time then.
    """
    said: dict[str, Any] = {} if context is None else json.loads(context)
    if said.get("hour") in (None, ""):
        said["hour"] = datetime.fromtimestamp(ts / 1000, UTC).hour
    values = [(field, said[field]) for field in fields if said.get(field) not in (None, "")]
    texts = [(field, value if isinstance(value, str) else json.dumps(value)) for field, value in values]
    return [f"context:{field}={_hour(text) if field == 'hour' else text}" for field, text in texts]


def _hour(text: str) -> str:
    """Of one digit: two."""
    return f"0{text}" if text in list("0123456789") else text


class ContextsOracle:
    """``counts``: of at most ``bound`` scopes, the one counted in last standing last, ``items`` each, which have
    ``slots``.
    """

    def __init__(self, half_lives: list[int], bound: int, items: int) -> None:
        self._half_lives, self._bound, self._items = half_lives, bound, items
        self.slots: dict[str, Slots] = {}
        self.counts: dict[str, dict[str, list[Count]]] = {}

    def fold(self, scopes: list[str], rows: list[Scoped]) -> None:
        """A delta's rows, in order; ``scopes`` as it names them."""
        for scope in scopes:
            self.counts[scope] = self.counts.pop(scope, {})
            self.slots.setdefault(scope, Slots(self._items))
        for scope, item, weight, ts in rows:
            self.slots[scope].see(item)
            counts = self.counts[scope].get(item, [NOTHING] * len(self._half_lives))
            pairs = zip(counts, self._half_lives, strict=True)
            self.counts[scope][item] = [added(count, weight, ts, half_life) for count, half_life in pairs]
        for scope in scopes:
            for item in self.slots[scope].evict():
                del self.counts[scope][item]
        while len(self.counts) > self._bound:
            oldest = next(iter(self.counts))
            del self.counts[oldest], self.slots[oldest]
