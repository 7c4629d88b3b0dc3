"""Runs a peer's process over raw topics that are full, and meters it from its first event to its last."""

import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from benchmarks.metering import Meter, memory_of
from benchmarks.peers.progress import Task
from benchmarks.raw_events import kinds_by_topic
from services.ops.child import tied_to_parent
from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_clients import admin
from shared.adapters.kafka_topics import partitions_by_topic
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings

ROOT = Path(__file__).parent.parent
FAUST, QUIXSTREAMS, PLAIN = "faust", "quixstreams", "plain"
MODULES = {FAUST: "faust_app", QUIXSTREAMS: "quix_app", PLAIN: "plain_loop"}
OWN_ENVIRONMENT = {QUIXSTREAMS: ROOT / ".venv-peers" / "bin" / "python"}
PATIENCE_S = 900.0


def interpreter_of(peer: str) -> str | None:
    """The Python that has the peer's library; None where it was not set up."""
    own = OWN_ENVIRONMENT.get(peer)
    if own is None:
        return sys.executable
    return str(own) if own.exists() else None


def run_peer(
    stack: EmbeddedStack, settings: Settings, peer: str, events: int, *, lists: bool = False
) -> dict[str, Any]:
    """What it took, and what the peer says that it holds then. Its own topics are removed."""
    python = interpreter_of(peer)
    if python is None:
        raise Unavailable(f"{peer} is not set up: `make bench` builds {OWN_ENVIRONMENT[peer]}")
    with tempfile.TemporaryDirectory(prefix="headrace-bench-peer-") as folder:
        task = _task(settings, peer, events, lists, folder)
        command = [python, "-m", f"benchmarks.peers.{MODULES[peer]}", json.dumps(asdict(task))]
        with (
            (Path(folder) / "errors").open("w+") as errors,
            subprocess.Popen(
                tied_to_parent(command), cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
            ) as process,
        ):
            impatience = threading.Timer(PATIENCE_S, process.kill)
            impatience.start()
            try:
                _next(process.stdout, errors, peer)
                meter = Meter(stack, {peer: process.pid})
                said = _next(process.stdout, errors, peer)
                run = meter.read() | {"rss_mb": round(memory_of(process.pid) / 1e6)}
            finally:
                impatience.cancel()
                process.kill()
    _remove_topics(settings, task.group)
    return run | {"held": {name: figure for name, figure in said.items() if name != "last"}}


def _task(settings: Settings, peer: str, events: int, lists: bool, folder: str) -> Task:
    return Task(
        bootstrap=settings.kafka.bootstrap_servers,
        topics=sorted(kinds_by_topic(settings)),
        partitions=settings.topics.raw_partitions,
        group=f"{settings.tenant}-{peer}",
        events=events,
        state=folder,
        redis=settings.redis.url if lists else "",
        prefix=f"{settings.tenant}:{peer}:",
        history=settings.profiles.history,
        pairs=settings.cooccurrence.pairs_per_event,
        neighbours=settings.cooccurrence.neighbours,
        recent=settings.lists.recent_items,
        length=settings.lists.length,
        ttl_s=settings.lists.ttl_s,
    )


def _next(lines: IO[str] | None, errors: IO[str], peer: str) -> dict[str, Any]:
    line = lines.readline() if lines else ""
    if not line:
        errors.seek(0)
        raise Unavailable(f"{peer} ended early, or after {PATIENCE_S:.0f} s:\n{errors.read()[-3000:]}")
    said: dict[str, Any] = json.loads(line)
    return said


def _remove_topics(settings: Settings, group: str) -> None:
    """Changelogs and what stands between its steps."""
    client = admin(settings.kafka)
    its = [name for name in partitions_by_topic(client) if group in name]
    for done in (client.delete_topics(its, operation_timeout=60) if its else {}).values():
        done.result()
