"""A real worker that measures its own CPU: `python -m benchmarks.worker plain|exact EVENTS DELTAS`.

It says on standard output when it holds its partitions and all its views stand; from then on its clock runs by its own
CPU time: ticks and checkpoints come as often per CPU second as with a worker at full load on a core of its own, however
busy this machine is. It says so again once it has applied that many events and deltas and written their lists.
"""

import json
import sys
import threading
import time
from typing import IO

from prometheus_client import REGISTRY

from benchmarks.peers.progress import own_output
from benchmarks.plain_views import PlainViews
from services.ops.refresh import all_stand
from shared.adapters.clock import epoch_ms
from shared.adapters.garbage import look_seldom
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.logs import configure_logging
from shared.contracts.settings import load_settings
from shared.core.warming import compile_kernels
from streams.app import build_app, build_ports, prepare_process, run
from streams.steps.ports import Ports

LOOK_S = 0.1
PLAIN, EXACT = "plain", "exact"


class CpuClock:
    """Epoch milliseconds; from :meth:`start` on they pass as this process uses its CPU."""

    def __init__(self) -> None:
        self._from: tuple[int, float] | None = None

    def start(self) -> None:
        self._from = epoch_ms(), time.process_time()

    def start_once(self) -> None:
        if self._from is None:
            self.start()

    def now(self) -> int:
        if self._from is None:
            return epoch_ms()
        epoch, cpu = self._from
        return epoch + int((time.process_time() - cpu) * 1000)


def conduct(ports: Ports, clock: CpuClock, events: int, deltas: int, output: IO[str]) -> None:
    """Say when the worker is ready, and what it took once it is done."""
    while not all_stand(ports.views, ports.settings):
        time.sleep(LOOK_S)
    clock.start()
    before, wall, cpu = _counted(), time.perf_counter(), time.process_time()
    print(json.dumps({"ready": True}), file=output, flush=True)
    while not (_applied("headrace_freshness_seconds_count") >= events and _deltas() >= deltas):
        time.sleep(LOOK_S)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    counted = {name: count - before.get(name, 0) for name, count in _counted().items()}
    print(json.dumps({"cpu_s": round(cpu, 3), "wall_s": round(wall, 1)} | counted), file=output, flush=True)


def _applied(name: str, **labels: str) -> int:
    return int(REGISTRY.get_sample_value(name, labels) or 0)


def _deltas() -> int:
    return _applied("headrace_frames_total", step="items")


def _counted() -> dict[str, int]:
    """Views written and states saved."""
    views = {f"{view}_written": _applied("headrace_lists_total", view=view) for view in ("rec", "sim")}
    steps = ("frames", "item-deltas")
    saved = sum(_applied("headrace_checkpoints_total", step=step) for step in steps)
    size = sum(_applied("headrace_checkpoint_bytes_total", step=step) for step in steps)
    return views | {"checkpoints": saved, "checkpoint_bytes": size}


def main() -> None:
    prepare_process()
    output = own_output()
    how, events, deltas = sys.argv.pop(1), int(sys.argv.pop(1)), int(sys.argv.pop(1))  # Faust reads what is left
    settings = load_settings()
    configure_logging(settings.log, "worker")
    compile_kernels(settings)
    ensure_topics(settings)
    ports, clock = build_ports(settings), CpuClock()
    ports.clock = clock.now
    if how == PLAIN:
        ports.views.close()
        ports.views = PlainViews(settings)
    app = build_app(settings, ports)
    look_seldom()  # as a worker does
    threading.Thread(target=conduct, args=(ports, clock, events, deltas, output), daemon=True).start()
    run(app)


if __name__ == "__main__":
    main()
