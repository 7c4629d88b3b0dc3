"""What every peer computes, in plain Python: histories, counts of what was seen together, popularity, lists.

A pair is counted once, in the row of the newer item, so that an event changes one row. (Headrace counts it in both.)
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest

Row = dict[str, int]
Listed = list[tuple[str, float]]


def remember(history: list[str], item: str, most: int, pairs: int) -> list[str]:
    """Put the item at the end of the history, ``most`` long; the last ``pairs`` other items before it."""
    if item in history:
        history.remove(item)
    earlier = history[-pairs:]
    history.append(item)
    del history[:-most]
    return earlier


def count(row: Row, earlier: Iterable[str], most: int) -> None:
    """One more with each of these. A row of more than twice ``most`` keeps its heaviest, so that it has a bound."""
    for other in earlier:
        row[other] = row.get(other, 0) + 1
    if len(row) > 2 * most:
        kept = heaviest(row, most)
        row.clear()
        row.update(kept)


def heaviest(counts: Mapping[str, int], most: int) -> list[tuple[str, int]]:
    """Items and counts, the largest first, ties by item."""
    return nlargest(most, counts.items(), key=lambda entry: (entry[1], entry[0]))


def recommended(
    history: Sequence[str], rows: Mapping[str, Row], popular: Sequence[tuple[str, int]], recent: int, length: int
) -> Listed:
    """Items that the newest ``recent`` of the history have in their rows, then popular ones; none of the history."""
    scores: dict[str, float] = {}
    for item in history[-recent:]:
        row = rows.get(item)
        if row:
            for other, times in row.items():
                scores[other] = scores.get(other, 0.0) + times
    had = set(history)
    best = nlargest(length, ((score, item) for item, score in scores.items() if item not in had))
    listed = [(item, score) for score, item in best]
    if len(listed) < length:
        known = had | scores.keys()
        fill = [(item, 0.0) for item, _ in popular if item not in known]
        listed += fill[: length - len(listed)]
    return listed
