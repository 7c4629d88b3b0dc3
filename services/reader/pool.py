"""Candidates of one answer as they are found, list after list, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import ge

from services.reader.asking import Ask, shown_digest
from services.reader.offers import Offer
from shared.contracts.views import View
from shared.core.catalogue_entry import Entry
from shared.core.fusion import MAX_RANK, RANK_SCORES, Picked
from shared.core.joining import Person
from shared.core.selection import Kept

NOBODY: frozenset[str] = frozenset()
ORDER = list(range(MAX_RANK))
PERSONAL = "personal"
PINNED = "pin"


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
    """An answer's items, four columns. ``source`` and ``view`` are those of the first list that gave any."""

    source: str = ""
    view: View | None = None
    items: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    entries: list[Entry | None] = field(default_factory=list)
    degraded: bool = False

    def insert(self, place: int, item: str, why: str, entry: Entry | None, most: int) -> None:
        """Let an item that is not here yet have a place; those below move down, the last one out. Scores stay with the
        places.
        """
        if item in self.items:
            return
        self.items.insert(place, item)
        self.why.insert(place, why)
        self.entries.insert(place, entry)
        del self.items[most:], self.why[most:], self.entries[most:]
        if len(self.scores) < len(self.items):
            self.scores.append(self.scores[-1])


class Pool(Chosen):
    """Chosen before they are in order. ``weights``: what each place is multiplied by."""

    def __init__(self, taking: Taking) -> None:
        super().__init__()
        self.weights: list[float] = []
        self._shown = taking.ask.shown
        self._seen = frozenset(taking.person.view.seen) if taking.person.view is not None else NOBODY
        self._taken: set[str] = set()

    def unseen(self, offer: Offer) -> Picked:
        """The columns of a list without what is here, was on an earlier page, or may not be added for this user."""
        picked, shown = offer.picked, self._shown
        hidden: set[str] | frozenset[str] = self._taken
        if self._seen and offer.source != PERSONAL:
            hidden = self._seen.union(hidden)
        if not hidden and not shown:
            return picked
        places = [
            place
            for place, item in enumerate(picked.items)
            if item not in hidden and not (shown and self._on_earlier_page(item))
        ]
        return Picked(
            [picked.items[n] for n in places], [picked.scores[n] for n in places], [picked.why[n] for n in places]
        )

    def allowed(self, item: str) -> bool:
        """Whether something that is in none of the lists may be added for this user, on this page."""
        return item not in self._seen and not self._on_earlier_page(item)

    def _on_earlier_page(self, item: str) -> bool:
        return self._shown is not None and shown_digest(item) in self._shown

    def add(self, offer: Offer, columns: Picked, left: Kept) -> None:
        """What is left of a list stands behind what is here."""
        if not left.places:
            return
        if not self.source:
            self.source, self.view = offer.source, offer.view
        self._extend([columns.items[n] for n in left.places], [columns.scores[n] for n in left.places], left)
        self.why += [columns.why[n] for n in left.places]

    def pin(self, items: Sequence[str], left: Kept) -> None:
        """Of pinned items those that may be shown, before all lists."""
        names = [items[n] for n in left.places]
        self._extend(names, [0.0] * len(names), left)
        self.why += [PINNED] * len(names)

    def _extend(self, items: list[str], scores: list[float], left: Kept) -> None:
        self.items += items
        self.scores += scores
        self.entries += left.entries
        self.weights += left.factors
        self._taken.update(items)

    def in_order(self, order: list[int]) -> Chosen:
        """These places in this order. Where it is not the list's own, scores are those of ranks: they descend in every
        answer.
        """
        length, same = len(order), order == ORDER[: len(order)]
        if same and length == len(self.items) and _descend(self.scores):
            return self
        items = [self.items[n] for n in order]
        scores = self.scores[:length]
        if not same or not _descend(scores):
            scores = [round(score, 6) for score in RANK_SCORES[:length]]
        why, entries = [self.why[n] for n in order], [self.entries[n] for n in order]
        return Chosen(self.source, self.view, items, scores, why, entries, self.degraded)


def _descend(scores: list[float]) -> bool:
    return all(map(ge, scores, scores[1:]))


def part_of(columns: Picked, start: int, end: int) -> Picked:
    """Some places of a list."""
    return Picked(columns.items[start:end], columns.scores[start:end], columns.why[start:end])
