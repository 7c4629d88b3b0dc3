"""A standard stream that takes nothing neither ends nor holds who writes to it; what was left out is said later."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from shared.adapters import outlet
from shared.adapters.outlet import Outlet

LOGS = """
import structlog
from shared.adapters.logs import configure_logging
from shared.contracts.sections import LogSettings
configure_logging(LogSettings(), "worker")
structlog.get_logger().error("crashed")
print("went on")
"""


@contextmanager
def pipe() -> Iterator[tuple[int, TextIO]]:
    """(the end that reads, a stream to write to)."""
    out, into = os.pipe()
    with os.fdopen(into, "w", encoding="utf-8") as stream:
        yield out, stream


def missing(lines: int) -> str:
    return f"{lines} lines"


def test_lines_are_written_at_once() -> None:
    with pipe() as (out, stream):
        Outlet(stream, missing).write("grün\nb\n")
        assert os.read(out, 100).decode() == "grün\nb\n"
        os.close(out)


@pytest.mark.parametrize("stream", [None, "/dev/full"])
def test_what_takes_nothing_ends_nothing(stream: str | None) -> None:
    if stream is None:
        Outlet(None, missing).write("a\n")
        return
    with Path(stream).open("w") as full:
        found = Outlet(full, missing)
        found.write("a\n")
        found.flush()


def test_a_pipe_that_nobody_holds_ends_nothing() -> None:
    with pipe() as (out, stream):
        os.close(out)
        Outlet(stream, missing).write("a\n")


def test_what_a_full_pipe_did_not_take_is_said_when_it_takes_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "PATIENCE_MS", 0)
    with pipe() as (out, stream):
        found = Outlet(stream, missing)
        for n in range(100):
            found.write(f"{n} {'x' * 9000}\n")
        held = os.read(out, 1_000_000).decode()
        found.write("end\n")
        told = os.read(out, 100).decode()
        os.close(out)
    *whole, torn = held.split("\n")
    assert [line.split(" ")[0] for line in whole] == [str(n) for n in range(len(whole))]
    assert 0 < len(torn) < 9000
    assert told == f"\n{100 - len(whole)} lines\nend\n"


def test_a_log_that_cannot_be_written_is_no_error_of_who_logs() -> None:
    """Within a Faust agent it would be one: the record would be acknowledged, its effects lost."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([sys.executable, "-c", LOGS], stdout=subprocess.PIPE, stderr=full, check=False)
    assert (done.returncode, done.stdout) == (0, b"went on\n")
