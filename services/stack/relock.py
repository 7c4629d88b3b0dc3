"""Writes ``kafka.lock`` anew: ``python -m services.stack.relock 4.2.2`` resolves by jgo and hashes what it fetched."""

import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from services.stack.jars import BROKER, LOCK_FILE, PARALLEL, TIMEOUT_S, sha256_of

HEAD = "# Apache Kafka's jars, by sha256, in class-path order. Written by `python -m services.stack.relock VERSION`.\n"


def relock(version: str) -> int:
    """Resolve that version of the broker and write its lock; returns the number of jars."""
    from jgo.maven import MavenContext
    from jgo.parse import Coordinate

    folder = Path(tempfile.mkdtemp(prefix="headrace-relock-"))
    try:
        context = MavenContext(repo_cache=folder, local_repos=[], timeout=TIMEOUT_S)
        broker = context.create_dependency(Coordinate(*BROKER, version, scope="compile"))
        inputs, transitive = context.resolver.resolve([broker])
        wanted = inputs + [d for d in transitive if d.scope in {"compile", "runtime"} and d.type == "jar"]
        artifacts = [d.artifact for d in wanted]
        artifacts.append(_log_binding(context, artifacts))
        with ThreadPoolExecutor(PARALLEL) as pool:
            lines = list(pool.map(_line, artifacts))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    LOCK_FILE.write_text(HEAD + "".join(lines), "ascii")
    return len(lines)


def _log_binding(context: Any, artifacts: list[Any]) -> Any:
    """Kafka's POM leaves the binding of slf4j to log4j to its release archive; without it there is no log."""
    version = next(a.version for a in artifacts if a.artifactId == "log4j-core")
    return context.project("org.apache.logging.log4j", "log4j-slf4j-impl").at_version(version).artifact()


def _line(artifact: Any) -> str:
    return f"{sha256_of(artifact.resolve())}  {artifact.groupId}:{artifact.artifactId}:{artifact.version}\n"


if __name__ == "__main__":
    sys.stdout.write(f"{relock(sys.argv[1])} jars locked\n")
