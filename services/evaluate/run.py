"""An evaluation: a log and the names of methods → one document of figures."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.evaluate.event_log import EventLog
from services.evaluate.figures import of_methods
from services.evaluate.fill import Fill
from services.evaluate.ladder import climbed
from services.evaluate.loading import Loaded
from services.evaluate.method import Method, Peer
from services.evaluate.methods import Own
from services.evaluate.past import Past
from services.evaluate.prequential import Outcome, Pass
from services.evaluate.protocol import Plan, Protocol, plan_test, warmup_end
from services.evaluate.ratings import river_ratings
from services.evaluate.targets import Targets, targets
from services.evaluate.tuning import Tuned, passes, tune, untuned
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings
from shared.core.learning.blend import Blend
from shared.core.warming import compile_kernels

DEPTH = 50  # length of lists; longer if the protocol's k is
Progress = Callable[[int, str], AbstractContextManager[Callable[[int], None] | None]]
"""(how many events, what is done) → who is told how many more are done."""


@dataclass(frozen=True)
class Result:
    """``document`` is the JSON but for times; the rest is what reports draw from."""

    document: dict[str, Any]
    outcomes: dict[str, Outcome]
    targets: Targets


def evaluate(
    loaded: Loaded,
    own: dict[str, Own],
    peers: dict[str, Peer],
    protocol: Protocol,
    settings: Settings,
    progress: Progress,
    *,
    tuned: bool = True,
) -> Result:
    """Tune the peers on the warm-up, then go through the whole log once with every method. What Headrace loads once per
    process, and peers have loaded while they were tuned, is nobody's cost per event.
    """
    log, plan = loaded.log, plan_test(loaded.log, protocol)
    if not len(plan.targets):
        raise HeadraceError(f"none of {plan.sampled} sampled events after the warm-up counts as a target")
    with progress(warmup_end(log, protocol) * passes(peers), "tuning") as tell:
        choice = tune(log, peers, protocol, tell) if tuned else untuned(peers)
    with progress(len(log), "events") as tell:
        outcomes = _pass(log, own, peers, protocol, settings, plan, choice).run(tell)
    asked = targets(log, plan, protocol)
    figures, paired = of_methods(outcomes, asked, log, protocol.cutoffs, protocol.seed)
    document: dict[str, Any] = {
        "data": _data(loaded, plan, asked, protocol),
        "protocol": _protocol(log, protocol, plan, asked, choice),
        "methods": figures,
        "paired": paired,
    }
    if rungs := climbed(outcomes, asked, protocol.seed):
        document["ladder"] = rungs
    if found := river_ratings(log, plan, protocol.seed):
        document["ratings"] = found
    return Result(document, outcomes, asked)


def _pass(
    log: EventLog,
    own: dict[str, Own],
    peers: dict[str, Peer],
    protocol: Protocol,
    settings: Settings,
    plan: Plan,
    choice: Tuned,
) -> Pass:
    past = Past(log)
    if own:
        compile_kernels(settings)
        Blend(settings).drift  # noqa: B018 - River is imported
    lists = settings.lists.model_copy(update={"repeats": protocol.repeats})
    rules = settings.model_copy(update={"lists": lists})
    methods: dict[str, Method] = {name: build(past, rules, protocol) for name, build in own.items()}
    for name, peer in peers.items():
        methods[name] = peer.build(past, choice.parameters[name], protocol.seed)
    return Pass(past, methods, plan, Fill(past, choice.fill), max(DEPTH, protocol.k), protocol.repeats)


def _data(loaded: Loaded, plan: Plan, asked: Targets, protocol: Protocol) -> dict[str, Any]:
    log = loaded.log
    kinds = np.bincount(log.kind, minlength=len(log.kinds)).tolist()
    return {
        "name": log.name,
        "events": len(log),
        "users": len(log.users),
        "items": len(asked.seen),
        "catalogue": len(log.catalogue),
        "catalogue_ahead": log.catalogue_ahead,
        "kinds": dict(zip(log.kinds, kinds, strict=True)),
        "left_out": loaded.left_out,
        "first_ts": int(log.ts[0]),
        "last_ts": int(log.ts[-1]),
        "warmup_events": warmup_end(log, protocol),
        "sampled": plan.sampled,
        "targets": len(plan.targets),
        "target_users": len(np.unique(asked.user)),
        "cold_users_share": round(float(asked.cold.mean()), 6),
        "new_items_share": round(float(asked.new.mean()), 6),
    }


def _protocol(log: EventLog, protocol: Protocol, plan: Plan, asked: Targets, choice: Tuned) -> dict[str, Any]:
    return {
        **asdict(protocol),
        "frame": None if log.bounds is not None else protocol.frame,
        "order": _order(log, protocol),
        "groups": len(plan.bounds) - 1,
        "list_length": max(DEPTH, protocol.k),
        "rest_of": asked.following.what,
        "tuning": choice.told,
    }


def _order(log: EventLog, protocol: Protocol) -> str:
    if log.bounds is not None:
        return "as recorded, frame by frame"
    return "ts, user, basket, item" if protocol.baskets else "ts, user, item"


def costs(result: Result) -> dict[str, dict[str, float | int | None]]:
    """CPU time by method: what differs from run to run. µs per event learned and per list; fits in all."""
    return {
        name: {
            "learn_us": _learn_us(outcome, result.document["data"]["events"]),
            "recommend_us": _recommend_us(outcome),
            "fit_s": round(outcome.fit_s, 3),
            "fits": outcome.fits,
        }
        for name, outcome in result.outcomes.items()
    }


def _recommend_us(outcome: Outcome) -> float:
    """Per list, whether it was asked for or made ahead."""
    return round((outcome.recommend_s + outcome.ahead_s) / (len(outcome.lists) + outcome.ahead) * 1e6, 2)


def _learn_us(outcome: Outcome, events: int) -> float | None:
    """Per event: what was timed of learning, and all of what was left to be settled before lists."""
    if not outcome.learned:
        return None
    return round((outcome.learn_s / outcome.learned + outcome.settle_s / events) * 1e6, 2)
