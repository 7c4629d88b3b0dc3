"""Which methods there are by name: peers, and Headrace's own."""

from collections.abc import Callable, Mapping, Sequence

from services.evaluate.event_log import EventLog
from services.evaluate.headrace import KINDS, Headrace
from services.evaluate.ladder import rungs
from services.evaluate.live import live
from services.evaluate.method import Method, Peer
from services.evaluate.past import Past
from services.evaluate.peers.registry import default_names, peers_for
from services.evaluate.protocol import Protocol
from services.evaluate.rearranged import REARRANGED
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings
from shared.core.lists.reach import FAST, Reach

Own = Callable[[Past, Settings, Protocol], Method]
"""(past, settings, protocol) → a method of ours: one configuration for all logs, nothing to tune."""


def _on_events(kind: type[Headrace], reach: Reach | None = None) -> Own:
    """Nothing is drawn but by the log itself."""
    return lambda past, settings, protocol: kind(past, live(past, settings, reach, protocol.behind, protocol.frame))


OWN: dict[str, Own] = {name: _on_events(kind) for name, kind in (KINDS | REARRANGED).items()} | {
    "headrace-fast": _on_events(Headrace, FAST)
}


def ladder(log: EventLog, *, repeats: bool) -> dict[str, Own]:
    """Headrace with its sources switched on one by one, each with a learner of its own."""
    return {name: _on_events(Headrace, reach) for name, reach in rungs(log, repeats=repeats).items()}


def chosen(log: EventLog, wanted: str, *, repeats: bool) -> tuple[dict[str, Own], dict[str, Peer]]:
    """The methods that a comma-separated list names; ``all`` and ``default`` stand for several.

    Raises :class:`HeadraceError` for a name that nobody has.
    """
    peers = {peer.name: peer for peer in peers_for(log)}
    sets = {"all": [*OWN, *peers], "default": [*KINDS, *default_names(log, repeats)]}
    names = [name for part in wanted.split(",") if part.strip() for name in sets.get(part.strip(), [part.strip()])]
    unknown = [name for name in names if name not in OWN and name not in peers]
    if unknown or not names:
        raise HeadraceError(f"no method {', '.join(unknown) or wanted!r} for this log; there are: {_listed(sets)}")
    return {n: OWN[n] for n in OWN if n in names}, {n: peers[n] for n in peers if n in names}


def _listed(sets: Mapping[str, Sequence[str]]) -> str:
    return ", ".join([*sets, *sets["all"]])
