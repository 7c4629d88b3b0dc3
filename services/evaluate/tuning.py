"""Choosing parameters on the warm-up alone: each peer by HR@20 on the same sampled events of its second half."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.evaluate.event_log import EventLog
from services.evaluate.fill import FILL, USUAL, Fill
from services.evaluate.method import Parameters, Peer
from services.evaluate.past import Past
from services.evaluate.prequential import Pass
from services.evaluate.protocol import Plan, Protocol, plan_tuning
from shared.core.metrics import hits, places_of

SAMPLE = 1500
DEPTH = 20
RATE = f"hr@{DEPTH}"
Tell = Callable[[int], None] | None


@dataclass
class Tuned:
    """``parameters`` of each peer; ``fill``: the half-life (ms) of what short lists are filled with; ``told``: how it
    came about, for the report.
    """

    parameters: dict[str, Parameters] = field(default_factory=dict)
    fill: int = USUAL
    told: dict[str, Any] = field(default_factory=dict)


def tune(log: EventLog, peers: Mapping[str, Peer], protocol: Protocol, tell: Tell = None) -> Tuned:
    """A pass per peer, so that only its own combinations are in memory; of equals the first in the grid is chosen."""
    trial = Trial(log, plan_tuning(log, protocol, SAMPLE), protocol, tell)
    tuned = Tuned(told={"events": len(trial.plan.targets)})
    chosen, tuned.told["fill"] = trial.of(FILL, None)
    tuned.fill = int(chosen["half_life_ms"] or USUAL)
    tuned.told["methods"] = {}
    for name, peer in peers.items():
        tuned.parameters[name], tuned.told["methods"][name] = trial.of(peer, tuned.fill)
    return tuned


def untuned(peers: Mapping[str, Peer]) -> Tuned:
    """The first combination of each grid."""
    first = {name: next(peer.combinations()) for name, peer in peers.items()}
    told = {name: {"chosen": dict(parameters)} for name, parameters in first.items()}
    return Tuned(first, USUAL, {"events": 0, "fill": {"chosen": {"half_life_ms": USUAL}}, "methods": told})


def passes(peers: Mapping[str, Peer]) -> int:
    """How often :func:`tune` goes through the warm-up."""
    return 1 + sum(len(list(peer.combinations())) > 1 for peer in peers.values())


@dataclass(frozen=True)
class Trial:
    """The events on which every peer is tried."""

    log: EventLog
    plan: Plan
    protocol: Protocol
    tell: Tell = None

    def of(self, peer: Peer, fill: int | None) -> tuple[Parameters, dict[str, Any]]:
        """The best combination, and all with their rates."""
        grid = list(peer.combinations())
        if len(grid) == 1:
            return grid[0], {"chosen": dict(grid[0])}
        rates = self._rates(peer, grid, fill)
        best = grid[rates.index(max(rates))]
        return best, {
            "chosen": dict(best),
            "tried": [{**tried, RATE: round(rate, 6)} for tried, rate in zip(grid, rates, strict=True)],
        }

    def _rates(self, peer: Peer, grid: list[Parameters], fill: int | None) -> list[float]:
        past = Past(self.log)
        methods = {str(n): peer.build(past, parameters, self.protocol.seed) for n, parameters in enumerate(grid)}
        filling = Fill(past, fill) if fill else None
        outcomes = Pass(past, methods, self.plan, filling, DEPTH, self.protocol.repeats).run(self.tell)
        wanted = self.log.item[self.plan.targets]
        rates = [hits(places_of(wanted, outcome.lists), DEPTH) for outcome in outcomes.values()]
        return [float(rate.mean()) if len(rate) else 0.0 for rate in rates]
