"""What is struck: a Kafka, a Redis, two ingests, two workers, a reader, a collector; a simulated shop keeps sending."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import IO, Any

import psutil
import redis

from services.ops.backoff import Backoff
from services.ops.parts import WORKER, parts_of
from services.ops.supervisor import Supervisor
from services.stack.embedded import EmbeddedStack, default_home, default_jars
from shared.adapters.kafka_clients import event_producer
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import topic_name
from tests.chaos.proxy import Proxy
from tests.stack.parts import COMMAND, headrace, variables_of

SESSION_S = 6
WORKERS, INGESTS = ("worker-1", "worker-2"), ("ingest-1", "ingest-2")
COMMAND_S = 300.0
OUTPUT, FAILPOINTS = "parts.log", "failpoints"
SHARES = ["--bad-share", "0.02", "--duplicate-share", "0.03", "--late-share", "0.03"]


class Field:
    """``parts`` are started again within a second when they die; ``output`` holds what they said; all connections
    pass ``proxies``. ``sent``: events that Kafka has taken beside those of :meth:`simulate`.
    Who holds ``peace`` has no worker killed meanwhile.
    """

    def __init__(
        self, stack: EmbeddedStack, settings: Settings, parts: Supervisor, home: Path, proxies: tuple[Proxy, Proxy]
    ) -> None:
        self.stack, self.settings, self.parts, self.proxies = stack, settings, parts, proxies
        self.output, self.failpoints = home / OUTPUT, home / FAILPOINTS
        self.variables = variables_for(settings)
        self.sent = 0
        self.peace = threading.Lock()

    def pid_of(self, part: str) -> int | None:
        """Of a part that runs just now."""
        return next((status.pid for status in self.parts.status() if status.part == part), None)

    def url_of(self, part: str) -> str | None:
        """Where a part that runs just now listens, or will."""
        return next((status.url for status in self.parts.status() if status.part == part), None)

    def hit(self, part: str, number: signal.Signals) -> None:
        """To its process, if it runs."""
        if (pid := self.pid_of(part)) is not None:
            _send(pid, number)

    @contextmanager
    def asleep(self, *pids: int) -> Iterator[None]:
        """Processes stand still meanwhile, if they live so long."""
        try:
            for pid in pids:
                _send(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in pids:
                _send(pid, signal.SIGCONT)

    @contextmanager
    def asleep_at(self, point: str, patience_s: float) -> Iterator[bool]:
        """The next process that comes to the point stands still there meanwhile; whether one came within the time."""
        try:
            yield self.die_at(point, patience_s, signal.SIGSTOP)
        finally:
            for status in self.parts.status():
                self.hit(status.part, signal.SIGCONT)

    def die_at(self, point: str, patience_s: float, number: signal.Signals = signal.SIGKILL) -> bool:
        """The next process that comes to the point dies there; whether one came within the time. ``number``: of another
        signal that it gets.
        """
        mark = self.failpoints / point
        written = mark.with_suffix(".new")
        written.write_text(str(number.value))
        written.rename(mark)
        deadline = time.monotonic() + patience_s
        while mark.exists():
            if time.monotonic() > deadline:
                with suppress(FileNotFoundError):
                    mark.unlink()
                    return False
            time.sleep(0.02)
        return True

    def resident_mb(self) -> dict[str, float]:
        """Memory of each part that runs now, in MB."""
        found = {}
        for status in self.parts.status():
            with suppress(psutil.Error):
                if status.pid is not None:
                    found[status.part] = psutil.Process(status.pid).memory_info().rss / 1e6
        return found

    @property
    def redis_port(self) -> int:
        """Of the server itself."""
        return _port(self.stack.redis)

    def redis(self) -> redis.Redis:
        """Past the proxy."""
        return redis.Redis.from_url(self.stack.redis, socket_timeout=10)

    def simulate(self, events: int, rate: float, seed: int) -> subprocess.Popen[bytes]:
        """Bad, repeated and late events among them."""
        sizes = ["--events", str(events), "--rate", str(rate), "--users", "400", "--items", "300", "--seed", str(seed)]
        return subprocess.Popen(
            [*COMMAND, "simulate", *sizes, *SHARES], env=self.variables, stdout=subprocess.DEVNULL, stderr=None
        )

    def send_views(self, chance: Random, count: int) -> None:
        """At once, of guests who do nothing else."""
        producer = event_producer(self.settings.kafka)
        topic, now = topic_name(self.settings, "view"), time.time_ns() // 1_000_000

        def heard(error: object, _: object) -> None:
            self.sent += error is None

        for n in range(count):
            event = {"user_id": f"guest-{chance.randrange(60)}", "item_id": f"item-{chance.randrange(200)}"}
            producer.produce(topic, json.dumps(event | {"ts": now + n}).encode(), on_delivery=heard)
            producer.poll(0)
        producer.flush(120)

    @contextmanager
    def command(self, *words: str) -> Iterator[None]:
        """`headrace …` runs meanwhile, and to its end."""
        with self.output.open("ab") as output:
            running = subprocess.Popen([*COMMAND, *words], env=self.variables, stdout=output, stderr=output)
            try:
                yield
            finally:
                running.wait(COMMAND_S)

    def verify(self, deadline_s: float, *options: str) -> dict[str, Any]:
        """What `headrace verify` finds."""
        done = headrace(self.variables, "verify", "--json", *options, patience_s=deadline_s)
        assert done.stdout, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    @contextmanager
    def one_more_worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A third member of the group for a while."""
        with self.output.open("ab") as output, _ending(output, self.variables) as worker:
            yield worker


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


