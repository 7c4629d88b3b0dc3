"""Real processes, but stand-ins for the parts: what is tested is that they are kept, and never left behind."""

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

from services.ops.backoff import Backoff
from services.ops.part import Part
from services.ops.status import Happened
from services.ops.supervisor import Supervisor
from tests.waiting import wait_for

PATIENCE_S = 60.0
QUICK = Backoff(first=0.01, factor=1)
SLEEPS = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS
PARENT = (
    f"import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); print(c.pid, flush=True); "
)


def python(name: str, code: str, **more: object) -> Part:
    return Part(name, [sys.executable, "-c", code], **more)  # type: ignore[arg-type]


class Watched:
    """A supervisor and what it told."""

    def __init__(self, *parts: Part, deadline_s: float = 30.0) -> None:
        self.lines: list[tuple[str, bytes]] = []
        self.supervisor = Supervisor(
            parts,
            backoff=QUICK,
            deadline_s=deadline_s,
            on_line=lambda part, line: self.lines.append((part, line)),
        )

    def printed(self, part: str) -> list[bytes]:
        return [line for name, line in self.lines if name == part]

    def events(self, what: str) -> list[Happened]:
        return [event for event in self.supervisor.events() if event.what == what]


def gone(pid: int) -> bool:
    """Not running; a zombie waits for its parent only."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_what_dies_is_started_again() -> None:
    watched = Watched(python("dies", "import sys; print('once'); sys.exit(3)"), python("lives", SLEEPS))
    with watched.supervisor as supervisor:
        wait_for(
            "the parts", lambda: len(watched.events("ended")) >= 3 and watched.printed("lives"), patience_s=PATIENCE_S
        )
        dies, lives = supervisor.status()
        assert (dies.restarts >= 3, dies.exit_status) == (True, 3)
        assert (lives.state, lives.restarts) == ("running", 0)
    assert len(watched.printed("dies")) >= 3
    assert [status.state for status in supervisor.status()] == ["stopped", "stopped"]
    assert supervisor.exit_status == 0


def test_a_killed_part_is_started_again() -> None:
    watched = Watched(python("lives", SLEEPS))
    with watched.supervisor as supervisor:
        wait_for("the parts", lambda: watched.printed("lives"), patience_s=PATIENCE_S)
        first = supervisor.status()[0].pid
        assert first
        os.kill(first, signal.SIGKILL)
        wait_for("the parts", lambda: len(watched.printed("lives")) == 2, patience_s=PATIENCE_S)
        assert supervisor.status()[0].exit_status == -signal.SIGKILL
        assert supervisor.status()[0].pid != first


def test_exit_status_78_stays_down_and_the_others_go_on() -> None:
    watched = Watched(python("person", "import sys; sys.exit(78)"), python("lives", SLEEPS))
    with watched.supervisor as supervisor:
        wait_for("the parts", lambda: watched.events("down") and watched.printed("lives"), patience_s=PATIENCE_S)
        assert [status.state for status in supervisor.status()] == ["down", "running"]
    assert (supervisor.exit_status, supervisor.status()[0].restarts) == (78, 0)


def test_it_ends_by_itself_when_nothing_is_left() -> None:
    supervisor = Watched(python("person", "import sys; sys.exit(78)")).supervisor
    supervisor.start()
    assert supervisor.wait() == 78


def test_a_part_may_end_in_its_own_time() -> None:
    code = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (print('bye'), sys.exit(0))); " + SLEEPS
    watched = Watched(python("polite", code))
    with watched.supervisor:
        wait_for("the parts", lambda: watched.printed("polite"), patience_s=PATIENCE_S)
    assert watched.printed("polite") == [b"up", b"bye"]
    assert watched.events("killed") == []


def test_what_does_not_end_is_killed_with_its_children() -> None:
    watched = Watched(python("stubborn", PARENT + STUBBORN), deadline_s=0.2)
    with watched.supervisor:
        child = int(wait_for("the parts", lambda: watched.printed("stubborn"), patience_s=PATIENCE_S)[0])
        wait_for("the parts", lambda: b"up" in watched.printed("stubborn"), patience_s=PATIENCE_S)
    assert [event.part for event in watched.events("killed")] == ["stubborn"]
    wait_for("the parts", lambda: gone(child), patience_s=PATIENCE_S)


def test_children_of_a_part_that_died_go_with_it() -> None:
    watched = Watched(python("parent", PARENT + "time_to_fail"))
    with watched.supervisor:
        child = int(wait_for("the parts", lambda: watched.printed("parent"), patience_s=PATIENCE_S)[0])
        wait_for("the parts", lambda: gone(child), patience_s=PATIENCE_S)


def test_each_start_has_a_port_and_its_address() -> None:
    code = "import os; print(os.environ['HEADRACE_METRICS_PORT'], os.environ['COLOUR'], flush=True); " + SLEEPS
    watched = Watched(python("part", code, env={"COLOUR": "red"}, port_env="HEADRACE_METRICS_PORT"))
    with watched.supervisor as supervisor:
        port, colour = wait_for("the parts", lambda: watched.printed("part"), patience_s=PATIENCE_S)[0].decode().split()
        assert supervisor.status()[0].url == f"http://127.0.0.1:{port}"
        assert colour == "red"


def test_long_lines_and_last_lines_come_whole_or_cut() -> None:
    code = "import sys; sys.stdout.write('x' * 300_000 + '\\nlast'); sys.stdout.flush(); sys.exit(78)"
    watched = Watched(python("part", code))
    with watched.supervisor as supervisor:
        supervisor.wait()
    assert b"".join(watched.printed("part")) == b"x" * 300_000 + b"last"
    assert max(map(len, watched.printed("part"))) <= 2 * 65_536


def test_a_listener_that_fails_stops_everything() -> None:
    def fails(part: str, line: bytes) -> None:
        raise BrokenPipeError(part, line)

    supervisor = Supervisor([python("lives", SLEEPS)], on_line=fails)
    supervisor.start()
    with pytest.raises(BrokenPipeError):
        supervisor.wait()
    pid = supervisor.events()[0].pid
    assert pid
    assert gone(pid)


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
