"""How long lists are not fresh after ``kill -9`` of one of two workers.

An ingest and two workers under the supervisor of ``headrace run``, which starts the killed one again; 200 events a
second from a process of its own, and probes beside them: 10 times a second an event in every partition, until the
user's list in Redis includes it. Recovered is when p99 of a whole second's probes is below a second: for the first
time, and for good until the next kill. Unnamed, the default: the places of the dead are free when its session (6 s) is
over; when it is back, partitions are shared out again. Named, with ``HEADRACE_KAFKA_INSTANCE_ID`` and a session (20 s)
that outlasts a restart: it takes its own place again, and nobody else's partitions move.

The state is small (some thousand users): how long a large one takes to be restored is another measure's.
"""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from benchmarks.probes import PERCENT, Probe, Probes, percentile, recovery, stale_windows
from benchmarks.tenants import tenant, variables_of
from services.ops.forget import forget
from services.ops.parts import parts_of
from services.ops.supervisor import Supervisor
from services.stack.embedded import EmbeddedStack
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings, load_settings

KILLS = 5
SESSION_S, NAMED_SESSION_S = 6, 20
RATE, SEED, DAY_S = 200, 23, 86_400
WATCH_S = 30.0  # after a kill
FORGOTTEN = 5  # users
CALM_S, PATIENCE_S = 5.0, 180.0
TARGET_S = 15.0
TOLD = ("compiling kernels", "started", "assigned", "partition restored", "stopped", "crashed")
SIMULATE = [sys.executable, "-c", "from services.cli.main import main; main()", "simulate"]
SIZES = ["--events", str(RATE * DAY_S), "--rate", str(RATE), "--users", "2000", "--items", "1000", "--seed", str(SEED)]
Say = Callable[[str], None]
Line = tuple[float, str, str]
"""(monotonic seconds, part, what it said)."""


def measure(stack: EmbeddedStack, size: float, say: Say) -> dict[str, Any]:
    """``size`` scales the number of kills."""
    kills = max(1, round(KILLS * size))
    return {"target_s": TARGET_S, "events_per_s": RATE} | {
        "unnamed": _with_members(stack, "", SESSION_S, kills, lambda text: say(f"unnamed: {text}")),
        "named": _with_members(stack, "bench", NAMED_SESSION_S, kills, lambda text: say(f"named: {text}")),
    }


def _with_members(stack: EmbeddedStack, instance: str, session_s: int, kills: int, say: Say) -> dict[str, Any]:
    lines: list[Line] = []
    with tenant(stack) as settings:
        members = {"instance_id": instance, "session_timeout_ms": 1000 * session_s}
        named = load_settings(
            tenant=settings.tenant,
            kafka=settings.kafka.model_dump() | members,
            redis=settings.redis.model_dump(),
        )
        with _running(named, lines) as parts, _probing(named) as probes:
            _wait_until_calm(probes, lines)
            say(f"two workers are calm: p{PERCENT} {_last_p99(probes.probes):.2f} s")
            calm_since = time.monotonic()
            time.sleep(CALM_S * 2)
            before = _last_p99(probes.probes, time.monotonic() - calm_since)
            forgotten = [_forget(named, n) for n in range(FORGOTTEN)]
            say(f"users were forgotten within {max(forgotten)} s")
            struck = [_kill(parts, probes, lines, n, say) for n in range(kills)]
    return {"session_s": session_s, "p99_before_s": round(before, 2), "forgotten_s": forgotten} | summed_up(struck)


@contextmanager
def _running(settings: Settings, lines: list[Line]) -> Iterator[Supervisor]:
    """The parts, and a shop that keeps sending."""
    session_ms = settings.kafka.session_timeout_ms
    more = {"HEADRACE_KAFKA_SESSION_TIMEOUT_MS": str(session_ms), "HEADRACE_LOG_LEVEL": "info"}
    variables = variables_of(settings, **more)
    parts = parts_of(settings, ingests=1, workers=2, reader=False, collector=False)

    def keep(part: str, line: bytes) -> None:
        lines.append((time.monotonic(), part, line.decode(errors="replace")))

    with Supervisor(parts, environment=variables, on_line=keep) as supervisor:
        quiet = subprocess.DEVNULL
        with subprocess.Popen([*SIMULATE, *SIZES], env=variables, stdout=quiet, stderr=quiet) as shop:
            try:
                yield supervisor
            finally:
                shop.kill()


@contextmanager
def _probing(settings: Settings) -> Iterator[Probes]:
    probes = Probes(settings)
    probes.start()
    try:
        yield probes
    finally:
        probes.stop()


def _wait_until_calm(probes: Probes, lines: list[Line]) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        now = time.monotonic()
        windows = stale_windows(probes.probes, now - CALM_S - 1, now - 1)
        if len(probes.probes) > 0 and not any(stale for _, stale in windows):
            return
        if now > end:
            said = "\n".join(f"{part}: {line}" for _, part, line in lines[-20:])
            raise Unavailable(f"lists are not fresh after {PATIENCE_S:.0f} s of quiet\n{said}")
        time.sleep(0.5)


def _kill(parts: Supervisor, probes: Probes, lines: list[Line], number: int, say: Say) -> dict[str, Any]:
    """Kill a worker, watch, and wait for calm; workers are killed by turns."""
    _wait_until_calm(probes, lines)
    workers = [status for status in parts.status() if status.part.startswith("worker") and status.pid]
    victim = workers[number % len(workers)]
    assert victim.pid is not None
    struck = time.monotonic()
    os.kill(victim.pid, signal.SIGKILL)
    time.sleep(WATCH_S)
    first, lasting = recovery(probes.probes, struck, struck + WATCH_S - 1)
    timeline = [
        f"{at - struck:.1f} {part} {said}"
        for at, part, line in lines
        if at >= struck and (said := next((what for what in TOLD if what in line), None))
    ]
    say(f"kill {number + 1}, of {victim.part}: recovered after {_rounded(first)} s, for good {_rounded(lasting)} s")
    return {
        "killed": victim.part,
        "recovered_s": _rounded(first),
        "for_good_s": _rounded(lasting),
        "timeline": timeline,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None or math.isinf(seconds) else round(seconds, 1)


def _forget(settings: Settings, number: int) -> float:
    """Seconds until a user's list is gone, as ``headrace forget`` waits for it; a measure of its own on the side."""
    began = time.monotonic()
    forget(settings, f"forgotten-{number}", PATIENCE_S)
    return round(time.monotonic() - began, 2)


def _last_p99(probes: list[Probe], seconds: float = CALM_S) -> float:
    now = time.monotonic()
    ages = sorted(p.seen - p.sent for p in probes if now - seconds <= p.sent < now - 1 and p.seen is not None)
    return percentile(ages, PERCENT) if ages else float("inf")


def summed_up(struck: list[dict[str, Any]]) -> dict[str, Any]:
    """Over the kills; one after which lists were not fresh again while it was watched counts as endless, None."""
    found: dict[str, Any] = {}
    for name in ("recovered_s", "for_good_s"):
        seconds = [math.inf if kill[name] is None else kill[name] for kill in struck]
        found[name] = {"median": _rounded(median(seconds)), "max": _rounded(max(seconds))}
    return found | {"kills": struck}
