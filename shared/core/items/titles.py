"""Which terms items' titles have, in how many titles each one is, and through which items it goes.

A term is a run of letters and digits of the casefolded title in Unicode NFC, of two characters at least; of a title the
first :data:`TERMS` different ones count that brand and categories do not say already. A script that puts no spaces
between words has whole phrases as terms.
"""

import re
import unicodedata

import numpy as np

from shared.contracts.catalogue import ItemRecord
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel
from shared.core.tables.interning import grown, order_key
from shared.core.tables.segments import Segments, of_table, pack, slices

TERMS = 16
NONE, NOWHERE = 0, -1
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_TERM = re.compile(r"[^\W_]{2,}")


def terms_of(record: ItemRecord) -> list[str]:
    """In the title's order. O(length of the texts)."""
    said = {term for text in (record.brand or "", *record.categories) for term in _terms(text)}
    return [term for term in dict.fromkeys(_terms(record.title)) if term not in said][:TERMS]


def _terms(text: str) -> list[str]:
    return _TERM.findall(unicodedata.normalize("NFC", text.casefold()))


class Titles:
    """By item slot: ``terms`` int32[slots, 16] (numbers of terms, from 1 on; 0 beyond). By number of a term: its
    digest, and ``held_by``, how many items have it. ``titled``: items that have any.

    At most ``most_terms`` are known; what is new beyond that is left out of the title that brings it. A term that no
    item has is forgotten. The items of a term are a list through ``older`` and ``newer`` (places slot · 16 + n,
    -1 at the ends; anything where there is no term), the one filed last first. Numbers of terms are of this process: no
    result depends on them.
    ``marks``: of each item two words, each with a bit for each of its terms (:func:`mark_of`): titles that share no bit
    in one of them share no term. ``lengths``: squared, of titles' vectors, of those that were ``reckoned`` at this
    ``version`` (it grows with each change of a title, since each changes what terms weigh). ``seen``, by slot, and
    ``squares``, by term, are room for looking at one title: empty between.
    """

    def __init__(self, capacity: int, most_terms: int) -> None:
        self.terms: Ints = np.zeros((capacity, TERMS), dtype=np.int32)
        self.older: Ints = np.zeros(capacity * TERMS, dtype=np.int32)
        self.newer: Ints = np.zeros(capacity * TERMS, dtype=np.int32)
        self.held_by: Ints = np.zeros(TERMS, dtype=np.int32)
        self.newest: Ints = np.full(TERMS, NOWHERE, dtype=np.int32)
        self.marks: Keys = np.zeros((capacity, 2), dtype=np.uint64)
        self.lengths: Floats = np.zeros(capacity)
        self.reckoned: Longs = np.zeros(capacity, dtype=np.int64)
        self.seen: Flags = np.zeros(capacity, dtype=np.bool_)
        self.titled, self.version = 0, 1
        self.numbers: dict[int, int] = {}
        self.squares: Floats = np.zeros(TERMS)
        self._digests: Keys = np.zeros(TERMS, dtype=np.uint64)
        self._free: list[int] = []
        self._most_terms = most_terms

    def grow(self, capacity: int) -> None:
        self.terms = grown(self.terms, capacity)
        self.older, self.newer = grown(self.older, capacity * TERMS), grown(self.newer, capacity * TERMS)
        self.lengths, self.reckoned = grown(self.lengths, capacity), grown(self.reckoned, capacity)
        self.seen, self.marks = grown(self.seen, capacity), grown(self.marks, capacity)

    def file(self, slot: int, terms: list[str]) -> None:
        """The title of an item that has none here. O(terms)."""
        numbers = [n for term in terms if (n := self._number(order_key(term))) != NONE]
        if numbers:
            self.terms[slot, : len(numbers)] = numbers
            self._link(np.array([slot]))

    def unfile(self, slot: int) -> None:
        """The item has no title any more. O(terms)."""
        numbers = self.terms[slot][self.terms[slot] != NONE]
        if not len(numbers):
            return
        self.titled, self.version = self.titled - 1, self.version + 1
        self.marks[slot] = 0
        unlink(slot, self.terms, self.older, self.newer, self.newest, self.held_by)
        for number in numbers[self.held_by[numbers] == 0].tolist():
            del self.numbers[int(self._digests[number])]
            self._free.append(number)

    def _number(self, digest: int) -> int:
        """Of a term; 0 where there is no room for a new one."""
        number = self.numbers.get(digest, NONE)
        if number == NONE and len(self.numbers) < self._most_terms:
            number = self._free.pop() if self._free else len(self.numbers) + 1
            self._hold(number + 1)
            self.numbers[digest] = number
            self._digests[number] = digest
        return number

    def _hold(self, numbers: int) -> None:
        """Double until so many fit."""
        while numbers > len(self._digests):
            self._digests = grown(self._digests, 2 * len(self._digests))
            self.held_by = grown(self.held_by, len(self._digests))
            self.squares = grown(self.squares, len(self._digests))
            self.newest = grown(self.newest, len(self._digests), NOWHERE)

    def _link(self, slots: Longs) -> None:
        self.titled, self.version = self.titled + len(slots), self.version + 1
        link(slots, self.terms, self.older, self.newer, self.newest, self.held_by, self.marks)

    def take(self, rows: int) -> Segments:
        """The terms of the first ``rows`` slots, by digest."""
        taken = {}
        for name, part in slices("titles", rows, 1 + TERMS * self._digests.itemsize):
            numbers = self.terms[part]
            lengths = np.count_nonzero(numbers != NONE, axis=1).astype(np.uint8)
            taken[name] = pack({"lengths": lengths, "terms": self._digests[numbers[numbers != NONE]]}, part.start)
        return taken

    def restore(self, segments: Segments, filed: Longs) -> None:
        """What was taken; ``filed``: slots in the order in which they were filed."""
        parts = list(of_table(segments, "titles"))
        digests = np.concatenate([np.empty(0, dtype=np.uint64), *(part.column("terms") for part in parts)])
        lengths = np.concatenate([np.empty(0, dtype=np.uint8), *(part.column("lengths") for part in parts)])
        known, numbers = np.unique(digests, return_inverse=True)
        self._hold(1 + len(known))
        self._digests[1 : 1 + len(known)] = known
        self.numbers = {digest: number for number, digest in enumerate(known.tolist(), 1)}
        self.terms[: len(lengths)][np.arange(TERMS) < lengths[:, None]] = 1 + numbers
        self._link(filed[self.terms[filed, 0] != NONE])


