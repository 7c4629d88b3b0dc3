"""The storefront itself: items with category, style, brand, price, birth and what goes with them; users with tastes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.producers.simulator.names import BRANDS, CATEGORIES, COUNTRIES, DEVICES, STYLES, title_of
from services.producers.simulator.parameters import HOUR_MS, Parameters
from shared.contracts.catalogue import ItemRecord

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SIMILAR, COMPLEMENTS = 8, 4  # kept per item
_CANDIDATES = 48  # looked at per item to find those
_BLOCK = 50_000  # items at a time


@dataclass(frozen=True)
class Items:
    """Columns over items; ``similar`` and ``complements`` hold item numbers, the nearest first."""

    category: Ints
    style: Ints
    brand: Ints
    price: Floats
    born: Ints  # epoch ms
    weight: Floats
    similar: Ints
    complements: Ints
    titles: list[str]

    def __len__(self) -> int:
        return len(self.category)


@dataclass(frozen=True)
class Shelf:
    """Items grouped by category and, within, by birth, so that what is born by now is a prefix with a total weight."""

    order: Ints
    start: Ints  # per category, into order; one more at the end
    born: list[Ints]  # per category, ascending
    total: list[Floats]  # per category, running weight


@dataclass(frozen=True)
class Users:
    """``taste`` is what changes while the storefront runs: one row of preferences per user."""

    activity: Floats  # running total, up to 1
    taste: Floats
    seen: Ints  # when the taste was last moved
    style: Ints
    budget: Floats  # log price that the user likes, against the category's median
    device: Ints
    country: Ints


@dataclass(frozen=True)
class Burst:
    """From ``start`` to ``end`` a share of all looks goes to one item, or (item is -1) to one category."""

    start: int
    end: int
    item: int
    category: int
    share: float


@dataclass(frozen=True)
class World:
    items: Items
    shelf: Shelf
    users: Users
    category_taste: Floats
    bursts: tuple[Burst, ...]


def build_world(parameters: Parameters) -> World:
    """All that is random before the first session."""
    rng = np.random.default_rng([parameters.seed, 1])
    items = _items(parameters, rng)
    users = _users(parameters, rng)
    return World(items, _shelf(items), users, rng.normal(0, 0.5, len(CATEGORIES)), _bursts(parameters, items, rng))


def _items(p: Parameters, rng: np.random.Generator) -> Items:
    n = p.items
    category = np.arange(n) % len(CATEGORIES)
    style = rng.integers(0, len(STYLES), n)
    price = np.array([c.price for c in CATEGORIES])[category] * rng.lognormal(0, 0.45, n)
    new = rng.random(n) < p.new_item_share
    new[: len(CATEGORIES)] = False  # no category is ever empty
    born = p.start_ms + np.where(new, rng.random(n) * p.duration_ms, 0).astype(np.int64)
    brand = (category * 5 + rng.integers(0, 5, n)) % len(BRANDS)
    weight = rng.lognormal(0, 1.0, n)
    similar = _nearest(category, category, style, price, SIMILAR, rng)
    partner = _partners()[category, rng.integers(0, 2, n)]
    complements = _nearest(category, partner, style, price, COMPLEMENTS, rng)
    titles = [title_of(CATEGORIES[c], int(style[i]), i // len(CATEGORIES)) for i, c in enumerate(category)]
    return Items(category, style, brand, np.round(price, 2), born, weight, similar, complements, titles)


def _partners() -> Ints:
    """Two categories that complete each category."""
    number = {c.name: n for n, c in enumerate(CATEGORIES)}
    return np.array([[number[c.goes_with[0]], number[c.goes_with[-1]]] for c in CATEGORIES])


def _nearest(category: Ints, wanted: Ints, style: Ints, price: Floats, keep: int, rng: np.random.Generator) -> Ints:
    """For each item the ``keep`` best of some items of the wanted category: same style, like price level."""
    n, width = len(category), len(CATEGORIES)
    level = np.log(price) - np.log(np.array([c.price for c in CATEGORIES]))[category]
    sizes = np.bincount(category, minlength=width)
    found = np.empty((n, keep), dtype=np.int64)
    for a in range(0, n, _BLOCK):
        rows = np.arange(a, min(n, a + _BLOCK))
        of = np.where(sizes[wanted[rows]] > 0, wanted[rows], category[rows])
        picks = of[:, None] + width * (rng.random((len(rows), _CANDIDATES)) * sizes[of][:, None]).astype(np.int64)
        score = (style[picks] == style[rows][:, None]) - np.abs(level[picks] - level[rows][:, None])
        score[picks == rows[:, None]] = -np.inf
        best = np.argsort(-score, axis=1, kind="stable")[:, :keep]
        found[rows] = np.take_along_axis(picks, best, axis=1)
    return found


def _shelf(items: Items) -> Shelf:
    order = np.lexsort((items.born, items.category))
    start = np.searchsorted(items.category[order], np.arange(len(CATEGORIES) + 1))
    groups = [order[start[c] : start[c + 1]] for c in range(len(CATEGORIES))]
    return Shelf(order, start, [items.born[g] for g in groups], [np.cumsum(items.weight[g]) for g in groups])


def _users(p: Parameters, rng: np.random.Generator) -> Users:
    n = p.users
    activity = np.cumsum(rng.lognormal(0, 1.0, n))
    return Users(
        activity / activity[-1],
        rng.normal(0, TASTE, (n, len(CATEGORIES))),
        np.full(n, p.start_ms, dtype=np.int64),
        rng.integers(0, len(STYLES), n),
        rng.normal(0, 0.4, n),
        np.minimum(rng.geometric(0.6, n) - 1, len(DEVICES) - 1),
        np.minimum(rng.geometric(0.4, n) - 1, len(COUNTRIES) - 1),
    )


TASTE = 1.8  # spread of a user's preferences: e^1.8 between one category and the next


def _bursts(p: Parameters, items: Items, rng: np.random.Generator) -> tuple[Burst, ...]:
    """Some three a day, of one to three hours, or a tenth of a short time."""
    count = max(2, round(3 * p.duration_ms / (24 * HOUR_MS)))
    found = []
    for n in range(count):
        length = int(min(rng.uniform(1, 3) * HOUR_MS, p.duration_ms / 10))
        start = p.start_ms + int(rng.random() * (p.duration_ms - length))
        there = np.flatnonzero(items.born <= start)
        item = int(rng.choice(there))
        whole = n % 2 == 1
        found.append(Burst(start, start + length, -1 if whole else item, int(items.category[item]), 0.12))
    return tuple(sorted(found, key=lambda b: b.start))


def item_id(number: int) -> str:
    return f"P{number:05d}"


def user_id(number: int) -> str:
    return f"u{number:06d}"


def busiest(world: World, most: int) -> list[str]:
    """Ids of the users who come most often, the busiest first."""
    shares = np.diff(world.users.activity, prepend=0.0)
    return [user_id(number) for number in np.argsort(-shares, kind="stable")[:most].tolist()]


def item_record(items: Items, number: int) -> ItemRecord:
    """The catalogue's word on an item."""
    return ItemRecord(
        item_id=item_id(number),
        title=items.titles[number],
        categories=CATEGORIES[items.category[number]].path,
        brand=BRANDS[items.brand[number]],
        price=float(items.price[number]),
        tags=[STYLES[items.style[number]]],
        published_at=int(items.born[number]),
    )
