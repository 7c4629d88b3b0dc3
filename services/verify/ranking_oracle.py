"""Lists by score: weights times features, summed up in their order."""

from collections.abc import Mapping, Sequence

from services.verify.candidates_oracle import SOURCES, Candidate, Visitor
from services.verify.features_oracle import World, feature_count, features
from services.verify.ties import best_first

WHY = (*SOURCES, "trend")
LONG_HISTORIES = (1, 2, 5, 20)
"""From so many items on, another weight vector is added to the one for all."""
Weights = Sequence[Sequence[float]]


def fresh_weights(half_lives: int) -> list[list[float]]:
    """Of a ranker that has learned nothing: the logs of the sources but taste, evenly, and what is popular at the last
    half-life but one.
    """
    rows = [[0.0] * feature_count(half_lives) for _ in range(2 + len(LONG_HISTORIES))]
    for source, name in enumerate(SOURCES):
        rows[0][3 * source + 2] = 0.0 if name == "taste" else 3.5
    rows[0][3 * len(SOURCES) + 2 * (half_lives - 2)] = 3.0
    return rows


def known_weights(learned: Weights | None, half_lives: int) -> Weights:
    """What was learned, unless it is of a ranker of another shape."""
    fresh = fresh_weights(half_lives)
    if learned is None or [len(row) for row in learned] != [len(row) for row in fresh]:
        return fresh
    return learned


def ranked(
    visitor: Visitor, found: Mapping[str, Candidate], world: World, weights: Weights
) -> list[tuple[str, float, str]]:
    """(item, score, why) of every candidate, best first. O(candidates · features)."""
    segment = 1 + sum(1 for least in LONG_HISTORIES if visitor.visits >= least)
    both = [of_all + of_some for of_all, of_some in zip(weights[0], weights[segment], strict=True)]
    scored = ((item, _score(features(visitor, item, candidate, world), both)) for item, candidate in found.items())
    return [(item, score, _why(found[item])) for item, score in best_first(scored)]


def _score(row: list[float], weights: list[float]) -> float:
    score = 0.0
    for number, weight in zip(row, weights, strict=True):
        score += number * weight
    return score


def _why(candidate: Candidate) -> str:
    """The source that says most of it; trending if none says anything."""
    most = max(candidate.values)
    return WHY[candidate.values.index(most)] if most > 0.0 else WHY[-1]
