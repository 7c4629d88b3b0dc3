"""What people do: sessions of looks that follow a taste, likeness and what goes together; then carts and purchases."""

import numpy as np
from numpy.typing import NDArray

from services.producers.simulator.names import CATEGORIES
from services.producers.simulator.parameters import DAY_MS, HOUR_MS, Parameters
from services.producers.simulator.rows import (
    CART,
    CLICK,
    FAVORITE,
    PURCHASE,
    RATING,
    RETURN,
    VIEW,
    Rows,
    joined,
    no_rows,
    rows,
)
from services.producers.simulator.world import COMPLEMENTS, SIMILAR, TASTE, World

Ints = NDArray[np.int64]
GO_ON = 0.85  # chance of one more look
LIKE_LAST, WITH_LAST, AFTER_CART = (
    0.34,
    0.16,
    0.6,
)  # a like item · what goes with it · that, once in the cart
CARTED, BOUGHT, MARKED, CLICKED = 0.10, 0.45, 0.04, 0.15
RATED, RETURNED = 0.15, 0.04  # of purchases, a day or so later
MAX_LOOKS = 60
GAP_MS = 25_000
_TRIES = 3  # items of a category that are considered at once
_MEDIANS = np.log([c.price for c in CATEGORIES])


def sessions(world: World, p: Parameters, starts: Ints, first: int, rng: np.random.Generator) -> Rows:
    """All events of the sessions that begin at ``starts``; they are numbered from ``first``."""
    n = len(starts)
    if not n:
        return no_rows()
    user = np.searchsorted(world.users.activity, rng.random(n)).clip(max=p.users - 1)
    _drift(world, p, user, starts, rng)
    preference = np.exp(world.users.taste[user] + world.category_taste)
    wishes = np.cumsum(preference, axis=1)
    parts: list[Rows] = []
    at, now, last, carted = np.arange(n), starts.copy(), np.full(n, -1), np.zeros(n, dtype=bool)
    for _ in range(MAX_LOOKS):
        item = _next_item(world, user[at], wishes[at], last[at], carted[at], now[at], rng)
        last[at] = item
        kind = np.where(rng.random(len(at)) < CLICKED, CLICK, VIEW)
        parts.append(rows(now[at], kind, user[at], item, first + at))
        bought, more = _decide(world, now[at], user[at], item, first + at, rng)
        parts += more
        carted[at] = bought
        now[at] += (rng.lognormal(0, 0.9, len(at)) * GAP_MS).astype(np.int64) + 1000
        at = at[rng.random(len(at)) < GO_ON]
        if not len(at):
            break
    return joined(parts)


def _drift(world: World, p: Parameters, user: Ints, when: Ints, rng: np.random.Generator) -> None:
    """Move the tastes of those who come back: a random walk that stays within its bounds."""
    who, at = np.unique(user, return_index=True)
    days = np.maximum(when[at] - world.users.seen[who], 0) / DAY_MS
    kept = np.exp(-days / p.drift_days)[:, None]
    moved = rng.normal(0, TASTE, (len(who), len(CATEGORIES)))
    world.users.taste[who] = kept * world.users.taste[who] + np.sqrt(1 - kept**2) * moved
    world.users.seen[who] = when[at]


def _next_item(
    world: World,
    user: Ints,
    wishes: NDArray[np.float64],
    last: Ints,
    carted: NDArray[np.bool_],
    now: Ints,
    rng: np.random.Generator,
) -> Ints:
    n = len(user)
    chance = rng.random(n)
    item = _wished(world, user, _category_of(wishes, rng), now, rng)
    along = last >= 0
    with_last = np.where(carted, AFTER_CART, WITH_LAST)
    rank = np.minimum(rng.geometric(0.35, n) - 1, SIMILAR - 1)
    near = np.where(
        chance < with_last,
        world.items.complements[last, np.minimum(rank, COMPLEMENTS - 1)],
        world.items.similar[last, rank],
    )
    follows = along & (chance < with_last + LIKE_LAST) & (world.items.born[near] <= now)
    item = np.where(follows, near, item)
    for burst in world.bursts:
        hot = (now >= burst.start) & (now < burst.end)
        if hot.any():
            hot &= rng.random(n) < burst.share
            where = np.full(int(hot.sum()), burst.category)
            item[hot] = burst.item if burst.item >= 0 else _wished(world, user[hot], where, now[hot], rng)
    return item


def _category_of(wishes: NDArray[np.float64], rng: np.random.Generator) -> Ints:
    drawn = rng.random(len(wishes)) * wishes[:, -1]
    passed: Ints = (wishes[:, :-1] < drawn[:, None]).sum(axis=1)
    return passed


def _wished(world: World, user: Ints, category: Ints, now: Ints, rng: np.random.Generator) -> Ints:
    """Of some popular items of the category the one nearest to the user's style and budget."""
    n = len(user)
    picks = np.zeros((n, _TRIES), dtype=np.int64)
    for c in np.unique(category):
        mine = np.flatnonzero(category == c)
        there = np.searchsorted(world.shelf.born[c], now[mine], side="right")
        total = world.shelf.total[c]
        place = np.searchsorted(total, rng.random((len(mine), _TRIES)) * total[there - 1][:, None])
        picks[mine] = world.shelf.order[world.shelf.start[c] + np.minimum(place, (there - 1)[:, None])]
    level = np.log(world.items.price[picks]) - _MEDIANS[category][:, None] - world.users.budget[user][:, None]
    score = 1.5 * (world.items.style[picks] == world.users.style[user][:, None]) - np.abs(level)
    best: Ints = picks[np.arange(n), np.argmax(score, axis=1)]
    return best


def _decide(
    world: World, now: Ints, user: Ints, item: Ints, session: Ints, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], list[Rows]]:
    """Who puts the item into the cart, and all that comes of it."""
    n = len(now)
    chance = rng.random((5, n))
    carted = chance[0] < CARTED
    bought = carted & (chance[1] < BOUGHT)
    later = (rng.uniform(0.5, 2.0, n) * DAY_MS).astype(np.int64)
    price = world.items.price[item]
    stars = np.clip(np.round(rng.normal(4.0, 1.0, n)), 1, 5)
    found = []
    for mask, after, kind, value in (
        (carted, 4000, CART, price),
        (chance[2] < MARKED, 3000, FAVORITE, None),
        (bought, rng.integers(60_000, HOUR_MS // 6, n), PURCHASE, price),
        (bought & (chance[3] < RATED), later, RATING, stars),
        (bought & (chance[4] < RETURNED), later + HOUR_MS, RETURN, price),
    ):
        if mask.any():
            worth = None if value is None else value[mask]
            found.append(rows((now + after)[mask], kind, user[mask], item[mask], session[mask], worth))
    return carted, found
