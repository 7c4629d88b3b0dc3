"""The order of an answer: relevance by rank, what rules and the user's own mix make of it, and a share of discovery."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from shared.contracts.sections import RerankSettings
from shared.contracts.views import ItemView
from shared.core.caps import capped
from shared.core.catalogue_entry import BRAND, SELLER, Entry, digest, kinds_of
from shared.core.diversity import NARROWEST, UNLIMITED, Kinds, Limits, diverse, familiarity
from shared.core.exposure import exposed
from shared.core.fusion import RANK_SCORES
from shared.core.kernel import Floats, Ints
from shared.core.popularity_bias import factors
from shared.core.rules import Holding

GROUP_OF: dict[str, Callable[[ItemView], str | None]] = {
    "category": lambda view: view.categories[-1] if view.categories else None,
    "brand": lambda view: view.brand,
    "seller": lambda view: view.seller,
}
Group = tuple[Callable[[ItemView], str | None], int, dict[str, int]]
"""What a cap counts by, how many it lets in, how many there are."""
COLUMNS = {"category": 0, "brand": BRAND, "seller": SELLER}


@dataclass(slots=True)
class Candidates:
    """What may be shown, best first: entries, what rules and impressions multiply each place by, the weight of each
    one's rank among the popular; ``recent``: entries of what the user met last; ``seed``: see :mod:`exploration`.
    """

    entries: Sequence[Entry | None]
    weights: Sequence[float]
    popular: Sequence[float] = ()
    recent: Sequence[Entry | None] = ()
    pins: tuple[tuple[int, int], ...] = ()
    seed: int = 0
    holding: Holding = field(default_factory=Holding)


def arranged(given: Candidates, rules: RerankSettings, diversity: float, n: int) -> list[int]:
    """Places in the candidates' order, at most ``n``, in the order to be shown."""
    holding = given.holding
    biased = bool(rules.popularity_bias and given.popular)
    ranked = diversity or given.pins or holding.caps or holding.shares or biased
    if not ranked and all(weight == 1.0 for weight in given.weights):
        return list(range(min(n, len(given.entries))))
    if not diversity and not holding.shares and not biased:
        return walked(given, n)
    relevance = _relevance(given, rules)
    kinds = kinds_of(given.entries)
    recent = kinds_of(given.recent)
    of, known = _kinds(kinds), _kinds(recent)
    familiar = familiarity(of, known) if diversity and len(recent) else None
    limits = _limits(given, kinds, n)
    order: list[int] = diverse(relevance, of, diversity, n, familiar=familiar, limits=limits, pins=given.pins).tolist()
    return order


def walked(given: Candidates, n: int) -> list[int]:
    """What :func:`diverse` finds at strength 0 within caps, for a fifth of its price: by relevance, pins where they
    belong, what a cap keeps out left out. O(m log m + n · caps).
    """
    weights, caps = given.weights, given.holding.caps
    worth = [-score * weight for score, weight in zip(RANK_SCORES, weights, strict=False)]
    order = sorted(range(len(worth)), key=worth.__getitem__)
    pinned = {place: candidate for place, candidate in given.pins if place < min(n, len(weights))}
    groups = [(GROUP_OF[cap.by], cap.most, dict[str, int]()) for cap in caps]
    for candidate in pinned.values():
        _fits(given.entries[candidate], groups, always=True)
    left = iter([place for place in order if place not in set(pinned.values())])
    found: list[int] = []
    for place in range(min(n, len(weights))):
        taken = pinned.get(place)
        if taken is None:
            taken = next((one for one in left if _fits(given.entries[one], groups)), None)
        if taken is not None:
            found.append(taken)
    return found


def _fits(entry: Entry | None, groups: Sequence[Group], *, always: bool = False) -> bool:
    """Whether no group is full with it; then it is counted."""
    if entry is None:
        return True
    view, names = entry.view, list[str | None]()
    for of, most, count in groups:
        name = of(view)
        if name is not None and not always and count.get(name, 0) >= most:
            return False
        names.append(name)
    for name, (_, _, count) in zip(names, groups, strict=True):
        if name is not None:
            count[name] = count.get(name, 0) + 1
    return True


def _kinds(rows: Ints) -> Kinds:
    return Kinds(np.ascontiguousarray(rows[:, :NARROWEST]), np.ascontiguousarray(rows[:, BRAND]))


def _relevance(given: Candidates, rules: RerankSettings) -> Floats:
    m = len(given.entries)
    relevance: Floats = np.array(RANK_SCORES[:m]) * np.array(given.weights, dtype=np.float64)
    if rules.popularity_bias and given.popular:
        relevance = relevance * factors(np.array(given.popular, dtype=np.float64), rules.popularity_bias)
    highest = float(relevance.max(initial=1.0))
    return relevance / highest if highest > 1.0 else relevance


def _limits(given: Candidates, kinds: Ints, n: int) -> Limits:
    """Of caps and shares that hold."""
    holding = given.holding
    if not holding.caps and not holding.shares:
        return UNLIMITED
    limits = capped(UNLIMITED, [(np.ascontiguousarray(kinds[:, COLUMNS[cap.by]]), cap.most) for cap in holding.caps])
    if not holding.shares:
        return limits
    provider: Ints = np.full(len(kinds), -1, dtype=np.int32)
    for p, share in enumerate(holding.shares):
        provider[kinds[:, COLUMNS[share.by]] == digest(share.value)] = p
    least = np.array([share.least for share in holding.shares])
    most = np.array([share.most for share in holding.shares])
    return exposed(limits, provider, least, most, n, given.seed)