Fault = Callable[[Field, Random], None]


@contextmanager
def _ending(output: IO[bytes], variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    worker = subprocess.Popen([sys.executable, "-m", WORKER], env=variables, stdout=output, stderr=output)
    try:
        yield worker
    finally:
        if worker.poll() is None:
            worker.kill()
        worker.wait()


def variables_for(settings: Settings, **more: str) -> dict[str, str]:
    """Checkpoints are frequent, so that kills fall into them."""
    return variables_of(
        settings,
        HEADRACE_KAFKA_SESSION_TIMEOUT_MS=str(SESSION_S * 1000),
        HEADRACE_TICKS_CHECKPOINT_MS="3000",
        HEADRACE_PROFILES_MAX_USERS="150",  # bounds that bite: eviction is struck, too
        HEADRACE_COOCCURRENCE_MAX_ITEMS="250",
        **more,
    )


@contextmanager
def field(home: Path, tenant: str, *, redis_keeps: bool) -> Iterator[Field]:
    """Everything is ended with the block. ``redis_keeps``: with an append-only file; it comes back as it was."""
    jars = default_jars(default_home())
    with Proxy() as to_kafka, Proxy() as to_redis:
        stack = EmbeddedStack(home, jars=jars, redis_append_only=redis_keeps, kafka_advertised=to_kafka.port)
        with stack:
            to_kafka.towards(_port(stack.kafka))
            to_redis.towards(_port(stack.redis))
            settings = load_settings(
                tenant=tenant,
                kafka={"bootstrap_servers": f"127.0.0.1:{to_kafka.port}"},
                redis={"url": f"redis://127.0.0.1:{to_redis.port}/0"},
                reader={"port": 0},
                collector={"port": 0},
                profiles={"max_users": 150},
                cooccurrence={"max_items": 250},
            )
            ensure_topics(settings)
            with _parts(settings, home) as parts:
                yield Field(stack, settings, parts, home, (to_kafka, to_redis))


@contextmanager
def _parts(settings: Settings, home: Path) -> Iterator[Supervisor]:
    """Two ingests and two workers, that die where the failpoints say, a reader and a collector."""
    points = home / FAILPOINTS
    points.mkdir()
    parts = parts_of(settings, ingests=2, workers=2, reader=True, collector=True)
    with (home / OUTPUT).open("ab") as lines:

        def keep(part: str, line: bytes) -> None:
            stamp = time.strftime("%H:%M:%S")
            os.write(lines.fileno(), f"{stamp} {part} | ".encode() + line + b"\n")

        quick = Backoff(first=0.1, longest=1.0)
        variables = variables_for(settings, FAILPOINTS=str(points))
        with Supervisor(parts, environment=variables, backoff=quick, on_line=keep) as supervisor:
            yield supervisor


def _port(address: str) -> int:
    """Of ``host:port`` or a URL."""
    return int(address.rpartition(":")[2].partition("/")[0])
