"""A tenant's commands, and its ingest and worker as `headrace run` would run them; what they say is kept."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.ops.part import Part
from services.ops.parts import parts_of
from services.ops.supervisor import Supervisor
from shared.contracts.settings import Settings

COMMAND = [sys.executable, "-c", "from services.cli.main import main; main()"]
"""`headrace` as this checkout has it; its arguments follow."""
PATIENCE_S = 600.0


def variables_of(settings: Settings, **more: str) -> dict[str, str]:
    """The environment of the tenant's parts: nothing of ours from outside."""
    ours = {
        "HEADRACE_CONFIG": str(Path(__file__).parents[1] / "headrace.toml"),
        "HEADRACE_TENANT": settings.tenant,
        "HEADRACE_KAFKA_BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers,
        "HEADRACE_KAFKA_SESSION_TIMEOUT_MS": "10000",
        "HEADRACE_REDIS_URL": settings.redis.url,
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("HEADRACE_")} | ours | more


def headrace(
    variables: dict[str, str], *arguments: str, patience_s: float = PATIENCE_S
) -> subprocess.CompletedProcess[str]:
    """A command of it that has ended; ``variables``: all of its environment."""
    command = [*COMMAND, *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=patience_s, check=False)


@contextmanager
def running(settings: Settings, variables: dict[str, str], output: Path) -> Iterator[Supervisor]:
    """Both parts, started again when they die; asked to end at the end."""
    with _supervised(_both(settings), variables, output) as supervisor:
        yield supervisor


@contextmanager
def only(name: str, settings: Settings, variables: dict[str, str], output: Path) -> Iterator[Supervisor]:
    """One of both."""
    with _supervised([part for part in _both(settings) if part.name == name], variables, output) as supervisor:
        yield supervisor


def _both(settings: Settings) -> list[Part]:
    return parts_of(settings, ingests=1, workers=1, reader=False, collector=False)


@contextmanager
def _supervised(parts: list[Part], variables: dict[str, str], output: Path) -> Iterator[Supervisor]:
    with output.open("ab") as lines:

        def keep(part: str, line: bytes) -> None:
            os.write(lines.fileno(), part.encode() + b" | " + line + b"\n")

        with Supervisor(parts, environment=variables, on_line=keep) as supervisor:
            yield supervisor
