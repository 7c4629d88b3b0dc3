"""Taste: what items have in common that users like together, as vectors learned from what users chose after what.

Of each item ``inner`` says what having met it tells of a user, ``outer`` what is asked of who may want it, ``bias`` how
wanted it is anyway. A user is the sum of the inner vectors of their newest n items over √n, so nobody has a vector of
their own to be kept, moved or forgotten; score = user · outer + bias. An asymmetric factor model (Paterek, 2007; FISM:
Kabbur, Ning and Karypis, 2013), online: one step of sampled softmax per choice against evenly drawn items, with AdaGrad
per item. What neighbours cannot say, since it takes all of a long history, this does.
"""

import numpy as np

from shared.contracts.rank_views import TasteView
from shared.core.arithmetic.draws import draws
from shared.core.kernel import Flags, Ints, Keys, Singles
from shared.core.lists.taste_kernels import SIZE, learn_sequences
from shared.core.profiles.taste_steps import Sequences
from shared.core.tables.interning import Interner, grown
from shared.core.tables.kin import ITEM_IDS
from shared.core.tables.segments import Segments, of_table, pack, put_rows, slices, unpack

FIRST_INNER = 0.35
"""Inner vectors begin evenly within this, by a digest of the item; outer ones at 0: nothing is said of a new item."""
MATURE = 500
"""Steps before anything is published: vectors of fewer say nothing."""
BY_ITEM = ("inner", "outer", "bias", "inner_squares", "outer_squares")


class Taste:
    """At most ``bound`` items. ``inner`` and ``outer`` float32[slots, SIZE], ``bias`` float32[slots], sums of squared
    gradients ``inner_squares`` and ``outer_squares`` float32[slots], ``live`` bool[slots].
    """

    def __init__(self, bound: int) -> None:
        self.items = Interner(bound, ITEM_IDS)
        capacity = self.items.capacity
        self.inner: Singles = np.zeros((capacity, SIZE), dtype=np.float32)
        self.outer: Singles = np.zeros((capacity, SIZE), dtype=np.float32)
        self.bias: Singles = np.zeros(capacity, dtype=np.float32)
        self.inner_squares: Singles = np.ones(capacity, dtype=np.float32)
        self.outer_squares: Singles = np.ones(capacity, dtype=np.float32)
        self.live: Flags = np.zeros(capacity, dtype=np.bool_)
        self.learned = 0

    def learn(self, met: Sequences, drawn: Keys) -> None:
        """Each step of the sequences of one record in turn; ``drawn`` uint64[steps]: a digest of each one's place, by
        which the items beside it are drawn. O(steps · (history + 20) · SIZE).
        """
        slots = self.items.intern_keyed(met.items.keys, met.items)
        self._hold()
        self._begin(slots)
        self.learned += learn_sequences(
            slots[met.sequence],
            met.lengths,
            met.steps,
            drawn,
            self.inner,
            self.outer,
            self.bias,
            self.inner_squares,
            self.outer_squares,
            self.live,
            len(self.items.names),
        )
        self.live[self.items.evict()] = False

    def _hold(self) -> None:
        if (capacity := self.items.capacity) > len(self.bias):
            for name in (*BY_ITEM, "live"):
                setattr(self, name, grown(getattr(self, name), capacity))

    def _begin(self, slots: Ints) -> None:
        for slot in slots[~self.live[slots]].tolist():
            digits = draws(int(self.items.keys[slot]), np.arange(SIZE))
            self.inner[slot] = ((digits >> np.uint64(11)) / 2.0**52 - 1.0) * FIRST_INNER
            self.outer[slot], self.bias[slot] = 0.0, 0.0
            self.inner_squares[slot] = self.outer_squares[slot] = 1.0
            self.live[slot] = True

    def view(self) -> TasteView | None:
        """What ``model:taste`` says as of now, if anything."""
        if self.learned < MATURE:
            return None
        live = np.flatnonzero(self.live)
        names = [self.items.names[slot] for slot in live.tolist()]
        inner, outer = (vectors[live].astype("<f2").tobytes() for vectors in (self.inner, self.outer))
        return TasteView(self.learned, names, inner, outer, self.bias[live].astype("<f4").tobytes())

    def take(self) -> Segments:
        """The state as segments."""
        taken = {"taste/0": pack({}, learned=self.learned)} | self.items.take("taste-items")
        for name, part in slices("taste-vectors", len(self.items.names), 8 * SIZE + 12):
            taken[name] = pack({column: self._clean(column, part) for column in BY_ITEM}, part.start)
        return taken

    def _clean(self, column: str, part: slice) -> np.ndarray:
        """What stands where no item is does not matter: equal states have equal bytes."""
        rows: np.ndarray = getattr(self, column)[part].copy()
        rows[~self.live[part]] = 0.0
        return rows

    @classmethod
    def restore(cls, bound: int, segments: Segments) -> "Taste":
        """The state that was taken."""
        made = cls(bound)
        made.learned = unpack(segments["taste/0"]).values["learned"]
        made.items = Interner.restore(bound, segments, "taste-items", ITEM_IDS)
        made._hold()
        for segment in of_table(segments, "taste-vectors"):
            put_rows(made, BY_ITEM, segment)
        made.live[made.items.live()] = True
        return made
