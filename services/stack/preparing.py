"""What every start of the broker would do anew is done once per machine: formatting, and loading Java's classes.

Kafka's own tool formats a folder, which later homes get a copy of under ids of their own. A broker is started and
stopped, and Java keeps the classes that it loaded (an AOT cache: JEP 483). Both lie beside the jars, in a folder named
after all that they were made from.
"""

import hashlib
import shutil
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from services.stack import kafka_server
from services.stack.home import tail
from services.stack.jars import Say, locked
from services.stack.keeping import Keeping
from services.stack.ports import free_ports
from shared.contracts.errors import Unavailable

STARTED = "Kafka Server started"
STEP_S = 600.0
POLL_S = 0.1
CLASSES = "classes.aot"
FORMATTED = ("meta.properties", "bootstrap.checkpoint")


def ensure_prepared(cache: Path, jars: Sequence[Path], say: Say) -> Path:
    """The folder of what is prepared for these jars; made if it is missing. Others that want it wait."""
    with locked(cache / ".lock"):
        made = cache.absolute() / f"prepared-{_digest(jars)}"
        if not made.is_dir():
            say("preparing the broker, so that later starts are quick (once)")
            for old in cache.glob("prepared-*"):
                shutil.rmtree(old)
            _make(made, jars, say)
    return made


def _digest(jars: Sequence[Path]) -> str:
    """Java reads its cache only on the same Java, with the same class path of the same files."""
    files = [Path(kafka_server.java()), *jars]
    found = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr((found, kafka_server.JVM)).encode()).hexdigest()[:12]


def _make(made: Path, jars: Sequence[Path], say: Say) -> None:
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=made.parent))
    try:
        with _Steps(partial / "run") as steps:
            steps.all(jars, partial, say)
        shutil.rmtree(partial / "run")
        partial.replace(made)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


class _Steps:
    """One Java after the other, under a keeper: none outlives this process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._log = folder / "log"
        self._keeping = Keeping(folder / "lock", folder / "record", folder / "keeper.log")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._keeping.end()

    def all(self, jars: Sequence[Path], out: Path, say: Say) -> None:
        """The formatted files and the classes, into ``out``."""
        data, seen = self._folder / "data", self._folder / "classes.seen"
        data.mkdir()
        config = kafka_server.write_config(self._folder, data, *free_ports([None, None]))
        self._start(kafka_server.format_command(jars, config, _new_id()))
        if status := self._wait("formatting"):
            raise Unavailable(f"Kafka's storage could not be formatted (status {status}):\n{tail(self._log)}")
        for name in FORMATTED:
            shutil.copy(data / name, out / name)
        watch = ("-XX:AOTMode=record", f"-XX:AOTConfiguration={seen}")
        self._run_broker(kafka_server.start_command(jars, config, watch))
        say("  it has run once; keeping its classes")
        make = ("-XX:AOTMode=create", f"-XX:AOTConfiguration={seen}", f"-XX:AOTCache={out / CLASSES}")
        self._start(kafka_server.start_command(jars, config, make))
        if status := self._wait("keeping Java's classes"):
            say(f"  Java could not keep them (status {status}); starts stay slow:\n{tail(self._log)}")
            (out / CLASSES).unlink(missing_ok=True)

    def _start(self, command: list[str]) -> None:
        self._keeping.start("kafka", command, self._log, self._folder, kafka_server.java_environment())

    def _run_broker(self, command: list[str]) -> None:
        self._start(command)
        self._wait("the broker's first start", STARTED)
        self._keeping.ask_to_end("kafka")
        self._wait("the broker's first end")

    def _wait(self, what: str, until: str | None = None) -> int:
        """Until the process has ended (its status), or has printed ``until``."""
        deadline = time.monotonic() + STEP_S
        while (now := self._keeping.poll("kafka")).alive:
            if until is not None and until in self._log.read_text("utf-8", "replace"):
                return 0
            if time.monotonic() > deadline:
                raise Unavailable(f"{what} took longer than {STEP_S:.0f} s:\n{tail(self._log)}")
            time.sleep(POLL_S)
        if until is not None:
            raise Unavailable(f"{what} failed with status {now.status}:\n{tail(self._log)}")
        return now.status or 0


def format_like(prepared: Path, data: Path) -> None:
    """Give an empty data folder what Kafka's tool gave the prepared one, under ids of its own."""
    if (data / "meta.properties").is_file():
        return
    shutil.copy(prepared / "bootstrap.checkpoint", data)
    ids = {"cluster.id": _new_id(), "directory.id": _new_id()}
    lines = [line.partition("=") for line in (prepared / "meta.properties").read_text("ascii").splitlines()]
    text = "".join(f"{name}{equals}{ids.get(name, value)}\n" for name, equals, value in lines)
    partial = data / "meta.properties.partial"
    partial.write_text(text, "ascii")
    partial.replace(data / "meta.properties")


def _new_id() -> str:
    """22 letters, as Kafka writes a UUID; none that begins with "-", which its tool would take for an option."""
    while (made := urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()).startswith("-"):
        pass
    return made
