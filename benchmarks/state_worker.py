"""The worker of production without lists: `python -m benchmarks.state_worker`.

Histories, counts, neighbour rows, trending, checkpoints and all views but `rec:` are as ever. Left out are lists and
the examples, which are candidates of lists. From its first frame on its clock runs by its own CPU time, as that of a
worker at full load on a core of its own: views and checkpoints have a pace by the clock, and on a busy machine, where
an event takes longer, there would be more of them per event.
"""

import faust

from benchmarks.worker import CpuClock
from shared.adapters import metrics
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.logs import configure_logging
from shared.contracts.settings import load_settings
from shared.core.kernel import Ints
from shared.core.segments import Segments
from shared.core.warming import compile_kernels
from streams.app import STEPS, build_app, build_ports
from streams.lists import ListWriter
from streams.ports import Ports
from streams.profiles import ProfilesStep

NEVER_MS = 10**15
CLOCK = CpuClock()


class NoLists(ListWriter):
    """Writes none."""

    def write(self, users: Ints, offset: int) -> None:
        pass


class StateOnly(ProfilesStep):
    """The profiles step with such a writer."""

    def __init__(self, partition: int, ports: Ports) -> None:
        super().__init__(partition, ports)
        self._leave_lists_out()

    def restore(self, segments: Segments) -> None:
        super().restore(segments)
        self._leave_lists_out()

    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None:
        CLOCK.start_once()
        super().apply(offset, value, replayed=replayed)

    def _leave_lists_out(self) -> None:
        self._lists = NoLists(self._core.state, self._published, self._ports)
        self._teach_due = NEVER_MS


def main() -> None:
    settings = load_settings()
    configure_logging(settings.log, "worker")
    compile_kernels(settings)
    ensure_topics(settings)
    steps = [StateOnly if step is ProfilesStep else step for step in STEPS]
    ports = build_ports(settings)
    ports.clock = CLOCK.now
    app = build_app(settings, ports, steps)
    metrics.serve_metrics(settings.metrics)
    faust.Worker(app, loglevel="WARN", quiet=True, redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main()
