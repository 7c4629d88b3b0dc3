"""Problems of arranging an answer, and the plain way to do it."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from shared.core.answers.caps import capped
from shared.core.answers.diversity import EMBEDDED, SAME_BRAND, UNLIMITED, Kinds, Limits, diverse
from shared.core.answers.fusion import RANK_SCORES
from shared.core.kernel import Floats

Pins = list[tuple[int, int]]


@dataclass(frozen=True)
class Problem:
    relevance: Floats
    kinds: Kinds
    familiar: Floats
    strength: float
    limits: Limits
    pins: Pins
    n: int

    def solved(self) -> list[int]:
        order: list[int] = diverse(
            self.relevance,
            self.kinds,
            self.strength,
            self.n,
            familiar=self.familiar,
            limits=self.limits,
            pins=self.pins,
        ).tolist()
        return order


def kinds(categories: list[list[int]], brands: list[int], vectors: list[list[float]] | None = None) -> Kinds:
    width = max(map(len, categories), default=0)
    rows = [row + [-1] * (width - len(row)) for row in categories]
    made = np.array(vectors, dtype=np.float32) if vectors else np.empty((len(brands), 0), dtype=np.float32)
    table = np.array(rows, dtype=np.int32).reshape(len(brands), width)
    return Kinds(table, np.array(brands, dtype=np.int32), made)


VECTORS = st.sampled_from([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [-1.0, 0.0]])


@st.composite
def some_kinds(draw: st.DrawFn, m: int) -> Kinds:
    categories = draw(st.lists(st.lists(st.integers(0, 4), max_size=3, unique=True), min_size=m, max_size=m))
    brands = draw(st.lists(st.integers(-1, 2), min_size=m, max_size=m))
    vectors = draw(st.none() | st.lists(VECTORS, min_size=m, max_size=m))
    return kinds(categories, brands, vectors)


@st.composite
def problems(draw: st.DrawFn, *, pinned: bool = True, shares: bool = True) -> Problem:
    m = draw(st.integers(0, 12))
    n = draw(st.integers(0, 14))
    made = draw(some_kinds(m))
    limits = UNLIMITED
    if shares and draw(st.booleans()):
        provider = np.array(draw(st.lists(st.integers(-1, 1), min_size=m, max_size=m)), dtype=np.int32)
        limits = Limits(provider=provider, least=np.array(draw(st.tuples(*[st.integers(0, 3)] * 2)), dtype=np.int32))
    caps = [(made.brands, most) for most in draw(st.lists(st.integers(0, 4), max_size=2))]
    pins: Pins = []
    if pinned and m:
        places = draw(st.lists(st.integers(0, 15), max_size=3, unique=True))
        items = (
            draw(st.lists(st.integers(0, m - 1), min_size=len(places), max_size=len(places), unique=True))
            if (len(places) <= m)
            else []
        )
        pins = list(zip(places, items, strict=False))
    familiar = np.array(draw(st.lists(st.sampled_from([0.0, 0.1, 0.5]), min_size=m, max_size=m)))
    relevance = np.array(RANK_SCORES[:m])
    strength = draw(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
    return Problem(relevance, made, familiar, strength, capped(limits, caps), pins, n)


def likeness(made: Kinds, i: int, j: int) -> float:
    one = {c for c in made.categories[i].tolist() if c >= 0}
    other = {c for c in made.categories[j].tolist() if c >= 0}
    found = SAME_BRAND if made.brands[i] == made.brands[j] >= 0 else 0.0
    found += (1 - SAME_BRAND) * len(one & other) / len(one | other) if one & other else 0.0
    if made.vectors.shape[1] and made.vectors[i].any() and made.vectors[j].any():
        cosine = min(max(float(made.vectors[i].astype(float) @ made.vectors[j].astype(float)), 0.0), 1.0)
        found = (1 - EMBEDDED) * found + EMBEDDED * cosine
    return found


def plainly(problem: Problem) -> list[int]:
    """The same answer, by looking at everything again for each place."""
    n = min(problem.n, len(problem.relevance))
    pins = {place: item for place, item in problem.pins if place < n}
    taken = [pins[place] for place in sorted(pins)]
    chosen: list[int] = []
    for place in range(n):
        if place in pins:
            chosen.append(pins[place])
            continue
        possible = [i for i in range(len(problem.relevance)) if i not in taken and not barred(problem, taken, i)]
        owed = outstanding(problem, taken)
        due = sum(owed) >= n - place - sum(where > place for where in pins)
        first = [i for i in possible if due and problem.limits.provider[i] >= 0 and owed[problem.limits.provider[i]]]
        if possible:
            best = max(first or possible, key=lambda i: (worth(problem, taken, i), -i))
            chosen.append(best)
            taken.append(best)
    return chosen


def worth(problem: Problem, placed: list[int], i: int) -> float:
    mean = sum(likeness(problem.kinds, i, j) for j in placed) / max(len(placed), 1)
    excess = max(mean - float(problem.familiar[i]), 0.0)
    return (1 - problem.strength) * float(problem.relevance[i]) - problem.strength * excess


def barred(problem: Problem, placed: list[int], i: int) -> bool:
    return any(
        sum(int(row[j]) == int(row[i]) >= 0 for j in placed) >= most[i]
        for row, most in zip(problem.limits.groups, problem.limits.most, strict=True)
    )


def outstanding(problem: Problem, placed: list[int]) -> list[int]:
    provider = problem.limits.provider.tolist()
    return [
        max(min(int(least), provider.count(p)) - sum(provider[j] == p for j in placed), 0)
        for p, least in enumerate(problem.limits.least)
    ]
