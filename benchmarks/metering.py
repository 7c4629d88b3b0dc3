"""CPU time and memory of processes as the operating system has counted them."""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psutil

from services.stack.embedded import EmbeddedStack

_PROCESS_CLOCK = 2  # CPUCLOCK_SCHED of a process: what clock_getcpuclockid(3) makes of a pid


def cpu_of(pid: int) -> float:
    """Seconds of user and system time of a process, all its threads included, so far.

    By the process's own CPU clock where there is one (Linux, clock_getcpuclockid(3)), to the nanosecond: the ticks that
    psutil reads are of ten milliseconds, in which a reader answers a hundred requests.

    :raises psutil.NoSuchProcess: when it is gone.
    """
    try:
        return time.clock_gettime((~pid << 3) | _PROCESS_CLOCK)
    except (AttributeError, OSError):  # none on this system, or the process is gone: psutil says which
        used = psutil.Process(pid).cpu_times()
        return used.user + used.system


def cpu_of_family(pid: int) -> float:
    """The same of a process and of those that it has started and that are still there."""
    total = cpu_of(pid)
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += cpu_of(child.pid)
    return total


def server_cpu(stack: EmbeddedStack) -> dict[str, float]:
    """CPU seconds that the servers have used so far, for whomever."""
    return {name: cpu_of(stack.pid(name)) for name in ("kafka", "redis")}


def memory_of(pid: int) -> int:
    """Resident bytes."""
    return int(psutil.Process(pid).memory_info().rss)


class Meter:
    """From its making on: wall, and the CPU of the named processes and of the servers."""

    def __init__(self, stack: EmbeddedStack, pids: Mapping[str, int]) -> None:
        self._stack, self._pids = stack, dict(pids)
        self._before = self._cpu()
        self._began = time.monotonic()

    def _cpu(self) -> dict[str, float]:
        return {name: cpu_of_family(pid) for name, pid in self._pids.items()} | server_cpu(self._stack)

    def read(self) -> dict[str, Any]:
        """Seconds so far; ``cpu_s`` is ours alone, without broker and Redis."""
        wall = time.monotonic() - self._began
        by_process = {name: round(cpu - self._before[name], 4) for name, cpu in self._cpu().items()}
        ours = sum(by_process[name] for name in self._pids)
        return {"wall_s": round(wall, 2), "cpu_s": round(ours, 4), "cpu_s_by_process": by_process}
