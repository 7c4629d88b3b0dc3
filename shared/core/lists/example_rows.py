"""Examples for the ranker: what a user chose, and a sample of the candidates that stood beside it."""

from dataclasses import dataclass

import numpy as np

from shared.core.arithmetic.draws import following
from shared.core.kernel import Halves, Ints, Keys, kernel
from shared.core.lists.features import Situation, described

OTHERS = 31
"""Of an example, beside what was chosen."""
NONE = -1


@dataclass(frozen=True)
class Choices:
    """What users chose: ``user`` int32[n] (row of a :class:`Situation`), ``item`` int32[n] (cache slot), ``draw``
    uint64[n]: seeds of the samples, so that a log has the same examples whenever it is folded.
    """

    user: Ints
    item: Ints
    draw: Keys

    def of_users(self, first: int, stop: int) -> tuple[Ints, "Choices"]:
        """Where those of the users from ``first`` to ``stop`` stand; those, the first of these users being 0."""
        mine = np.flatnonzero((self.user >= first) & (self.user < stop)).astype(np.int32)
        return mine, Choices(self.user[mine] - np.int32(first), self.item[mine], self.draw[mine])


@dataclass(frozen=True)
class Sample:
    """Of n choices: ``rows`` float16[n, OTHERS + 1, features], the chosen one first; ``sizes`` int32[n], how many of
    them there are, 0 for a choice that was no candidate; ``candidates`` int32[n] that its user had; ``segments``
    int32[n].
    """

    rows: Halves
    sizes: Ints
    candidates: Ints
    segments: Ints

    def put(self, places: Ints, part: "Sample") -> None:
        """Those of other choices, at these places."""
        self.rows[places], self.sizes[places] = part.rows, part.sizes
        self.candidates[places], self.segments[places] = part.candidates, part.segments


def room_for_sample(choices: int, features: int) -> Sample:
    """Zeros."""
    rows = np.zeros((choices, OTHERS + 1, features), dtype=np.float16)
    return Sample(rows, *(np.zeros(choices, dtype=np.int32) for _ in range(3)))


def sampled(at: Situation, choices: Choices) -> Sample:
    """What stood beside them; only what is drawn is described. O(n · (candidates + features))."""
    user = choices.user
    places = np.full((len(user), OTHERS + 1), NONE, dtype=np.int32)
    draw_places(at.found.items, at.found.counts, user, choices.item, choices.draw, places)
    rows = described(at, np.repeat(user, OTHERS + 1), places.ravel())
    return Sample(
        rows.astype(np.float32).astype(np.float16).reshape(*places.shape, rows.shape[1]),
        np.count_nonzero(places != NONE, axis=1).astype(np.int32),
        at.found.counts[user],
        at.segments[user],
    )


@kernel
def draw_places(items: Ints, counts: Ints, users: Ints, chosen: Ints, draws: Keys, places: Ints) -> None:
    """Per choice its place among the user's candidates, then others': Floyd's sampling, by a xorshift generator from
    the seed. ``places`` int32[n, OTHERS + 1], -1 before and beyond.
    """
    for n in range(len(users)):
        user, count, at, picked = users[n], counts[users[n]], NONE, places[n]
        for place in range(count):
            if items[user, place] == chosen[n]:
                at = place
        if at == NONE:
            continue
        others = count - 1
        size, state = min(len(picked) - 1, others), draws[n] | np.uint64(1)
        picked[0] = at
        for k in range(size):
            top = others - size + k
            state = following(state)
            picked[1 + k] = drawn_place(picked[1 : 1 + k], int((state >> np.uint64(11)) % np.uint64(top + 1)), top)
        for k in range(size):
            picked[1 + k] += picked[1 + k] >= at


@kernel
def drawn_place(earlier: Ints, place: int, top: int) -> int:
    """The last one there is in place of one that was drawn before."""
    for other in earlier:
        if other == place:
            return top
    return place
