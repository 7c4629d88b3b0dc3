"""Bootstrap over users: a user's targets are drawn together, since they are not independent of each other."""

import numpy as np

from shared.core.kernel import Floats, Ints

RESAMPLES = 1000
AT_ONCE = 100  # resamples in memory together
LOW, HIGH = 2.5, 97.5


def resampled_means(values: Floats, users: Ints, seed: int, resamples: int = RESAMPLES) -> Floats:
    """The mean of each column of ``values`` float64[q, columns] in each resample: float64[resamples, columns].

    All columns see the same resamples, so that their differences are paired. O(resamples · users · columns).
    """
    _, which = np.unique(users, return_inverse=True)
    counts = np.bincount(which).astype(np.float64)
    sums = np.stack([np.bincount(which, weights=column) for column in values.T], axis=1)
    rng, share = np.random.default_rng(seed), np.full(len(counts), 1 / len(counts))
    means = []
    for begin in range(0, resamples, AT_ONCE):
        drawn = rng.multinomial(len(counts), share, size=min(AT_ONCE, resamples - begin)).astype(np.float64)
        means.append((drawn @ sums) / (drawn @ counts)[:, None])
    return np.concatenate(means)


def interval(means: Floats) -> list[float]:
    """The middle 95 % of the resamples, [low, high]."""
    return [round(float(edge), 6) for edge in np.percentile(means, [LOW, HIGH])]
