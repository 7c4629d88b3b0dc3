"""The order of an answer: relevance by rank, what rules and the user's own mix make of it, and a share of discovery."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from shared.contracts.rules import Cap, Share
from shared.contracts.sections import RerankSettings
from shared.core.answers.caps import capped
from shared.core.answers.catalogue_entry import BRAND, SELLER, digest
from shared.core.answers.diversity import NARROWEST, NOBODY, UNLIMITED, Kinds, Limits, arrange, mean_likeness, pinned
from shared.core.answers.exposure import exposed
from shared.core.answers.fusion import SCALE
from shared.core.answers.plain_diversity import arrange_plain
from shared.core.answers.popularity_bias import factors
from shared.core.answers.rules import Holding
from shared.core.kernel import Floats, Ints, making_kernel

BLOCK = 100
"""Places that are made diverse together: a page far down costs what the first one does."""
COLUMNS = {"category": 0, "brand": BRAND, "seller": SELLER}


@dataclass(slots=True)
class Candidates:
    """What may be shown, best first: ``slots`` int32[m] of the catalogue's columns; what rules and impressions multiply
    each place by, float64[m], if anything; the weight of each one's rank among the popular, float64[m], if it counts;
    ``recent`` int32[r]: slots of what the user met last; ``pins``: (place from 0, candidate); ``seed``: see
    :mod:`exploration`.
    """

    slots: Ints
    weights: Floats | None = None
    popular: Floats | None = None
    recent: Ints = field(default_factory=lambda: NOBODY)
    pins: tuple[tuple[int, int], ...] = ()
    seed: int = 0
    holding: Holding = field(default_factory=Holding)


def arranged(
    given: Candidates, kinds: Ints, rules: RerankSettings, diversity: float, n: int, start: int = 0
) -> list[int]:
    """Places in the candidates' order, at most ``n``, in the order to be shown; those before ``start`` nobody sees.
    ``kinds``: the catalogue's, by slot. O(m log m + BLOCK²), with caps, shares or pins O(n · m) small steps more.
    """
    holding, m = given.holding, len(given.slots)
    biased = rules.popularity_bias and given.popular is not None
    if not (diversity or given.pins or holding.caps or holding.shares or biased or given.weights is not None):
        return list(range(min(n, m)))
    return _walked(given, kinds, rules, diversity, _limits(given, kinds, n), pinned(given.pins, m, n), start)


def _in_blocks(
    given: Candidates, kinds: Ints, weights: Floats, diversity: float, limits: Limits, pins: Ints, start: int
) -> list[int]:
    """By relevance as far as rules let it, :data:`BLOCK` of them at a time made diverse: each block by its best."""
    rank = SCALE / (SCALE + np.arange(len(weights)))
    if given.holding.limits or (pins >= 0).any():
        by_relevance = ordered(kinds, given.slots, given.recent, weights, 0.0, limits, pins)
    else:
        by_relevance = np.argsort(-rank * weights, kind="stable").astype(np.int32)
    n, held, order = len(pins), set(pins.tolist()), list[int]()
    for first in range(0, min(n, len(by_relevance)), BLOCK):
        places = by_relevance[first : first + BLOCK]
        relevance = (rank * weights)[places]
        if first + BLOCK > start and relevance.max() > 0:
            own = relevance / relevance.max() / rank[: len(places)]
            fixed = tuple((place, place) for place, one in enumerate(places.tolist()) if one in held)
            at = pinned(fixed, len(places), len(places))
            places = places[ordered(kinds, given.slots[places], given.recent, own, diversity, UNLIMITED, at)]
        order += places.tolist()
    return order[:n]


def rearranged(
    given: Candidates,
    kinds: Ints,
    rules: RerankSettings,
    diversity: float,
    n: int,
    order: Sequence[int],
    explored: Sequence[tuple[int, int]],
) -> list[int]:
    """As :func:`arranged`, with what is ``explored``, (place, candidate): each at its place or the next that nothing is
    pinned to, if caps and shares have room for it beside the ``order`` that there was.
    """
    limits, held, pins = _limits(given, kinds, n), list(order), dict(given.pins)
    for wanted, candidate in explored:
        place = next(place for place in count(wanted) if place not in pins)
        if place < n and _has_room(limits, held, candidate):
            held.append(candidate)
            pins[place] = candidate
    return _walked(given, kinds, rules, diversity, limits, pinned(tuple(pins.items()), len(given.slots), n))


def _has_room(limits: Limits, held: Sequence[int], candidate: int) -> bool:
    """Whether one more of the candidate's groups may be shown beside these."""
    if not len(limits.groups):
        return True
    shown = (limits.groups[:, list(held)] == limits.groups[:, [candidate]]).sum(axis=1)
    return bool((shown < limits.most[:, candidate]).all())


