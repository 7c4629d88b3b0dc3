"""Which titles share terms with one, and how much: the lists of the rarest terms are walked, and titles are compared as
TF-IDF vectors. A term weighs log2(1 + titles / titles with it) with the running counts, and hardly ever stands twice.
"""

from typing import NamedTuple

import numpy as np

from shared.core.arithmetic.logarithm import log2
from shared.core.items.titles import NONE, NOWHERE, TERMS, Titles, mark_of
from shared.core.kernel import Flags, Floats, Ints, Keys, Longs, kernel

SHARING = 200
LIGHT = 1 / 36  # of a title's squared length: what light terms weigh together at most


class Terms(NamedTuple):
    """Of :class:`~shared.core.items.titles.Titles`, as kernels take it. Room for one item: its terms ``ordered`` int32
    and, of those in the title's order, ``weights`` (squared) and ``bits`` uint64[16, 2]; the bits of its ``heavy``
    terms uint64[2]; what was ``found`` int32[:data:`SHARING`].
    """

    terms: Ints
    older: Ints
    newest: Ints
    held_by: Ints
    titled: int
    version: int
    lengths: Floats
    reckoned: Longs
    seen: Flags
    squares: Floats
    marks: Keys
    ordered: Ints
    weights: Floats
    bits: Keys
    heavy: Keys
    found: Ints


def terms_in(titles: Titles) -> Terms:
    """As it stands; until the next change of a title."""
    return Terms(
        titles.terms,
        titles.older,
        titles.newest,
        titles.held_by,
        titles.titled,
        titles.version,
        titles.lengths,
        titles.reckoned,
        titles.seen,
        titles.squares,
        titles.marks,
        np.empty(TERMS, dtype=np.int32),
        np.empty(TERMS),
        np.empty((TERMS, 2), dtype=np.uint64),
        np.empty(2, dtype=np.uint64),
        np.empty(SHARING, dtype=np.int32),
    )


@kernel
def sharing(slot: int, titles: Terms) -> int:
    """How many items share the rarest terms with this one, itself among them, each once in ``found``;
    O(:data:`SHARING`).

    The items of its terms are walked, rarest term first (equal ones in the title's order), of each those filed last
    first, until :data:`SHARING` were met. ``seen``, by slot: what is not to be found; after it as before.
    """
    size = asked = 0
    for rank in range(rarest_first(titles.terms[slot], titles.held_by, titles.ordered)):
        place = titles.newest[titles.ordered[rank]]
        while place != NOWHERE and asked < SHARING:
            item = place // TERMS
            if not titles.seen[item]:
                titles.seen[item] = True
                titles.found[size] = item
                size += 1
            asked += 1
            place = titles.older[place]
    for at in range(size):
        titles.seen[titles.found[at]] = False
    return size


@kernel
def rarest_first(title: Ints, held_by: Ints, ordered: Ints) -> int:
    """The title's terms into ``ordered``, equally rare ones in its order; how many there are."""
    size = 0
    for term in title:
        if term == NONE:
            break
        at = size
        while at > 0 and held_by[ordered[at - 1]] > held_by[term]:
            ordered[at] = ordered[at - 1]
            at -= 1
        ordered[at] = term
        size += 1
    return size


@kernel
def weigh(slot: int, titles: Terms) -> None:
    """The terms' weights, squared, put in their places; elsewhere ``squares``, by term, stays 0."""
    for n in range(TERMS):
        term = titles.terms[slot, n]
        if term == NONE:
            break
        titles.squares[term] = titles.weights[n] = square(term, titles)
        titles.bits[n, 0], titles.bits[n, 1] = mark_of(term, 0), mark_of(term, 1)


@kernel
def unweigh(slot: int, titles: Terms) -> None:
    """All 0 again."""
    for n in range(TERMS):
        if titles.terms[slot, n] == NONE:
            break
        titles.squares[titles.terms[slot, n]] = 0.0


@kernel
def square(term: int, titles: Terms) -> float:
    """Of a term's weight."""
    weight = log2(1.0 + titles.titled / titles.held_by[term])
    return weight * weight


@kernel
def shared_squares(slot: int, titles: Terms) -> float:
    """Of the terms that are weighed, summed in this title's order."""
    shared = 0.0
    for n in range(TERMS):
        if titles.terms[slot, n] == NONE:
            break
        shared += titles.squares[titles.terms[slot, n]]
    return shared


@kernel
def most_shared(slot: int, marks: Keys, titles: Terms) -> float:
    """No less than what :func:`shared_squares` has of an item with these ``marks``, but for rounding; its title is not
    looked at. ``slot``: the one that is weighed.
    """
    shared, first, second = 0.0, marks[0], marks[1]
    if first & titles.marks[slot, 0] and second & titles.marks[slot, 1]:
        for n in range(TERMS):
            if titles.terms[slot, n] == NONE:
                break
            if first & titles.bits[n, 0] and second & titles.bits[n, 1]:
                shared += titles.weights[n]
    return shared


@kernel
def part_light(slot: int, length: float, titles: Terms) -> float:
    """What the lightest terms of the title that is weighed weigh, squared, together, as many as are :data:`LIGHT`; all
    others are ``heavy``. O(terms)
    """
    light, rank = 0.0, rarest_first(titles.terms[slot], titles.held_by, titles.ordered)
    while rank > 0 and light + titles.squares[titles.ordered[rank - 1]] <= LIGHT * length:
        rank -= 1
        light += titles.squares[titles.ordered[rank]]
    titles.heavy[:] = 0
    for n in range(rank):
        for word in range(2):
            titles.heavy[word] |= mark_of(titles.ordered[n], word)
    return light


@kernel
def shares_heavy(marks: Keys, titles: Terms) -> bool:
    """Whether an item with these ``marks`` may have one of the ``heavy`` terms."""
    return bool(marks[0] & titles.heavy[0] and marks[1] & titles.heavy[1])


@kernel
def squared_length(slot: int, titles: Terms) -> float:
    """Of a title's vector; reckoned once per version."""
    if titles.reckoned[slot] != titles.version:
        length = 0.0
        for n in range(TERMS):
            if titles.terms[slot, n] == NONE:
                break
            length += square(titles.terms[slot, n], titles)
        titles.lengths[slot], titles.reckoned[slot] = length, titles.version
    return float(titles.lengths[slot])
