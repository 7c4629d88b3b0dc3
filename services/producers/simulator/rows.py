"""Events as columns: what sessions, bots and mishaps hand to each other."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

KINDS = ("view", "click", "cart", "favorite", "purchase", "rating", "return")
VIEW, CLICK, CART, FAVORITE, PURCHASE, RATING, RETURN = range(len(KINDS))


@dataclass
class Rows:
    """``number`` names the event (a repeat has its original's), ``arrives`` orders them; all int64 but ``value``."""

    number: NDArray[np.int64]
    ts: NDArray[np.int64]
    arrives: NDArray[np.int64]
    kind: NDArray[np.int64]
    user: NDArray[np.int64]
    item: NDArray[np.int64]
    session: NDArray[np.int64]
    fault: NDArray[np.int64]  # 0: none
    value: NDArray[np.float64]  # NaN: none

    def __len__(self) -> int:
        return len(self.ts)

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> "Rows":
        return Rows(*(getattr(self, f.name)[index] for f in fields(self)))

    def by_arrival(self) -> "Rows":
        """Ties by the time and number of the event."""
        return self.take(np.lexsort((self.number, self.ts, self.arrives)))


def rows(
    ts: NDArray[np.int64],
    kind: NDArray[np.int64] | int,
    user: NDArray[np.int64] | int,
    item: NDArray[np.int64],
    session: NDArray[np.int64] | int,
    value: NDArray[np.float64] | None = None,
) -> Rows:
    """Events that arrive when they happen, numbered later."""
    n = len(ts)

    def whole(column: NDArray[np.int64] | int) -> NDArray[np.int64]:
        return np.broadcast_to(np.asarray(column, dtype=np.int64), (n,))

    none = np.zeros(n, dtype=np.int64)
    given = np.full(n, np.nan) if value is None else value
    return Rows(none, ts, ts, whole(kind), whole(user), item, whole(session), none, given)


def joined(parts: list[Rows]) -> Rows:
    return Rows(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Rows)))


def no_rows() -> Rows:
    return rows(np.empty(0, np.int64), 0, 0, np.empty(0, np.int64), 0)
