"""Ratings foretold: by methods that offer it, and by River's rating models for comparison."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

from services.evaluate.event_log import EventLog
from services.evaluate.method import Method, Query
from services.evaluate.protocol import Plan
from shared.core.kernel import Flags, Floats, Longs

KIND = "rating"


@runtime_checkable
class ForetellsRatings(Protocol):
    """What a method may offer besides lists."""

    def predict_value(self, query: Query, item: int) -> float:
        """The rating that the query's user will give ``item``."""
        ...


def rated(log: EventLog, events: Longs) -> Flags:
    """Which of the events are ratings with a value."""
    if KIND not in log.kinds:
        return np.zeros(len(events), dtype=np.bool_)
    flags: Flags = (log.kind[events] == log.kinds.index(KIND)) & ~np.isnan(log.value[events])
    return flags


def foretellers(methods: Mapping[str, Method]) -> dict[str, ForetellsRatings]:
    """Those of the methods that offer it."""
    return {name: method for name, method in methods.items() if isinstance(method, ForetellsRatings)}


def errors(foretold: Floats, given: Floats) -> dict[str, float]:
    """RMSE and MAE over those that were foretold."""
    off = (foretold - given)[~np.isnan(foretold)]
    if not len(off):
        return {}
    return {"rmse": round(float(np.sqrt(np.mean(off**2))), 6), "mae": round(float(np.mean(np.abs(off))), 6)}


def river_models(seed: int) -> dict[str, Any]:
    """River's online rating models at their defaults; nothing is tuned."""
    from river import optim, reco

    start = optim.initializers.Normal(mu=0.0, sigma=0.1, seed=seed)
    return {
        "river-baseline": reco.Baseline(optim.SGD(0.025)),
        "river-biased-mf": reco.BiasedMF(n_factors=10, latent_initializer=start, seed=seed),
    }


def river_ratings(log: EventLog, plan: Plan, seed: int) -> dict[str, dict[str, float]]:
    """RMSE and MAE of River's models on the targets that are ratings, test-then-learn over all ratings of the log; what
    becomes visible together is learned together.
    """
    asked = set(plan.targets[rated(log, plan.targets)].tolist())
    if not asked:
        return {}
    models = river_models(seed)
    foretold: dict[str, list[float]] = {name: [] for name in models}
    given: list[float] = []
    events = np.flatnonzero(rated(log, np.arange(len(log))))
    together = np.split(events, 1 + np.flatnonzero(np.diff(np.searchsorted(plan.bounds, events, side="right"))))
    for group in together:
        ratings = [(e, int(log.user[e]), int(log.item[e]), float(log.value[e])) for e in group.tolist()]
        for event, user, item, value in ratings:
            if event in asked:
                given.append(value)
                for name, model in models.items():
                    foretold[name].append(model.predict_one(user, item))
        for _, user, item, value in ratings:
            for model in models.values():
                model.learn_one(user, item, value)
    return {name: errors(np.array(values), np.array(given)) for name, values in foretold.items()}
