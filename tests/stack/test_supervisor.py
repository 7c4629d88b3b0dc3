"""Real processes, but stand-ins for the parts: what is tested is that they are kept, and never left behind."""

import os
import signal
import sys

import pytest

from services.ops.backoff import Backoff
from services.ops.part import Part
from services.ops.status import Happened
from services.ops.supervisor import Supervisor
from tests.stack.stand_ins import SLEEPS, STUBBORN, gone
from tests.waiting import wait_for

PATIENCE_S = 60.0
QUICK = Backoff(first=0.01, factor=1)
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
