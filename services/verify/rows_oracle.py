"""Neighbour rows, pair by pair: how often a neighbour was met together, how often after the row's item, also lately."""

import math
import struct
from collections.abc import Callable

from services.verify.forward_decay import count_at, factor
from services.verify.ties import order_key
from shared.contracts.row_width import row_width
from shared.contracts.sections import CooccurrenceSettings

Counts = tuple[float, ...]
"""Together, next, quick."""
Neighbours = list[tuple[str, Counts]]
_SINGLE = struct.Struct("<f")


def single(value: float) -> float:
    """As a row holds it: rounded to 24 bits."""
    [rounded] = _SINGLE.unpack(_SINGLE.pack(value))
    return float(rounded)


class RowsOracle:
    """By item, in places: a newcomer takes the next one, or that of the neighbour that was least met together. Once
    there were too many rows for wide ones, each keeps those that were most met together, the first of equals.
    """

    def __init__(self, rules: CooccurrenceSettings, partitions: int) -> None:
        self._rules, self._partitions = rules, partitions
        self._most_rows = 0
        self._half_lives = (rules.half_life_ms, rules.half_life_ms, rules.quick_half_life_ms)
        self._rows: dict[str, Neighbours] = {}
        self._exponents: dict[str, list[int]] = {}

    def begin(self, items: set[str]) -> None:
        """Rows for those of a delta, before any of its pairs."""
        for item in items:
            self._rows.setdefault(item, [])
        before, self._most_rows = self._width(), max(self._most_rows, len(self._rows))
        if self._width() < before:
            for item, row in self._rows.items():
                places = sorted(range(len(row)), key=lambda place: -row[place][1][0])[: self._width()]
                self._rows[item] = [row[place] for place in sorted(places)]

    def _width(self) -> int:
        return row_width(self._rules, self._partitions, self._most_rows)

    def add(self, item: str, other: str, weight: float, gap: int, ts: int) -> None:
        """``other`` was met ``gap`` steps after the item, before it if below 0. O(neighbours)."""
        row = self._rows[item]
        gains = self._in_the_row_s_units(item, self._gains(weight, gap), ts)
        for place, (neighbour, counts) in enumerate(row):
            if neighbour == other:
                row[place] = (other, tuple(single(count + gain) for count, gain in zip(counts, gains, strict=True)))
                return
        if len(row) < self._width():
            row.append((other, tuple(map(single, gains))))
        else:
            least = min(row, key=lambda entry: (entry[1][0], -order_key(entry[0])))
            row[row.index(least)] = (other, tuple(map(single, gains)))

    def _gains(self, weight: float, gap: int) -> Counts:
        together = weight
        for _ in range(abs(gap) - 1):
            together *= self._rules.gap_weight
        follows = weight / gap if gap > 0 else 0.0
        return together, follows, follows

    def _in_the_row_s_units(self, item: str, gains: Counts, ts: int) -> Counts:
        """The gains in units of the row's exponents; where something is gained, the row moves up to ``ts`` first."""
        row = self._rows[item]
        exponents = self._exponents[item] if row else [ts // half_life for half_life in self._half_lives]
        self._exponents[item] = exponents
        brought = list(gains)
        for column, half_life in enumerate(self._half_lives):
            if gains[column] == 0.0:
                continue
            k = ts // half_life
            if k > exponents[column]:
                row[:] = [(other, _moved(counts, column, exponents[column] - k)) for other, counts in row]
                exponents[column] = k
            brought[column] = math.ldexp(gains[column] * factor(ts, half_life), k - exponents[column])
        return tuple(brought)

    def drop(self, items: list[str]) -> None:
        """These items are no longer held, as rows or as neighbours."""
        for item in items:
            self._rows.pop(item, None)
            self._exponents.pop(item, None)
        gone = set(items)
        self._rows = {item: [entry for entry in row if entry[0] not in gone] for item, row in self._rows.items()}

    def held(self) -> dict[str, Neighbours]:
        """Of items that have any neighbour."""
        return {item: row for item, row in self._rows.items() if row}

    def exponents(self) -> dict[str, Counts]:
        return {item: tuple(self._exponents[item]) for item, row in self._rows.items() if row}

    def scores(self, item: str, ts: int, seen: Callable[[str], tuple[float, float]]) -> Neighbours:
        """The neighbours in their places with their normalised counts as of ``ts``. ``seen``: how much an item is seen
        at all, at the rows' two half-lives.
        """
        rules = self._rules
        own, quick = ((count + rules.shrinkage) ** rules.row_exponent for count in seen(item))
        scored: Neighbours = []
        for other, counts in self._rows.get(item, []):
            decayed = zip(counts, self._exponents[item], self._half_lives, strict=True)
            together, follows, lately = (
                count_at((count, exponent), ts, half_life) if count > 0.0 else 0.0
                for count, exponent, half_life in decayed
            )
            both = own * (seen(other)[0] + rules.shrinkage) ** rules.column_exponent
            scored.append((other, (together / both, follows / own, lately / quick)))
        return scored


def _moved(counts: Counts, column: int, by: int) -> Counts:
    return (*counts[:column], single(math.ldexp(counts[column], by)), *counts[column + 1 :])
