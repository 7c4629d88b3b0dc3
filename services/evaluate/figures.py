"""Answers → figures: what the JSON says of each method."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from services.evaluate import ratings
from services.evaluate.event_log import EventLog
from services.evaluate.intervals import interval, resampled_means
from services.evaluate.prequential import Outcome
from services.evaluate.targets import Targets
from shared.core import metrics
from shared.core.kernel import Flags, Floats, Ints

DEPTH = 20  # of coverage, diversity, novelty, Gini and the splits
MAIN = f"hr@{DEPTH}"
REFERENCE = "headrace"
DIGITS = 6


def of_methods(
    outcomes: Mapping[str, Outcome], targets: Targets, log: EventLog, cutoffs: tuple[int, ...], seed: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(figures by method, paired differences)."""
    places = {name: metrics.places_of(targets.item, outcome.lists) for name, outcome in outcomes.items()}
    figures = {
        name: {
            **ranking(places[name], cutoffs),
            **lists(outcome.lists, targets, len(log.items), cutoffs),
            **rating_errors(outcome, targets, log),
            "splits": splits(metrics.hits(places[name], DEPTH), targets),
        }
        for name, outcome in outcomes.items()
    }
    paired = _uncertainty(figures, places, targets, seed)
    return figures, paired


def ranking(places: Ints, cutoffs: tuple[int, ...]) -> dict[str, Any]:
    """On the next item."""
    return {
        f"{name}@{k}": mean(of(places, k))
        for name, of in (("hr", metrics.hits), ("mrr", metrics.reciprocal_ranks), ("ndcg", metrics.gains))
        for k in cutoffs
    }


def lists(given: Ints, targets: Targets, items: int, cutoffs: tuple[int, ...]) -> dict[str, float | None]:
    """On the rest of the sitting, and of the lists as such."""
    rest = targets.following
    found = metrics.relevance(given, rest.query, rest.item, items)
    figures: dict[str, float | None] = {}
    for k in cutoffs:
        figures[f"precision@{k}"] = mean(metrics.precision(found, k))
        figures[f"recall@{k}"] = mean(metrics.recall(found, rest.count, k))
        figures[f"map@{k}"] = mean(metrics.average_precision(found, rest.count, k))
    shown = given[:, :DEPTH]
    exposures = metrics.exposures(shown, items)[targets.seen]
    figures[f"coverage@{DEPTH}"] = number(float((exposures > 0).mean()))
    figures[f"gini@{DEPTH}"] = number(metrics.gini(exposures))
    figures[f"novelty@{DEPTH}"] = mean(metrics.novelty(shown, targets.popularity(shown), targets.start))
    diversity = metrics.diversity(shown, targets.category_bounds, targets.categories)
    figures[f"diversity@{DEPTH}"] = mean(diversity)
    return figures


def splits(hits: Floats, targets: Targets) -> dict[str, Any]:
    """HR@20 of parts of the targets, with their sizes."""
    parts = {
        "cold_users": targets.cold,
        "warm_users": ~targets.cold,
        "beginners": targets.beginner,
        "new_items": targets.new,
        "old_items": ~targets.new,
    }
    hours = {f"{hour:02d}": part(hits, targets.hour == hour) for hour in range(24)}
    return {**{name: part(hits, which) for name, which in parts.items()}, "hour": hours}


def part(hits: Floats, which: Flags) -> dict[str, float | int | None]:
    return {MAIN: mean(hits[which]), "n": int(which.sum())}


def rating_errors(outcome: Outcome, targets: Targets, log: EventLog) -> dict[str, float]:
    asked = ratings.rated(log, targets.event)
    return ratings.errors(outcome.values[asked], log.value[targets.event[asked]])


def _uncertainty(
    figures: dict[str, dict[str, Any]], places: Mapping[str, Ints], targets: Targets, seed: int
) -> dict[str, Any]:
    """Adds ``intervals`` to the figures; reference − method for every other method, with its interval."""
    names = list(places)
    reference = REFERENCE if REFERENCE in places else max(names, key=lambda name: figures[name][MAIN] or 0.0)
    paired: dict[str, Any] = {"reference": reference, "differences": {n: {} for n in names if n != reference}}
    if not len(targets.user):
        return paired
    for metric, of, k in (("hr", metrics.hits, 20), ("ndcg", metrics.gains, 10)):
        key, values = f"{metric}@{k}", np.stack([of(places[name], k) for name in names], axis=1)
        means, own = resampled_means(values, targets.user, seed), names.index(reference)
        for column, name in enumerate(names):
            figures[name].setdefault("intervals", {})[key] = interval(means[:, column])
            if name != reference:
                by = number(float(values[:, own].mean() - values[:, column].mean()))
                paired["differences"][name][key] = [by, *interval(means[:, own] - means[:, column])]
    return paired


def mean(values: Floats) -> float | None:
    """Over those that are numbers; None of nothing."""
    known = values[~np.isnan(values)]
    return number(float(known.mean())) if len(known) else None


def number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, DIGITS)
