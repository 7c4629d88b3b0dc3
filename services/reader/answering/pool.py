"""Candidates of one answer as they are found, list after list, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import ge

import numpy as np

from services.reader.answering.offers import Offer
from services.reader.asked.asking import Ask, shown_digest
from services.reader.store.reading import Listed
from shared.contracts.views import SCORE_DIGITS, View
from shared.core.answers.catalogue_columns import CatalogueColumns
from shared.core.answers.catalogue_entry import Entry
from shared.core.answers.fusion import MAX_RANK, SCALE, Picked
from shared.core.answers.joining import Person
from shared.core.answers.selection import NO_SLOTS, Kept
from shared.core.kernel import Floats, Ints

NOBODY: frozenset[str] = frozenset()
PERSONAL = "personal"
PINNED = "pin"
LONGEST = 2 * MAX_RANK  # places: the largest offset and the largest n
ROUNDED = [round(SCALE / (SCALE + rank), SCORE_DIGITS) for rank in range(LONGEST)]
NO_FACTORS: Floats = np.empty(0)


@dataclass(slots=True)
class Taking:
    """Whom an answer is for, ``user`` as the seed of draws; items ``taken`` by other rows are not in it."""

    person: Person
    ask: Ask
    user: str = ""
    taken: frozenset[str] = NOBODY
    explores: bool = False


@dataclass(slots=True)
class Chosen:
    """An answer's items, three columns; ``source`` and ``view`` are those of the first list that gave any. ``entries``:
    what the catalogue says of the items, if fields are asked for.
    """

    source: str = ""
    view: View | Listed | None = None
    items: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    entries: list[Entry | None] = field(default_factory=list)
    degraded: bool = False

    def insert(self, place: int, item: str, why: str, most: int) -> None:
        """Let an item that is not here yet have a place; those below move down, the last one out. Scores stay with the
        places.
        """
        if item in self.items:
            return
        self.items.insert(place, item)
        self.why.insert(place, why)
        del self.items[most:], self.why[most:]
        if len(self.scores) < len(self.items):
            self.scores.append(self.scores[-1])

    def page(self, start: int, end: int) -> None:
        """Keep these places only."""
        if start or len(self.items) > end:
            self.items, self.scores, self.why = self.items[start:end], self.scores[start:end], self.why[start:end]


class Pool(Chosen):
    """Chosen before they are in order. ``weights`` float64[m]: what each place is multiplied by."""

    def __init__(self, taking: Taking, columns: CatalogueColumns) -> None:
        super().__init__()
        self.weights = NO_FACTORS
        self._columns = columns
        self._slots, self._moved = NO_SLOTS, columns.moved
        self.ask = taking.ask
        self._seen = taking.person.view.seen if taking.person.view is not None else ()

    def slots(self) -> Ints:
        """Of the items, int32[m]: found anew if any item has left the catalogue's columns."""
        if self._moved != self._columns.moved:
            self._slots, self._moved = self._columns.slots(self.items), self._columns.moved
        return self._slots

    def unseen(self, offer: Offer) -> Picked:
        """The columns of a list without what is here, was on an earlier page, or may not be added for this user."""
        picked, shown = offer.picked, self.ask.shown
        hidden = set(self.items)
        if self._seen and offer.source != PERSONAL:
            hidden.update(self._seen)
        if not hidden and not shown:
            return picked
        places = [
            place
            for place, item in enumerate(picked.items)
            if item not in hidden and not (shown and self.on_earlier_page(item))
        ]
        return Picked(
            [picked.items[n] for n in places], [picked.scores[n] for n in places], [picked.why[n] for n in places]
        )

    def allowed(self, item: str) -> bool:
        """Whether something that is in none of the lists may be added for this user, on this page."""
        return item not in self._seen and not self.on_earlier_page(item)

    def on_earlier_page(self, item: str) -> bool:
        return self.ask.shown is not None and shown_digest(item) in self.ask.shown

    def add(self, offer: Offer, columns: Picked, left: Kept) -> None:
        """What is left of a list stands behind what is here."""
        places = left.places.tolist()
        if not places:
            return
        if not self.source:
            self.source, self.view = offer.source, offer.view
        if not self.items and len(places) == len(columns.items):
            self._extend(columns.items[:], columns.scores[:], columns.why[:], left)
            return
        items, scores, why = columns.items, columns.scores, columns.why
        self._extend([items[n] for n in places], [scores[n] for n in places], [why[n] for n in places], left)

    def pin(self, items: Sequence[str], left: Kept) -> None:
        """Of pinned items those that may be shown, before all lists."""
        names = [items[n] for n in left.places.tolist()]
        self._extend(names, [0.0] * len(names), [PINNED] * len(names), left)

    def explore(self, drawn: Sequence[tuple[int, str]], left: Kept, why: str) -> list[tuple[int, int]]:
        """Have what is left of the ``drawn``, (place, item), be candidates, the last: (place, candidate) of each."""
        known = {item: n for n, item in enumerate(self.items)}
        wanted = [drawn[n] for n in left.places.tolist()]
        new = [n for n, (_, item) in enumerate(wanted) if item not in known]
        names = [wanted[n][1] for n in new]
        self._extend(
            names, [0.0] * len(new), [why] * len(new), Kept(left.places[new], left.slots[new], left.factors[new])
        )
        known |= {item: n for n, item in enumerate(self.items)}
        for _, item in wanted:
            self.why[known[item]] = why
        return [(place, known[item]) for place, item in wanted]

    def _extend(self, items: list[str], scores: list[float], why: list[str], left: Kept) -> None:
        before = self.slots()
        if self.items:
            self.items += items
            self.scores += scores
            self.why += why
            self._slots = np.concatenate((before, left.slots))
            self.weights = np.concatenate((self.weights, left.factors))
        else:
            self.items, self.scores, self.why = items, scores, why
            self._slots, self.weights = left.slots, left.factors

    def in_order(self, order: list[int]) -> Chosen:
        """These places in this order. Where it is not the list's own, scores are those of ranks: they descend in every
        answer.
        """
        length = len(order)
        scores = self.scores[:length]
        if order == list(range(length)):
            items, why, scores = self.items[:length], self.why[:length], own_scores(scores)
        else:
            items, why, scores = [self.items[n] for n in order], [self.why[n] for n in order], ROUNDED[:length]
        return Chosen(self.source, self.view, items, scores, why, degraded=self.degraded)


def own_scores(scores: list[float]) -> list[float]:
    """A list's own in its own order, if they descend; those of ranks if not."""
    return scores if all(map(ge, scores, scores[1:])) else ROUNDED[: len(scores)]


def part_of(columns: Picked, start: int, end: int) -> Picked:
    """Some places of a list."""
    if not start and end >= len(columns.items):
        return columns
    return Picked(columns.items[start:end], columns.scores[start:end], columns.why[start:end])
