"""The arithmetic of :mod:`shared.core.learning.taste`: how a choice moves vectors, and how a user's scores are made of
them.

Scores add up in the order of the vectors' numbers, items side by side: the same to the last bit wherever it is done.
"""

import math

import numpy as np

from shared.core.arithmetic.candidates import insert
from shared.core.arithmetic.draws import following
from shared.core.kernel import Flags, Floats, Ints, Keys, Singles, kernel, making_kernel

SIZE = 16
BESIDE = 20
"""Items that a choice is set against."""
REMEMBERED = 40
"""Items of a history that a choice is learned from, the newest."""
RATE, BIAS_RATE, RIDGE = 0.3, 0.09, 1e-3


@making_kernel
def learn_sequences(
    sequence: Ints,
    lengths: Ints,
    steps: Ints,
    drawn: Keys,
    inner: Singles,
    outer: Singles,
    bias: Singles,
    inner_squares: Singles,
    outer_squares: Singles,
    live: Flags,
    slots: int,
) -> int:
    """One step of gradient descent per item that is new to its sequence; returns how many. Slots of items are below
    ``slots``.
    """
    against = np.empty(BESIDE + 1, dtype=np.int32)
    end = number = learned = 0
    for user in range(len(lengths)):
        start, end = end, end + lengths[user]
        for at in range(end - steps[user], end):
            past = sequence[max(start, at - REMEMBERED) : at]
            drawing, number = drawn[number], number + 1
            if not len(past) or contains(past, sequence[at]):
                continue
            against[0] = sequence[at]
            size = draw_beside(against, past, drawing, live, slots)
            learn_step(past, against[:size], inner, outer, bias, inner_squares, outer_squares)
            learned += 1
    return learned


@kernel
def contains(items: Ints, wanted: int) -> bool:
    """Whether it is one of them."""
    at = 0
    while at < len(items) and items[at] != wanted:
        at += 1
    return at < len(items)


@making_kernel
def learn_step(
    past: Ints,
    against: Ints,
    inner: Singles,
    outer: Singles,
    bias: Singles,
    inner_squares: Singles,
    outer_squares: Singles,
) -> None:
    """The first of ``against`` was chosen after ``past``."""
    user = np.zeros(SIZE)
    for item in past:
        for k in range(SIZE):
            user[k] += inner[item, k]
    user /= math.sqrt(len(past))
    pull = move_outer(against, user, outer, bias, outer_squares)
    pull /= math.sqrt(len(past))
    move_inner(past, pull, inner, inner_squares)


@kernel
def draw_beside(against: Ints, past: Ints, drawn: int, live: Flags, slots: int) -> int:
    """Fill up with items that are neither chosen nor in the history, twice as often as asked at most; how many."""
    state, size = drawn | np.uint64(1), 1
    for _ in range(2 * BESIDE):
        state = following(state)
        item = int((state >> np.uint64(11)) % np.uint64(slots))
        if live[item] and item != against[0] and not contains(past, item):
            against[size] = item
            size += 1
            if size == len(against):
                break
    return size


@making_kernel
def move_outer(against: Ints, user: Floats, outer: Singles, bias: Singles, squares: Singles) -> Floats:
    """The first of ``against`` was chosen: outer vectors and biases move; returns the gradient for the user."""
    errors = softmax_errors(against, user, outer, bias)
    pull, length = np.zeros(SIZE), 0.0
    for k in range(SIZE):
        length += user[k] * user[k]
    for place in range(len(against)):
        for k in range(SIZE):
            pull[k] += errors[place] * outer[against[place], k]
    for place in range(len(against)):
        item, error = against[place], errors[place]
        squares[item] += error * error * length / SIZE
        rate = RATE / math.sqrt(squares[item])
        for k in range(SIZE):
            outer[item, k] += rate * (error * user[k] - RIDGE * outer[item, k])
        bias[item] += BIAS_RATE * (error - RIDGE * bias[item])
    return pull


@making_kernel
def softmax_errors(against: Ints, user: Floats, outer: Singles, bias: Singles) -> Floats:
    """1 for the first, 0 for the others, minus the chance of each."""
    scores = np.zeros(len(against))
    for place in range(len(against)):
        score = np.float64(bias[against[place]])
        for k in range(SIZE):
            score += user[k] * outer[against[place], k]
        scores[place] = score
    scores = np.exp(scores - scores.max())
    errors: Floats = -scores / scores.sum()
    errors[0] += 1.0
    return errors


@kernel
def move_inner(past: Ints, pull: Floats, inner: Singles, squares: Singles) -> None:
    """Each item of the history takes its part."""
    length = 0.0
    for k in range(SIZE):
        length += pull[k] * pull[k]
    for item in past:
        squares[item] += length / SIZE
        rate = RATE / math.sqrt(squares[item])
        for k in range(SIZE):
            inner[item, k] += rate * (pull[k] - RIDGE * inner[item, k])


@making_kernel
def taste_scores(recent: Ints, place_of: Ints, inner: Singles, outer: Singles, bias: Singles, scores: Singles) -> int:
    """Fill ``scores`` float32[places] of all items with vectors for the user of these newest items (cache slots, -1
    beyond); returns how many of them have a vector: of a user without any nothing is said. ``outer`` float32[SIZE,
    places].
    """
    user, known = np.zeros(SIZE, dtype=np.float32), 0
    for item in recent:
        if item >= 0 and place_of[item] >= 0:
            known += 1
            for k in range(SIZE):
                user[k] += inner[place_of[item], k]
    if not known:
        return 0
    share = np.float32(1.0 / math.sqrt(known))
    for place in range(len(bias)):
        scores[place] = bias[place]
    for k in range(SIZE):
        part, row = user[k] * share, outer[k]
        for place in range(len(bias)):
            scores[place] += part * row[place]
    return known


@kernel
def best_by_taste(
    scores: Singles, slots: Ints, position: Ints, keys: Keys, best: Ints, best_scores: Floats, ties: Keys
) -> int:
    """The best slots that are not barred (``position`` -2), best first, ties by key; returns how many. Each is inserted
    among the best so far, whose keys are in ``ties``.
    """
    size, least = 0, -np.inf
    for place in range(len(slots)):
        score, item = np.float64(scores[place]), slots[place]
        if score < least or position[item] == -2:
            continue
        size = insert(item, score, keys[item], size, best, best_scores, ties)
        if size == len(best):
            least = best_scores[size - 1]
    return size
