"""CPU time and memory of processes as the operating system has counted them."""

import time
from collections.abc import Mapping
from typing import Any

import psutil

from benchmarks.tenants import server_cpu
from services.stack.embedded import EmbeddedStack


def cpu_of(pid: int) -> float:
    """Seconds of user and system time of a process and of those that it has started."""
    process = psutil.Process(pid)
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            used = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
    return total


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
        return {name: cpu_of(pid) for name, pid in self._pids.items()} | server_cpu(self._stack)

    def read(self) -> dict[str, Any]:
        """Seconds so far; ``cpu_s`` is ours alone, without broker and Redis."""
        wall = time.monotonic() - self._began
        by_process = {name: round(cpu - self._before[name], 2) for name, cpu in self._cpu().items()}
        ours = sum(by_process[name] for name in self._pids)
        return {"wall_s": round(wall, 2), "cpu_s": round(ours, 2), "cpu_s_by_process": by_process}
