"""Users and their candidates in, ranked lists out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shared.contracts.source_letters import letters_of
from shared.core.arithmetic.candidates import insert
from shared.core.kernel import Floats, Ints, Keys, kernel
from shared.core.lists.exploration_candidates import Draw, draw_each
from shared.core.lists.features import Situation, judged
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.sources import NAMES, Candidates

WHY = (*NAMES, "trend")
LETTERS = letters_of(WHY)
"""Where a list came from, and how a stored one says it."""


@dataclass(frozen=True)
class RankedLists:
    """``items`` int32[users, length] (cache slots, best first), ``scores`` float64 likewise, ``why`` int32 likewise
    (index into :data:`WHY`), ``lengths`` int32[users]; ``explore`` int32[users, most]: items hardly known yet that
    stand ready beside it, -1 beyond.
    """

    items: Ints
    scores: Floats
    why: Ints
    lengths: Ints
    explore: Ints


def joined(parts: Sequence[RankedLists]) -> RankedLists:
    """Lists of some users, then of others; of one length, at least one part."""
    if len(parts) == 1:
        return parts[0]
    columns = zip(*((x.items, x.scores, x.why, x.lengths, x.explore) for x in parts), strict=True)
    return RankedLists(*(np.concatenate(column) for column in columns))


def ranked(at: Situation, weights: Floats, length: int, draw: Draw | None = None) -> RankedLists:
    """The best ``length`` candidates of each user, ties by item key; beside them what is drawn of the others."""
    return picked(at.found, judged(at, weights), at.cache, length, draw)


def picked(found: Candidates, scores: Floats, cache: RankCache, length: int, draw: Draw | None = None) -> RankedLists:
    """The same of candidates that have been judged: ``scores`` float64[users, most]."""
    n = len(found.items)
    lists = RankedLists(
        np.empty((n, length), dtype=np.int32),
        np.empty((n, length)),
        np.empty((n, length), dtype=np.int32),
        np.empty(n, dtype=np.int32),
        np.empty((n, draw.most if draw else 0), dtype=np.int32),
    )
    chosen, ties = np.empty(length, dtype=np.int32), np.empty(length, dtype=np.uint64)
    pick_best(
        found.items, found.counts, scores, found.values, cache.items.keys, chosen, ties,
        lists.items, lists.scores, lists.why, lists.lengths,
    )  # fmt: skip
    if draw and draw.most:
        draw_each(
            found.items, found.counts, scores, found.met, cache.log_count, cache.items.keys,
            lists.scores, lists.items, lists.lengths, draw.seeds, lists.explore,
        )  # fmt: skip
    return lists


@kernel
def pick_best(
    items: Ints,
    counts: Ints,
    scores: Floats,
    values: Floats,
    keys: Keys,
    chosen: Ints,
    ties: Keys,
    out: Ints,
    out_scores: Floats,
    why: Ints,
    lengths: Ints,
) -> None:
    """User after user: a selection by insertion among the best so far. What is given to be filled holds anything
    before, as do ``chosen`` and ``ties``; beyond a list's length there is no item after.
    """
    for user in range(len(items)):
        size, best = 0, out_scores[user]
        for place in range(counts[user]):
            size = insert(place, scores[user, place], keys[items[user, place]], size, chosen, best, ties)
        for at in range(size):
            out[user, at], why[user, at] = items[user, chosen[at]], strongest(values[user, chosen[at]])
        out[user, size:], best[size:], why[user, size:] = -1, 0.0, 0
        lengths[user] = size


@kernel
def strongest(values: Floats) -> int:
    """The source that says most of a candidate; the number of sources if none says anything (it is popular)."""
    best, most = len(values), 0.0
    for source in range(len(values)):
        if values[source] > most:
            best, most = source, values[source]
    return best
