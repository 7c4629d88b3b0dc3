"""Shares of an answer's places for providers: brands or sellers."""

import numpy as np

from shared.core.answers.caps import ANY, with_groups
from shared.core.answers.diversity import Limits
from shared.core.arithmetic.draws import draw, part_of
from shared.core.kernel import Floats, Ints


def exposed(limits: Limits, provider: Ints, least: Floats, most: Floats, n: int, seed: int) -> Limits:
    """The limits, and of ``n`` places at least and at most these shares for each of p providers.

    ``provider`` int32[m]: 0 … p - 1, or -1 for one without a share; ``least`` and ``most`` float64[p], 0 … 1: 0 and 1
    where nothing is asked. A part of a place is drawn by ``seed`` (:func:`shared.core.answers.exploration.seed`): over
    users the shares are exact, and one user's stay. Where the least of all are more than n places, they are cut down in
    proportion. O(m + p).
    """
    at_least, at_most = quotas(least, most, n, seed)
    held = with_groups(limits, provider, np.append(at_most, ANY)[provider].astype(np.int32))
    return Limits(held.groups, held.most, provider.astype(np.int32), at_least)


def quotas(least: Floats, most: Floats, n: int, seed: int) -> tuple[Ints, Ints]:
    """Places of each provider, at least and at most: int32[p] both.

    One draw rounds both and, going along the providers, what is rounded up: of Σ least · n places exactly that many are
    promised, but for one.
    """
    total = float(least.sum())
    promised = least * (n / total if total > 1.0 else n) if len(least) else least
    offset = part_of(draw(seed, 0))
    ends = np.floor(np.concatenate([np.zeros(1), np.cumsum(promised)]) + offset + 1e-9)
    at_least = np.diff(ends).astype(np.int32)
    at_most = np.maximum(np.floor(most * n + offset + 1e-9), at_least).astype(np.int32)
    return at_least, at_most
