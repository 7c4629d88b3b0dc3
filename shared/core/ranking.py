"""Users in, ranked lists out; and, of what users then chose, examples for the ranker."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shared.contracts.examples import EXAMPLES_VERSION, Examples
from shared.contracts.source_letters import letters_of
from shared.core.candidates import insert
from shared.core.draws import following
from shared.core.exploration_candidates import Draw, draw_each
from shared.core.features import features, segments
from shared.core.kernel import Floats, Ints, Keys, Longs, Singles, kernel, making_kernel
from shared.core.rank_cache import RankCache
from shared.core.ranker import score_each
from shared.core.reach import Reach
from shared.core.sources import NAMES, Candidates, Users
from shared.core.taste_steps import Sequences

OTHERS = 31
"""Of an example, beside what was chosen."""
WHY = (*NAMES, "trend")
LETTERS = letters_of(WHY)
"""Where a list came from, and how a stored one says it."""


@dataclass(frozen=True)
class Situation:
    """What is to be ranked: users, their candidates, the candidates' features, the users' segments."""

    users: Users
    found: Candidates
    described: Floats
    segments: Ints


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


@dataclass(frozen=True)
class Choices:
    """What users chose: ``user`` int32[n] (row of a :class:`Situation`), ``item`` int32[n] (cache slot), ``weight``
    float64[n], ``draw`` uint64[n]: seeds of the samples, so that a log has the same examples whenever it is folded.
    """

    user: Ints
    item: Ints
    weight: Floats
    draw: Keys


def situation(users: Users, found: Candidates, cache: RankCache, now: Longs, reach: Reach) -> Situation:
    """Features as of ``now`` int64[users] (ms). O(users · candidates · features)."""
    return Situation(users, found, features(users, found, cache, now, reach), segments(users.visits))


def joined(parts: Sequence[RankedLists]) -> RankedLists:
    """Lists of some users, then of others; of one length, at least one part."""
    if len(parts) == 1:
        return parts[0]
    columns = zip(*((x.items, x.scores, x.why, x.lengths, x.explore) for x in parts), strict=True)
    return RankedLists(*(np.concatenate(column) for column in columns))


def ranked(at: Situation, weights: Floats, cache: RankCache, length: int, draw: Draw | None = None) -> RankedLists:
    """The best ``length`` candidates of each user, ties by item key; beside them what is drawn of the others."""
    scores = np.empty(at.found.items.shape)  # anything beyond the candidates
    score_each(at.described, at.found.counts, at.segments, weights, scores)
    return picked(at.found, scores, cache, length, draw)


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


def examples(at: Situation, choices: Choices, met: Sequences, partition: int, offset: int) -> Examples:
    """The choices among a sample of the candidates that stood beside them; what was none is counted as missed. Beside
    them what users met after what.
    """
    n, width = len(choices.user), at.described.shape[2]
    rows = np.zeros((n, OTHERS + 1, width), dtype=np.float32)
    sizes = np.zeros(n, dtype=np.int32)
    sample_each(
        at.found.items, at.found.counts, at.described, choices.user, choices.item, choices.draw, rows, sizes
    )  # fmt: skip
    made = sizes > 0
    kept = np.arange(OTHERS + 1)[None, :] < sizes[:, None]
    who = choices.user[made]
    return Examples(
        EXAMPLES_VERSION,
        partition,
        offset,
        width,
        int(n - made.sum()),
        sizes[made].astype("<i4").tobytes(),
        at.segments[who].astype("<i4").tobytes(),
        choices.weight[made].astype("<f4").tobytes(),
        at.found.counts[who].astype("<i4").tobytes(),
        rows[kept].astype("<f2").tobytes(),
        met.items,
        *(column.astype("<i4").tobytes() for column in (met.lengths, met.steps, met.sequence)),
    )


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


@making_kernel
def sample_each(
    items: Ints, counts: Ints, described: Floats, users: Ints, chosen: Ints, draws: Keys, rows: Singles, sizes: Ints
) -> None:
    """Per choice its row, then others' rows: Floyd's sampling of places, by a xorshift generator from the seed."""
    most = rows.shape[1] - 1
    picked = np.empty(most, dtype=np.int64)
    for n in range(len(users)):
        user, count, at = users[n], counts[users[n]], -1
        for place in range(count):
            if items[user, place] == chosen[n]:
                at = place
        if at < 0:
            continue
        rows[n, 0] = described[user, at]
        others = count - 1
        size, state = min(most, others), draws[n] | np.uint64(1)
        for k in range(size):
            top = others - size + k
            state = following(state)
            picked[k] = np.int64((state >> np.uint64(11)) % np.uint64(top + 1))
            for earlier in range(k):
                if picked[earlier] == picked[k]:
                    picked[k] = top
                    break
            rows[n, 1 + k] = described[user, picked[k] if picked[k] < at else picked[k] + 1]
        sizes[n] = 1 + size