def _walked(
    given: Candidates,
    kinds: Ints,
    rules: RerankSettings,
    diversity: float,
    limits: Limits,
    pins: Ints,
    start: int = 0,
) -> list[int]:
    weights = _weights(given, rules)
    if len(pins) > BLOCK:
        return _in_blocks(given, kinds, weights, diversity, limits, pins, start)
    order: list[int] = ordered(kinds, given.slots, given.recent, weights, diversity, limits, pins).tolist()
    return order


def _weights(given: Candidates, rules: RerankSettings) -> Floats:
    """What each place is multiplied by."""
    weights = np.ones(len(given.slots)) if given.weights is None else given.weights
    if rules.popularity_bias and given.popular is not None:
        weights = weights * factors(given.popular, rules.popularity_bias)
    return weights


def _limits(given: Candidates, kinds: Ints, n: int) -> Limits:
    """Of caps and shares that hold."""
    holding = given.holding
    if not holding.caps and not holding.shares:
        return UNLIMITED
    limits = capped(UNLIMITED, [(_column(given, kinds, cap), cap.most) for cap in holding.caps])
    if not holding.shares:
        return limits
    provider: Ints = np.full(len(given.slots), -1, dtype=np.int32)
    for p, share in enumerate(holding.shares):
        provider[_column(given, kinds, share) == digest(share.value)] = p
    least = np.array([share.least for share in holding.shares])
    most = np.array([share.most for share in holding.shares])
    return exposed(limits, provider, least, most, n, given.seed)


def _column(given: Candidates, kinds: Ints, rule: Cap | Share) -> Ints:
    column: Ints = kinds[given.slots, COLUMNS[rule.by]]
    return column


@making_kernel
def ordered(
    kinds: Ints,
    slots: Ints,
    recent: Ints,
    weights: Floats,
    strength: float,
    limits: Limits,
    pins: Ints,
) -> Ints:
    """As :func:`shared.core.answers.diversity.diverse`; relevance is what a rank weighs (:mod:`fusion`) times
    ``weights``, at most 1.
    """
    m = len(slots)
    relevance, highest = np.empty(m), 1.0
    for rank in range(m):
        relevance[rank] = SCALE / (SCALE + rank) * weights[rank]
        highest = max(highest, relevance[rank])
    relevance /= highest
    if not (len(limits.groups) or len(limits.least) or (pins >= 0).any()):
        return arrange_plain(kinds, slots, recent, relevance, strength, len(pins))
    own, familiar = _kinds_of(kinds, slots), np.zeros(m)
    if strength > 0.0 and len(recent):
        familiar = mean_likeness(own, _kinds_of(kinds, recent))
    return arrange(relevance, own, strength, familiar, limits, pins)


@making_kernel
def _kinds_of(kinds: Ints, slots: Ints) -> Kinds:
    """Narrowest categories int32[m, :data:`NARROWEST`], brands int32[m], no vectors."""
    categories = np.empty((len(slots), NARROWEST), dtype=np.int32)
    brands = np.empty(len(slots), dtype=np.int32)
    for n in range(len(slots)):
        categories[n] = kinds[slots[n], :NARROWEST]
        brands[n] = kinds[slots[n], BRAND]
    return Kinds(categories, brands, np.empty((len(slots), 0), dtype=np.float32))
