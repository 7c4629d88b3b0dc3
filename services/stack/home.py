"""The folder of an embedded stack: data, logs, locks, and the record of what runs there."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import psutil

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import SettingsError

LOG_BYTES = 5_000_000  # a log that is longer at a start begins anew
CREATED_TOLERANCE_S = 1.0


class Process(msgspec.Struct, frozen=True, array_like=True):
    """A process by pid and time of creation: a pid that was given again is another process."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Process":
        return cls(pid, psutil.Process(pid).create_time())

    def find(self) -> psutil.Process | None:
        """The process, if it lives."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.created) < CREATED_TOLERANCE_S
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


class Running(msgspec.Struct, frozen=True):
    """What `stack.json` says: written when the stack answers, gone when it is stopped."""

    kafka: str
    redis: str
    kafka_version: str
    owner: Process | None  # the process whose end is the stack's; none: it stays until `headrace down`
    servers: dict[str, Process]


class Home:
    """Paths and locks of one stack."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.logs = self.root / "logs"
        self.record = self.root / "stack.json"
        self.keeper_lock = self.root / "keeper.lock"

    def prepare(self) -> None:
        for folder in (self.root, self.logs, self.data("kafka"), self.data("redis")):
            make_folder(folder)
        ignore = self.root / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "ascii")
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > LOG_BYTES:
                log.unlink()

    def data(self, name: str) -> Path:
        return self.root / name

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    @contextmanager
    def starting(self) -> Iterator[None]:
        """One start or stop at a time; the kernel lets go when its holder dies."""
        try:
            descriptor = os.open(self.root / "up.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except PermissionError as error:
            raise self._not_ours(error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def keeper(self) -> int | None:
        """The pid of a living keeper. The lock tells, so a pid that was given again cannot deceive."""
        while self._keeper_lives():
            with suppress(ValueError):
                return int(self.keeper_lock.read_text("ascii"))
            time.sleep(0.01)  # it has just taken the lock, and writes its pid next
        return None

    def _keeper_lives(self) -> bool:
        try:
            with self.keeper_lock.open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except BlockingIOError:
            return True
        except PermissionError as error:
            raise self._not_ours(error) from error
        return False

    def _not_ours(self, error: PermissionError) -> SettingsError:
        return SettingsError(f"{self.root} (HEADRACE_HOME) is somebody else's: {error.strerror}")

    def keeper_gone(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.keeper() is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def read(self) -> Running | None:
        try:
            return msgspec.json.decode(self.record.read_bytes(), type=Running)
        except (FileNotFoundError, *DECODE_ERRORS):
            return None

    def write(self, running: Running) -> None:
        partial = self.record.with_suffix(".partial")
        partial.write_bytes(msgspec.json.encode(running))
        partial.replace(self.record)

    def ports(self) -> list[int | None]:
        """The ports of last time: Kafka, its controller, Redis."""
        try:
            return list(msgspec.json.decode((self.root / "ports.json").read_bytes(), type=tuple[int, int, int]))
        except (FileNotFoundError, *DECODE_ERRORS):
            return [None, None, None]

    def keep_ports(self, ports: list[int]) -> None:
        (self.root / "ports.json").write_bytes(msgspec.json.encode(ports))


def make_folder(folder: Path) -> None:
    """A folder within the home, which other accounts may not look into; :class:`SettingsError` if it cannot be made."""
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder} cannot be made, HEADRACE_HOME says where: {error.strerror}") from error


def end_recorded(running: Running) -> None:
    """Kill servers that outlived their keeper."""
    found = [process for server in running.servers.values() if (process := server.find())]
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(found, timeout=10)


def tail(log: Path, lines: int = 12) -> str:
    """The end of a log, for an error's text."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4000))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