@kernel
def link(slots: Longs, terms: Ints, older: Ints, newer: Ints, newest: Ints, held_by: Ints, marks: Keys) -> None:
    """Each item in turn becomes the newest of its terms."""
    for slot in slots:
        for n in range(terms.shape[1]):
            term = terms[slot, n]
            if term == NONE:
                break
            place = slot * terms.shape[1] + n
            older[place], newer[place] = newest[term], NOWHERE
            if newest[term] != NOWHERE:
                newer[newest[term]] = place
            newest[term] = place
            held_by[term] += 1
            marks[slot, 0] |= mark_of(term, 0)
            marks[slot, 1] |= mark_of(term, 1)


@kernel
def mark_of(term: int, word: int) -> np.uint64:
    """The term's bit in that word: two terms that share one in the first seldom share the other."""
    bit = np.uint64(term) if word == 0 else (np.uint64(term) * GOLDEN) >> np.uint64(58)
    return np.uint64(1) << (bit % np.uint64(64))


@kernel
def unlink(slot: int, terms: Ints, older: Ints, newer: Ints, newest: Ints, held_by: Ints) -> None:
    """The item is taken out of its terms' lists and has none."""
    for n in range(terms.shape[1]):
        term, place = terms[slot, n], slot * terms.shape[1] + n
        if term == NONE:
            break
        if newer[place] != NOWHERE:
            older[newer[place]] = older[place]
        else:
            newest[term] = older[place]
        if older[place] != NOWHERE:
            newer[older[place]] = newer[place]
        terms[slot, n] = NONE
        held_by[term] -= 1
