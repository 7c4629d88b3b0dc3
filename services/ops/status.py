"""What a supervisor tells of its parts, and the file that says it to others: run.json."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from services.stack.home import make_folder
from shared.contracts.errors import HeadraceError


@dataclass(frozen=True)
class Happened:
    """Something the supervisor did or saw: ``started``, ``ended``, ``down`` (78), ``stopping``, ``killed``."""

    what: str
    part: str
    pid: int | None
    detail: str


@dataclass(frozen=True)
class Status:
    """A part now: ``running``, ``waiting`` for its next start, ``down`` (78) or ``stopped``.

    ``url`` is where its HTTP side listens: /metrics of ingest and workers, everything of reader and collector.
    """

    part: str
    state: str = "waiting"
    pid: int | None = None
    url: str | None = None
    restarts: int = 0
    exit_status: int | None = None


class AlreadyRunsError(HeadraceError):
    """Another supervisor keeps this folder."""


def home() -> Path:
    """The folder of what runs here: ``HEADRACE_HOME``, else ``.headrace`` of the working folder."""
    return Path(os.environ.get("HEADRACE_HOME") or ".headrace")


class RunFile:
    """``run.json``: the supervisor's pid and its parts; replaced at each change, removed at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, statuses: list[Status]) -> None:
        """Replace it at once, so that a reader never sees half."""
        known = {"pid": os.getpid(), "parts": [asdict(status) for status in statuses]}
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(known, indent=1) + "\n")
        new.replace(self._path)


@contextmanager
def run_file(folder: Path) -> Iterator[RunFile]:
    """``run.json`` of a folder that no other supervisor keeps; :class:`AlreadyRunsError` if one does.

    The kernel drops the lock with the process, however that ends.
    """
    make_folder(folder)
    path = folder / "run.json"
    with (folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            said = f"`headrace run` runs here already; its parts are in {path}; HEADRACE_HOME names another folder"
            raise AlreadyRunsError(said) from error
        try:
            yield RunFile(path)
        finally:
            path.unlink(missing_ok=True)
