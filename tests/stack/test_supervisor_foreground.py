"""`headrace run` as a process of its own, before stand-ins for the parts: signals, kills, its output and its folder."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

import psutil
import pytest

from tests.stack.stand_ins import SLEEPS, STUBBORN, gone
from tests.waiting import wait_for

PATIENCE_S = 60.0


Foreground = Callable[..., subprocess.Popen[str]]
FOREGROUND = """
import os, sys
from services.ops.foreground import run_in_foreground
from services.ops.part import Part
deadline_s, *codes = sys.argv[1:]
parts = [Part(f"p{n}", [sys.executable, "-c", code]) for n, code in enumerate(codes)]
sys.exit(run_in_foreground(parts, os.environ, deadline_s=float(deadline_s)))
"""


@pytest.fixture
def foreground(tmp_path: Path) -> Iterator[Foreground]:
    started = []

    def start(*codes: str, deadline_s: float = 60, output: int | IO[str] = subprocess.PIPE) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", FOREGROUND, str(deadline_s), *codes],
            env=os.environ | {"HEADRACE_HOME": str(tmp_path)},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.terminate()


def pids(home: Path) -> list[int]:
    """Of the parts, once all run."""

    def found() -> list[int] | None:
        if not (home / "run.json").exists():
            return None
        parts = json.loads((home / "run.json").read_text())["parts"]
        return [part["pid"] for part in parts] if all(part["pid"] for part in parts) else None

    return wait_for("the parts", found, patience_s=PATIENCE_S)


def lines(process: subprocess.Popen[str], wanted: int) -> None:
    """Read until so many parts have said that they are up."""
    assert process.stdout is not None
    for line in process.stdout:
        wanted -= line.rstrip().endswith("| up")
        if wanted == 0:
            return
    raise AssertionError("it ended")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_parts(foreground: Foreground, tmp_path: Path, number: signal.Signals) -> None:
    process = foreground(SLEEPS, SLEEPS)
    lines(process, 2)
    parts = pids(tmp_path)
    process.send_signal(number)
    rest, _ = process.communicate()
    assert process.returncode == 0
    assert rest.count("ended by signal 15") == 2
    assert all(gone(pid) for pid in parts)
    assert not (tmp_path / "run.json").exists()


def test_a_second_signal_does_not_wait(foreground: Foreground, tmp_path: Path) -> None:
    process = foreground(STUBBORN)
    lines(process, 1)
    parts = pids(tmp_path)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate()
    assert "p0 killed" in rest
    assert all(gone(pid) for pid in parts)


def test_kill_9_leaves_nothing_behind(foreground: Foreground, tmp_path: Path) -> None:
    process = foreground(SLEEPS, STUBBORN, deadline_s=0.5)
    lines(process, 2)
    parts = pids(tmp_path)
    watchdogs = [child.pid for child in psutil.Process(process.pid).children() if child.pid not in parts]
    process.kill()
    for pid in [*parts, *watchdogs]:
        wait_for("the parts", partial(gone, pid), patience_s=PATIENCE_S)


def test_78_is_the_status_at_the_end(foreground: Foreground) -> None:
    process = foreground("import sys; sys.exit(78)")
    said, _ = process.communicate()
    assert process.returncode == 78
    assert "p0 ended with exit status 78 and was left down: a person must decide" in said


def unread(pipe: int) -> int:
    """Bytes that wait in it."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def ended_well_after_a_restart(process: subprocess.Popen[str], home: Path) -> None:
    """A part is killed and started again, then a signal ends it all."""
    [first] = pids(home)
    os.kill(first, signal.SIGKILL)
    wait_for("another", lambda: pids(home) != [first], patience_s=PATIENCE_S)
    [second] = pids(home)
    process.terminate()
    assert process.wait(PATIENCE_S) == 0
    assert gone(second)


def test_output_to_a_full_disk_does_not_end_it(foreground: Foreground, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended_well_after_a_restart(foreground(SLEEPS, output=full), tmp_path)


def test_output_that_nobody_reads_does_not_hold_it(foreground: Foreground, tmp_path: Path) -> None:
    process = foreground("while True: print('x' * 100)")
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    wait_for("a pipe with much in it", lambda: unread(pipe) > 4_000, patience_s=PATIENCE_S)
    ended_well_after_a_restart(process, tmp_path)
    assert unread(pipe) > 4_000


def test_output_that_is_closed_does_not_end_it(foreground: Foreground, tmp_path: Path) -> None:
    process = foreground("import time\nwhile True: print('x', flush=True); time.sleep(0.01)")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    ended_well_after_a_restart(process, tmp_path)


def test_a_run_file_that_cannot_be_written_is_said_and_ends_nothing(foreground: Foreground, tmp_path: Path) -> None:
    (tmp_path / "run.new").mkdir()
    process = foreground(SLEEPS)
    lines(process, 1)
    process.terminate()
    said, _ = process.communicate()
    assert process.returncode == 0
    assert "run.json cannot be written: Is a directory" in said


def test_a_second_supervisor_of_a_folder_is_refused(foreground: Foreground) -> None:
    first = foreground(SLEEPS)
    lines(first, 1)
    second = foreground(SLEEPS)
    said, _ = second.communicate()
    assert "AlreadyRunsError" in said
    assert first.poll() is None
