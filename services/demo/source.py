"""Where the demo's events come from: the simulated storefront, or a log of the user's."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from services.producers import replay, simulation
from services.producers.records import Outgoing
from services.producers.rejects import Rejects
from services.producers.simulator.parameters import Parameters
from services.producers.simulator.stream import open_storefront
from services.producers.simulator.world import busiest
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings

SEED = 7
SIMULATED_EVENTS = 1_000_000
SIMULATED_MS = 7 * 86_400_000
USERS = 6  # that the page offers
FIRST = 2000  # events of a log that tell who is busy


@dataclass(frozen=True)
class Source:
    """What is published: catalogue first, then events (some catalogue records may come between them). ``users``: some
    to look at.
    """

    name: str
    catalogue: Iterator[Outgoing]
    events: Iterator[Outgoing]
    users: list[str]


def simulated(now_ms: int, seconds: float, rate: float) -> Source:
    """A shop of 2,000 users and 1,000 items: as much of a simulated week as will be sent, ending now."""
    events = int(min(SIMULATED_EVENTS, max(1000, seconds * rate)))
    parameters = Parameters(seed=SEED, start_ms=now_ms - SIMULATED_MS, events=events, duration_ms=SIMULATED_MS)
    front = open_storefront(parameters)
    name = f"a simulated shop ({parameters.users:,} users, {parameters.items:,} items, seed {SEED})"
    return Source(name, simulation.catalogue(front), simulation.messages(front), busiest(front.world, USERS))


def recorded(events: Path, items: Path | None, settings: Settings, now_ms: int) -> Source:
    """A log of any layout that `headrace replay` understands, event times kept."""
    options = replay.Options([events], items)
    rejects = Rejects()
    prepared = replay.prepare(options, settings, now_ms, rejects)
    if not prepared.events.count:
        raise HeadraceError(f"{events}: no event in it" + (f" ({rejects.count} bad rows)" if rejects.count else ""))
    bad = f", {rejects.count} bad rows left out" if rejects.count else ""
    name = f"{events.name} ({prepared.events.count:,} events{bad})"
    catalogue = replay.catalogue(options, settings, Rejects())
    first = Counter(record.user for record in islice(prepared.events.read(), FIRST))
    users = [user for user, _ in first.most_common(USERS)]
    return Source(name, catalogue, replay.messages(prepared.events.read(), 0), users)
