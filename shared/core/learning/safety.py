"""No worse than its best source: on a sample of examples the blend stands against every single source.

Each is judged by the reciprocal rank of the chosen row among an example's rows, before the example is learned. The
leader is the source with the best mean. A bettor puts money on the present state being wrong: while the blend is
published, on its being worse than the leader by more than :data:`MARGIN`; while the leader is, on its not being so.
Each example pays in proportion to how far the difference is from the margin, so nobody gets rich by chance: that the
margin has left the confidence sequence of the mean difference is the capital's passing 1 / :data:`RISK`, at whatever
example that is looked at (betting: Waudby-Smith and Ramdas, 2024). One margin parted by two such proofs is the
hysteresis. Capital never falls below its first stake, so that a good past does not hide a change: on average it takes
at least 1 / RISK examples of the sample until a blend right at the margin is demoted, and far more where it is better
(e-detectors: Shin, Ramdas and Rinaldo, 2024).
"""

import numpy as np

from shared.core.kernel import Flags, Floats, Ints, Keys, kernel, making_kernel
from shared.core.lists.features import SEGMENTS, feature_count
from shared.core.lists.first_weights import lasting_popularity
from shared.core.lists.sources import NAMES, SOURCES
from shared.core.tables.segments import Segment, pack

SHADOW_ONE_IN = 20
MARGIN = 0.01
RISK = 1e-3
RISK_OF_RETURN = 1e-2
"""Of a return too early: less is lost by it, it is demoted again."""
LEAD = 0.002
"""By which another contender's mean has to be better: no flapping between equals."""
STAKES = np.array([0.05, 0.1, 0.2, 0.4])
"""Shares of the capital that are set; the mean of the four is what there is."""
REMEMBERED = 500
"""Examples of the sample that means are over, about."""
TIE = 1e-4
"""Of lasting popularity, where a source says the same of two."""
HELD = ("means", "capital")


class Safety:
    """``names`` of all that is judged: contenders, then sources. ``means``: of their reciprocal ranks; ``judged``: on
    how many examples. ``blend``, ``leader``: the best contender and source, rows of ``means``; ``demoted``: whether
    the leader is published. O(features) numbers.
    """

    def __init__(self, half_lives: list[str], contenders: list[str]) -> None:
        self._sources = single_sources(len(half_lives))
        self._contenders = len(contenders)
        self.names = [*contenders, *NAMES, *(f"popularity-{name}" for name in half_lives)]
        self.means: Floats = np.zeros(len(self.names))
        self.capital: Floats = np.ones(len(STAKES))
        self.judged = 0
        self.blend, self.leader, self.demoted = 0, self._contenders, False

    @property
    def published(self) -> str:
        """Name of what is published."""
        return self.names[self.leader if self.demoted else self.blend]

    def weights(self, blends: list[Floats]) -> Floats:
        """What is published, given the contenders' weights: float64[SEGMENTS, features]."""
        return self._sources[self.leader - self._contenders] if self.demoted else blends[self.blend]

    def judge(self, rows: Floats, sizes: Ints, segments: Ints, drawn: Keys, blends: list[Floats]) -> None:
        """Examples that are not learned yet. O(sources · rows · features) of those that are in the sample."""
        chosen = in_shadow(drawn) & (sizes > 1) & (segments < SEGMENTS)
        if not chosen.any():
            return
        models = np.concatenate([np.stack(blends), self._sources])
        for ranks in reciprocal_ranks(rows, sizes, segments, chosen, models):
            if np.isfinite(ranks).all():
                self._learn(ranks)

    def _learn(self, ranks: Floats) -> None:
        """One example; ``ranks``: in the order of names."""
        against = float(ranks[self.blend] - ranks[self.leader]) + MARGIN
        np.maximum(1.0, self.capital, out=self.capital)
        self.capital *= 1.0 + STAKES * (against if self.demoted else -against)
        if self.capital.mean() >= 1.0 / (RISK_OF_RETURN if self.demoted else RISK):
            self.demoted = not self.demoted
            self.capital[:] = 1.0
        self.judged += 1
        self.means += (ranks - self.means) / min(self.judged, REMEMBERED)
        self.blend = self._better(self.blend, 0, self._contenders, LEAD)
        self.leader = self._better(self.leader, self._contenders, len(self.means), MARGIN)

    def _better(self, now: int, start: int, end: int, lead: float) -> int:
        """The best by its mean, unless it does not lead the one that was so far by as much."""
        best = start + int(np.argmax(self.means[start:end]))
        return best if self.means[best] > self.means[now] + lead else now

    def take(self) -> bytes:
        """The state as a segment."""
        held = {name: getattr(self, name) for name in HELD}
        return pack(held, judged=self.judged, blend=self.blend, leader=self.leader, demoted=self.demoted)

    def restore(self, segment: Segment) -> None:
        """The state that was taken."""
        for name in HELD:
            setattr(self, name, segment.column(name).copy())
        for name, value in segment.values.items():
            setattr(self, name, value)


def in_shadow(drawn: Keys) -> Flags:
    """Which examples are in the sample, by the digests of their places."""
    chosen: Flags = drawn % np.uint64(SHADOW_ONE_IN) == 0
    return chosen


def single_sources(half_lives: int) -> Floats:
    """Weights of each source alone (its logarithm), then of popularity at each half-life alone: float64[sources + half
    lives, SEGMENTS, features].
    """
    columns = [3 * source + 2 for source in range(SOURCES)]
    columns += [3 * SOURCES + 2 * half_life for half_life in range(half_lives)]
    weights: Floats = np.zeros((len(columns), SEGMENTS, feature_count(half_lives)))
    weights[:, 0, lasting_popularity(half_lives)] = TIE
    for number, column in enumerate(columns):
        weights[number, 0, column] = 1.0
    return weights


@making_kernel
def reciprocal_ranks(rows: Floats, sizes: Ints, segments: Ints, chosen: Flags, models: Floats) -> Floats:
    """Of the first row of each example among its rows, by each model; equals share their places. Not a number where a
    score is none: float64[chosen examples, models].
    """
    found = np.zeros((chosen.sum(), len(models)))
    start = at = 0
    for example in range(len(sizes)):
        size = sizes[example]
        start += size
        if not chosen[example]:
            continue
        for model in range(len(models)):
            weights = models[model, 0] + models[model, segments[example]]
            found[at, model] = reciprocal_rank(rows[start - size : start], weights)
        at += 1
    return found


@kernel
def reciprocal_rank(rows: Floats, weights: Floats) -> float:
    """Of the first row."""
    first, place = 0.0, 1.0
    for row in range(len(rows)):
        score = 0.0
        for feature in range(len(weights)):
            score += rows[row, feature] * weights[feature]
        if not np.isfinite(score):
            return np.nan
        if row == 0:
            first = score
        elif score > first:
            place += 1.0
        elif score == first:
            place += 0.5
    return 1.0 / place
