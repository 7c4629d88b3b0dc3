"""What an answer of the reader costs, beside that of a plain Starlette reader, and how long it takes.

Both are processes as in production, before the same Redis and views; impressions go to Kafka (ours). The load comes
from a process of its own over 64 connections; its CPU time per request is reported, since at more than the reader's it
would be what is measured. CPU times are the operating system's, user and system, of the whole process: threads of the
server and of the Kafka client, and the refresher, are included. Rounds take turns, so that what else the machine does
meets all alike.
"""

import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median
from typing import Any

import psutil

from benchmarks.http_load import Load, Outcome, generated
from benchmarks.metering import cpu_of
from benchmarks.reader_views import FUSED, PASSTHROUGH, RERANKED, UNKNOWN, ReaderViews, user_name
from benchmarks.tenants import tenant, variables_of
from services.stack.embedded import EmbeddedStack
from services.stack.ports import free_ports
from shared.adapters.clock import epoch_ms
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings

USERS = {PASSTHROUGH: 20_000, FUSED: 5_000, RERANKED: 2_000, UNKNOWN: 2_000}
REQUESTS = {PASSTHROUGH: 10_000, FUSED: 5_000, RERANKED: 2_000, UNKNOWN: 5_000}
ITEMS = 5_000
CONNECTIONS, ROUNDS, START_S = 64, 5, 60.0
HALF_S = 3.0  # how long half load lasts
IDLE_CPU_S = 0.1  # in a second: less is a reader that has nothing to do
OURS, REFERENCE, SILENT = "reader", "reference", "without_impressions"
TARGETS = {"cpu_us": 110, "fused_cpu_us": 150, "x_reference": 2.5, "p99_ms": 10}
Say = Callable[[str], None]
Runs = dict[str, list[dict[str, float]]]


@dataclass(frozen=True)
class Served:
    """A reader process that answers."""

    port: int
    pid: int

    def put(self, kind: str, requests: int, users: int, rate: float = 0.0) -> dict[str, float]:
        """Load on users of a kind; per request, in microseconds of CPU: all, the system's share, the generator's."""
        paths = [f"/v1/users/{user_name(kind, number)}/recommendations" for number in range(users)]
        before = cpu_of(self.pid), psutil.Process(self.pid).cpu_times().system
        outcome = generated(Load(self.port, paths, requests, CONNECTIONS, rate))
        after = cpu_of(self.pid), psutil.Process(self.pid).cpu_times().system
        return _per_request(outcome, after[0] - before[0], after[1] - before[1])


def _per_request(outcome: Outcome, cpu_s: float, system_s: float) -> dict[str, float]:
    micro = 1e6 / outcome.requests
    return {
        "cpu_us": round(cpu_s * micro, 1),
        "system_us": round(system_s * micro, 1),  # by ticks of ten milliseconds
        "generator_us": round(outcome.cpu_s * micro, 1),
        "per_s": round(outcome.requests / outcome.wall_s, 1),
        "p50_ms": outcome.p50_ms,
        "p99_ms": outcome.p99_ms,
        "bytes": round(outcome.bytes_read / outcome.requests),
    }


def measure(stack: EmbeddedStack, size: float, say: Say) -> dict[str, Any]:
    """``size`` scales users and requests."""
    users, requests = ({kind: max(64, int(n * size)) for kind, n in of.items()} for of in (USERS, REQUESTS))
    with tenant(stack) as settings:
        ReaderViews(settings, ITEMS, epoch_ms()).fill(users)
        say(f"lists of {users}")
        with (
            served(settings, [sys.executable, "-m", "services.reader"]) as ours,
            served(settings, [sys.executable, "-m", "services.reader"], impressions=False) as silent,
            served(settings, [sys.executable, "-m", "benchmarks.peers.starlette_reader"]) as reference,
        ):
            return _report(_rounds({OURS: ours, SILENT: silent, REFERENCE: reference}, users, requests, say))


def _rounds(readers: dict[str, Served], users: dict[str, int], requests: dict[str, int], say: Say) -> Runs:
    runs: Runs = {}
    for turn in range(-1, ROUNDS):  # the first is to warm up
        for name, reader in readers.items():
            for kind in USERS if name == OURS else [PASSTHROUGH]:
                for load, run in _loads(reader, kind, requests[kind], users[kind]):
                    say(f"{name} {kind} {load}: {run['cpu_us']:.0f} µs, p99 {run['p99_ms']:.1f} ms")
                    if turn >= 0:
                        runs.setdefault(f"{name} {kind} {load}", []).append(run)
    return runs


def _loads(reader: Served, kind: str, requests: int, users: int) -> Iterator[tuple[str, dict[str, float]]]:
    """All that it can take; of the lists that are served as they stand also half of that."""
    full = reader.put(kind, requests, users)
    yield "full", full
    if kind == PASSTHROUGH:
        rate = full["per_s"] / 2
        yield "half", reader.put(kind, int(rate * HALF_S), users, rate)


def _report(runs: Runs) -> dict[str, Any]:
    middle = {name: {key: median(run[key] for run in of) for key in of[0]} for name, of in runs.items()}
    ours = f"{OURS} {PASSTHROUGH}"
    pairs = zip(runs[f"{REFERENCE} {PASSTHROUGH} full"], runs[f"{ours} full"], strict=True)
    return {
        "cpu_us": middle[f"{ours} full"]["cpu_us"],
        "x_reference": round(median(theirs["cpu_us"] / own["cpu_us"] for theirs, own in pairs), 2),
        "p99_ms": middle[f"{ours} half"]["p99_ms"],
        **{f"{kind}_cpu_us": middle[f"{OURS} {kind} full"]["cpu_us"] for kind in USERS if kind != PASSTHROUGH},
        "targets": TARGETS,
        "connections": CONNECTIONS,
        "detail": middle,
        "cpu_us_by_round": {name: [run["cpu_us"] for run in of] for name, of in runs.items()},
    }


@contextmanager
def served(settings: Settings, command: list[str], *, impressions: bool = True) -> Iterator[Served]:
    """A reader of this tenant until it is no longer needed."""
    [port] = free_ports([None])
    variables = {"HEADRACE_READER_PORT": str(port), "HEADRACE_READER_IMPRESSIONS": str(impressions).lower()}
    more = [str(port), f"{settings.tenant}:"] if "services.reader" not in command else []
    with subprocess.Popen([*command, *more], env=variables_of(settings, **variables)) as process:
        try:
            _wait(port, process)
            _settle(process.pid)
            yield Served(port, process.pid)
        finally:
            process.terminate()


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_S
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > until:
            raise Unavailable("a reader did not start; it said why above")
        time.sleep(0.1)


def _settle(pid: int) -> None:
    """Until it has compiled its kernels, or read them from their cache: it does so beside its first answers."""
    used = -math.inf
    while (now := cpu_of(pid)) - used > IDLE_CPU_S:
        used = now
        time.sleep(1.0)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", f"/v1/users/{user_name(PASSTHROUGH, 0)}/recommendations")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
