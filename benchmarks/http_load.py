"""A load generator in a process of its own: so many keep-alive connections, one request under way on each.

``python -m benchmarks.http_load``; what to do is JSON on standard input (:class:`Load`), what came of it JSON on
standard output (:class:`Outcome`). Without a ``rate`` each connection asks again once it is answered (full load). With
one, each asks by a timetable, and an answer's time counts from when its request was due: what waits behind a slow
answer is slow as well.
"""

import asyncio
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from typing import cast

import msgspec
import uvloop

from shared.contracts.errors import Unavailable

OK = b"HTTP/1.1 200"
LENGTH = b"content-length: "
END = b"\r\n\r\n"
PATIENCE_S = 30.0


class Load(msgspec.Struct):
    """``requests`` to ``paths`` in turn over ``connections``, ``rate`` per second of all together (0: full load)."""

    port: int
    paths: list[str]
    requests: int
    connections: int
    rate: float = 0.0


class Outcome(msgspec.Struct):
    """``p50_ms`` and ``p99_ms`` of the answers; ``cpu_s``: of the generator itself."""

    requests: int
    failed: int
    wall_s: float
    cpu_s: float
    bytes_read: int
    p50_ms: float
    p99_ms: float


class Client(asyncio.Protocol):
    """One connection. ``step``: seconds between its requests, 0 for none."""

    def __init__(self, asked: Iterator[bytes], began: float, step: float, outcome: Outcome, times: list[float]) -> None:
        self._asked, self._outcome, self._times = asked, outcome, times
        self._due, self._step = began, step
        self._loop = asyncio.get_running_loop()
        self._read = b""
        self.done: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._loop.call_later(max(0.0, self._due - time.perf_counter()), self._ask)

    def _ask(self) -> None:
        request = next(self._asked, None)
        if request is None:
            self._transport.close()
            return
        if not self._step:
            self._due = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._read = data = self._read + data if self._read else data
        head = data.find(END)
        if head < 0:
            return
        at = data.find(LENGTH, 0, head)
        length = int(data[at + len(LENGTH) : data.index(b"\r", at)]) if at > 0 else 0
        if len(data) >= head + len(END) + length:
            self._answered(data)

    def _answered(self, data: bytes) -> None:
        now = time.perf_counter()
        self._read = b""
        self._times.append(now - self._due)
        self._outcome.bytes_read += len(data)
        self._outcome.failed += not data.startswith(OK)
        if not self._step:
            self._ask()
            return
        self._due += self._step
        if self._due > now:
            self._loop.call_later(self._due - now, self._ask)
        else:
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        if not self.done.done():
            self.done.set_result(None)


async def put_load(load: Load) -> Outcome:
    """Every path in turn, until so many requests are answered or none is for a while."""
    requests = [f"GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n".encode("ascii") for path in load.paths]
    asked = islice(cycle(requests), load.requests)
    step = load.connections / load.rate if load.rate else 0.0
    outcome, times = Outcome(0, 0, 0.0, 0.0, 0, 0.0, 0.0), list[float]()
    began, cpu = time.perf_counter(), time.process_time()
    loop, clients = asyncio.get_running_loop(), list[Client]()
    for n in range(load.connections):
        due = began + n * step / load.connections
        clients.append(Client(asked, due, step, outcome, times))
        await loop.create_connection(lambda n=n: clients[n], "127.0.0.1", load.port)  # type: ignore[misc]
    expected = load.requests / load.rate if load.rate else load.requests / 100
    await asyncio.wait([client.done for client in clients], timeout=expected + PATIENCE_S)
    outcome.wall_s, outcome.cpu_s = time.perf_counter() - began, time.process_time() - cpu
    outcome.requests, outcome.failed = len(times), outcome.failed + load.requests - len(times)
    outcome.p50_ms, outcome.p99_ms = quantile_ms(times, 0.5), quantile_ms(times, 0.99)
    return outcome


def quantile_ms(times: list[float], q: float) -> float:
    """By nearest rank; -1 of none."""
    ordered = sorted(times)
    return round(1000 * ordered[max(0, math.ceil(len(ordered) * q) - 1)], 3) if ordered else -1.0


def generated(load: Load) -> Outcome:
    """Have a process put the load; raises :class:`Unavailable` if a request was not answered with 200."""
    command = [sys.executable, "-m", "benchmarks.http_load"]
    ended = subprocess.run(command, input=msgspec.json.encode(load), stdout=subprocess.PIPE, check=True, env=os.environ)
    outcome = msgspec.json.decode(ended.stdout, type=Outcome)
    if outcome.failed:
        raise Unavailable(f"{outcome.failed} of {load.requests} requests were not answered")
    return outcome


def main() -> None:
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(put_load(load))))


if __name__ == "__main__":
    main()
