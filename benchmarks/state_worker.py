"""The worker of production without lists: `python -m benchmarks.state_worker`.

Histories, counts, neighbour rows, trending, checkpoints and all views but `rec:` are as ever. Left out are lists and
the examples, which are candidates of lists. From its first frame on its clock runs by its own CPU time, as that of a
worker at full load on a core of its own: views and checkpoints have a pace by the clock, and on a busy machine, where
an event takes longer, there would be more of them per event.
"""

from benchmarks.worker import CpuClock
from shared.adapters import metrics
from shared.adapters.garbage import look_seldom
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.logs import configure_logging
from shared.contracts.settings import load_settings
from shared.core.kernel import Ints, Longs
from shared.core.warming import compile_kernels
from streams.app import STEPS, build_app, build_ports, prepare_process, run
from streams.steps.ports import Ports
from streams.steps.profiles import ProfilesStep

NEVER_MS = 10**15
CLOCK = CpuClock()


class StateOnly(ProfilesStep):
    """The profiles step that asks for none."""

    def __init__(self, partition: int, ports: Ports) -> None:
        super().__init__(partition, ports)
        self._teach_due = NEVER_MS

    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None:
        CLOCK.start_once()
        super().apply(offset, value, replayed=replayed)

    def _ask(self, users: Ints, arrived: Longs) -> None:
        super()._ask(users[:0], arrived)


def main() -> None:
    prepare_process()
    settings = load_settings()
    configure_logging(settings.log, "worker")
    compile_kernels(settings)
    ensure_topics(settings)
    steps = [StateOnly if step is ProfilesStep else step for step in STEPS]
    ports = build_ports(settings)
    ports.clock = CLOCK.now
    app = build_app(settings, ports, steps)
    metrics.serve_metrics(settings.metrics)
    look_seldom()  # as a worker does
    run(app)


if __name__ == "__main__":
    main()
