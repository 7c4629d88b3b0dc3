"""The embedded stack as an object: a real Kafka and a real Redis, held by this process.

``with EmbeddedStack(home) as stack:`` starts both, or finds those that run in that home; ``stack.kafka`` and
``stack.redis`` say where. What it started ends with the block, and also if this process is killed.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from services.stack import kafka_server, redis_server
from services.stack.finding import find, stop_keeper
from services.stack.home import Home, Process, Running, tail
from services.stack.interrupts import kept_interrupts
from services.stack.jars import Say, ensure_jars, kafka_version, read_lock
from services.stack.keeper import STOP_S
from services.stack.keeping import Keeping
from services.stack.ports import free_ports
from services.stack.preparing import CLASSES, ensure_prepared, format_like
from services.stack.ready import kafka_answers, redis_answers
from shared.contracts.errors import HeadraceError, Unavailable

KAFKA_S = 600.0  # a cold start on a machine that is busy with other things
REDIS_S = 30.0
ANSWER_S = 2.0
TRIES = 3
PORT_TAKEN = "Address already in use"

Name = Literal["kafka", "redis"]


class NotOurs(HeadraceError):  # noqa: N818 - what it is, said as one
    """Only the process that started a stack may kill or restart its servers."""


def default_home() -> Path:
    """``$HEADRACE_HOME``, else ``.headrace`` in the working folder."""
    return Path(os.environ.get("HEADRACE_HOME") or ".headrace").absolute()


def default_jars(home: Path) -> Path:
    """``$HEADRACE_JARS`` (a cache that several homes share), else in the home."""
    return Path(os.environ.get("HEADRACE_JARS") or home / "jars").absolute()


def _silent(_: str) -> None:
    pass


class EmbeddedStack:
    """Kafka and Redis on free ports of 127.0.0.1; a context manager."""

    def __init__(
        self,
        home: Path,
        *,
        jars: Path | None = None,
        say: Say = _silent,
        redis_append_only: bool = False,
        kafka_advertised: int | None = None,
    ) -> None:
        """``kafka_advertised``: the port that Kafka sends its clients to, where something stands between."""
        self.home = Home(home)
        self.found = False
        self.jars = jars or default_jars(home)
        self._say = say
        self._append_only = redis_append_only
        self._advertised = kafka_advertised
        self._keeping: Keeping | None = None
        self._running: Running | None = None
        self._commands: dict[Name, list[str]] = {}

    @property
    def kafka(self) -> str:
        """Bootstrap servers: host:port."""
        return self._now().kafka

    @property
    def redis(self) -> str:
        """A redis:// URL."""
        return self._now().redis

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> Self:
        """Find the stack of this home, or start it; back when both answer."""
        self.home.prepare()
        with self.home.starting():
            self._running = find(self.home, self._say)
            self.found = self._running is not None
            if not self.found:
                self._start()
        return self

    def stop(self) -> None:
        """Stop what this object started; leave alone what it found."""
        if self._keeping is not None:
            keeping, self._keeping = self._keeping, None
            keeping.end()
        self._running = None

    def detach(self) -> None:
        """Leave the servers to run until `headrace down`."""
        if self._keeping is not None:
            self._record(owner=None)
            keeping, self._keeping = self._keeping, None
            keeping.detach()

    def check(self) -> None:
        """Raise :class:`Unavailable` if a server that this object started has ended."""
        for name in ("redis", "kafka"):
            self._check(name)

    def kill(self, name: Name) -> None:
        """``kill -9`` one server; its data stays."""
        self._ours().kill(name)

    def restart(self, name: Name) -> None:
        """Start it again, on the same data and port; back when it answers. (What still runs is stopped first.)"""
        self._ours().stop(name)
        self._launch(name)
        self._wait(name)
        self._record(owner=Process.of(os.getpid()))

    def pid(self, name: Name) -> int:
        return self._now().servers[name].pid

    def _now(self) -> Running:
        if self._running is None:
            raise Unavailable(f"the stack in {self.home.root} is not started")
        return self._running

    def _ours(self) -> Keeping:
        if self._keeping is None:
            raise NotOurs(f"the stack in {self.home.root} was started by another process")
        return self._keeping

    def _start(self) -> None:
        began = time.monotonic()
        jars = ensure_jars(self.jars, self._say)
        prepared = ensure_prepared(self.jars, jars, self._say)
        for tried in range(1, TRIES + 1):
            self._keeping = Keeping(self.home.keeper_lock, self.home.record, self.home.log("keeper"))
            try:
                self._start_servers(jars, prepared)
                break
            except BaseException as error:
                self.stop()
                if tried == TRIES or not (isinstance(error, Unavailable) and PORT_TAKEN in str(error)):
                    raise
                self._say("a port was taken meanwhile; once more on others")
        self._say(f"Kafka {self.kafka} and Redis {self.redis} answer ({time.monotonic() - began:.0f} s)")

    def _start_servers(self, jars: list[Path], prepared: Path) -> None:
        kafka_port, controller_port, redis_port = ports = free_ports(self.home.ports())
        self.home.keep_ports(ports)
        self._commands["redis"] = redis_server.start_command(
            redis_port, self.home.data("redis"), append_only=self._append_only
        )
        owner = Process.of(os.getpid())
        self._running = Running(
            f"127.0.0.1:{kafka_port}", f"redis://127.0.0.1:{redis_port}/0", kafka_version(read_lock()), owner, {}
        )
        self._launch("redis")
        data = self.home.data("kafka")
        config = kafka_server.write_config(self.home.root, data, kafka_port, controller_port, self._advertised)
        format_like(prepared, data)
        classes = kafka_server.with_classes(prepared / CLASSES)
        self._commands["kafka"] = kafka_server.start_command(jars, config, classes)
        self._launch("kafka")
        self._wait("redis")
        self._wait("kafka")
        self._record(owner)

    def _launch(self, name: Name) -> None:
        environment = kafka_server.java_environment()
        self._ours().start(name, self._commands[name], self.home.log(name), self.home.root, environment)

    def _wait(self, name: Name) -> None:
        answers: Callable[[float], bool]
        if name == "kafka":
            answers, seconds = (lambda t: kafka_answers(self.kafka, t)), KAFKA_S
        else:
            answers, seconds = (lambda t: redis_answers(self.redis, t)), REDIS_S
        self._say(f"waiting for {name}")
        deadline = time.monotonic() + seconds
        with kept_interrupts() as raise_if_came:
            while not answers(ANSWER_S):
                raise_if_came()
                self._check(name)
                if time.monotonic() > deadline:
                    log = self.home.log(name)
                    raise Unavailable(f"{name} does not answer after {seconds:.0f} s; the end of {log}:\n{tail(log)}")
                time.sleep(0.05)
            raise_if_came()

    def _check(self, name: Name) -> None:
        state, log = self._ours().poll(name), self.home.log(name)
        if not state.alive:
            raise Unavailable(f"{name} ended with status {state.status}; the end of {log}:\n{tail(log)}")

    def _record(self, owner: Process | None) -> None:
        now, states = self._now(), {name: self._ours().poll(name) for name in STOP_S}
        servers = {name: Process.of(s.pid) for name, s in states.items() if s.alive and s.pid is not None}
        self._running = Running(now.kafka, now.redis, now.kafka_version, owner, servers)
        self.home.write(self._running)


def stop_stack(home: Path) -> str | None:
    """Stop whatever runs in that home; says what was there, None for nothing."""
    place = Home(home)
    if not place.root.is_dir():
        return None
    with place.starting():
        running, keeper = place.read(), place.keeper()
        stop_keeper(place)
    if running is None and keeper is None:
        return None
    return f"Kafka {running.kafka} and Redis {running.redis}" if running else "a stack that was starting"
