"""Which titles share terms with one, and how much: the lists of the rarest terms are walked, and titles are compared as
TF-IDF vectors. A term weighs log2(1 + titles / titles with it) with the running counts, and hardly ever stands twice.

The arrays are those of :class:`~shared.core.titles.Titles`.
"""

import numpy as np

from shared.core.kernel import Flags, Floats, Ints, Longs, kernel, making_kernel
from shared.core.logarithm import log2
from shared.core.titles import NONE, NOWHERE, TERMS

SHARING = 200


@making_kernel
def sharing(slot: int, terms: Ints, older: Ints, newest: Ints, held_by: Ints, seen: Flags) -> Ints:
    """The items that share the rarest terms with this one, itself among them, each once; O(:data:`SHARING`).

    The items of its terms are walked, rarest term first (equal ones in the title's order), of each those filed last
    first, until :data:`SHARING` were met. ``seen``, by slot: what is not to be found; after it as before.
    """
    found, size, asked = np.empty(SHARING, dtype=np.int32), 0, 0
    for term in rarest_first(terms[slot], held_by):
        place = newest[term]
        while place != NOWHERE and asked < SHARING:
            item = place // TERMS
            if not seen[item]:
                seen[item] = True
                found[size] = item
                size += 1
            asked += 1
            place = older[place]
    for at in range(size):
        seen[found[at]] = False
    return found[:size]


@making_kernel
def rarest_first(title: Ints, held_by: Ints) -> Ints:
    """The title's terms, equally rare ones in its order."""
    ordered, size = np.empty(TERMS, dtype=np.int32), 0
    for term in title:
        if term == NONE:
            break
        at = size
        while at > 0 and held_by[ordered[at - 1]] > held_by[term]:
            ordered[at] = ordered[at - 1]
            at -= 1
        ordered[at] = term
        size += 1
    return ordered[:size]


@kernel
def weigh(slot: int, terms: Ints, held_by: Ints, titled: int, squares: Floats) -> None:
    """The terms' weights, squared, put in their places; elsewhere ``squares``, by term, stays 0."""
    for n in range(TERMS):
        term = terms[slot, n]
        if term == NONE:
            break
        squares[term] = square(term, held_by, titled)


@kernel
def unweigh(slot: int, terms: Ints, squares: Floats) -> None:
    """All 0 again."""
    for n in range(TERMS):
        if terms[slot, n] == NONE:
            break
        squares[terms[slot, n]] = 0.0


@kernel
def square(term: int, held_by: Ints, titled: int) -> float:
    """Of a term's weight."""
    weight = log2(1.0 + titled / held_by[term])
    return weight * weight


@kernel
def shared_squares(slot: int, terms: Ints, squares: Floats) -> float:
    """Of the terms that are weighed, summed in this title's order."""
    shared = 0.0
    for n in range(TERMS):
        if terms[slot, n] == NONE:
            break
        shared += squares[terms[slot, n]]
    return shared


@kernel
def squared_length(
    slot: int, terms: Ints, held_by: Ints, titled: int, version: int, lengths: Floats, reckoned: Longs
) -> float:
    """Of a title's vector; reckoned once per version."""
    if reckoned[slot] != version:
        length = 0.0
        for n in range(TERMS):
            if terms[slot, n] == NONE:
                break
            length += square(terms[slot, n], held_by, titled)
        lengths[slot], reckoned[slot] = length, version
    return float(lengths[slot])
