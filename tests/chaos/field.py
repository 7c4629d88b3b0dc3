"""What is struck: a Kafka and a Redis of its own, an ingest and two workers, a simulated shop that keeps sending."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from services.ops.backoff import Backoff
from services.ops.parts import WORKER, parts_of
from services.ops.supervisor import Supervisor
from services.stack.embedded import EmbeddedStack, default_home, default_jars
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.settings import Settings, load_settings
from tests.stack.parts import variables_of

COMMAND = [sys.executable, "-c", "from services.cli.main import main; main()"]
SESSION_S = 6
SHARES = ["--bad-share", "0.02", "--duplicate-share", "0.03", "--late-share", "0.03"]


class Field:
    """``parts`` are started again within a second when they die; ``output`` holds what they said."""

    def __init__(self, stack: EmbeddedStack, settings: Settings, parts: Supervisor, output: Path) -> None:
        self.stack, self.settings, self.parts, self.output = stack, settings, parts, output
        self.variables = variables_for(settings)

    def pid_of(self, part: str) -> int | None:
        """Of a part that runs just now."""
        return next((status.pid for status in self.parts.status() if status.part == part), None)

    def simulate(self, events: int, rate: float, seed: int) -> subprocess.Popen[bytes]:
        """Bad, repeated and late events among them."""
        sizes = ["--events", str(events), "--rate", str(rate), "--users", "400", "--items", "300", "--seed", str(seed)]
        return subprocess.Popen(
            [*COMMAND, "simulate", *sizes, *SHARES], env=self.variables, stdout=subprocess.DEVNULL, stderr=None
        )

    def verify(self, deadline_s: float) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "verify", "--refresh", "--json"],
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=deadline_s,
        )

    @contextmanager
    def one_more_worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A third member of the group for a while."""
        with self.output.open("ab") as output, _ending(output, self.variables) as worker:
            yield worker


@contextmanager
def _ending(output: IO[bytes], variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    worker = subprocess.Popen([sys.executable, "-m", WORKER], env=variables, stdout=output, stderr=output)
    try:
        yield worker
    finally:
        if worker.poll() is None:
            worker.kill()
        worker.wait()


def variables_for(settings: Settings) -> dict[str, str]:
    """Checkpoints are frequent, so that kills fall into them."""
    return variables_of(
        settings,
        HEADRACE_KAFKA_SESSION_TIMEOUT_MS=str(SESSION_S * 1000),
        HEADRACE_TICKS_CHECKPOINT_MS="3000",
        HEADRACE_PROFILES_MAX_USERS="150",  # bounds that bite: eviction is struck, too
        HEADRACE_COOCCURRENCE_MAX_ITEMS="250",
    )


@contextmanager
def field(home: Path, tenant: str, *, redis_keeps: bool) -> Iterator[Field]:
    """Everything is ended with the block. ``redis_keeps``: with an append-only file; it comes back as it was."""
    with EmbeddedStack(home, jars=default_jars(default_home()), redis_append_only=redis_keeps) as stack:
        settings = load_settings(
            tenant=tenant,
            kafka={"bootstrap_servers": stack.kafka},
            redis={"url": stack.redis},
            profiles={"max_users": 150},
            cooccurrence={"max_items": 250},
        )
        ensure_topics(settings)
        output = home / "parts.log"
        parts = parts_of(settings, ingests=1, workers=2, reader=False, collector=False)
        with output.open("ab") as lines:

            def keep(part: str, line: bytes) -> None:
                stamp = time.strftime("%H:%M:%S")
                os.write(lines.fileno(), f"{stamp} {part} | ".encode() + line + b"\n")

            quick = Backoff(first=0.1, longest=1.0)
            with Supervisor(parts, environment=variables_for(settings), backoff=quick, on_line=keep) as supervisor:
                yield Field(stack, settings, supervisor, output)
