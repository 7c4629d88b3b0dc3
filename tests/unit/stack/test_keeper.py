"""The keeper with stand-ins for the servers: who ends when, whoever is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import psutil
import pytest

from services.stack.home import Home, Process
from services.stack.keeper import Server
from services.stack.keeping import Keeping
from shared.contracts.errors import Unavailable
from tests.waiting import wait_for

PATIENCE_S = 60.0
SLEEP = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-I",
    "-S",
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]


def gone(pid: int | None) -> bool:
    assert pid is not None
    try:
        return Process(pid, psutil.Process(pid).create_time()).find() is None
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def keeping(home: Home) -> Iterator[Keeping]:
    keeping = Keeping(home.keeper_lock, home.record, home.log("keeper"))
    yield keeping
    keeping.end()


def start(keeping: Keeping, home: Home, name: str, argv: list[str] = SLEEP) -> int:
    pid = keeping.start(name, argv, home.log(name), home.root, dict(os.environ)).pid
    assert pid is not None
    return pid


def test_a_server_is_killed_and_started_again(home: Home, keeping: Keeping) -> None:
    first = start(keeping, home, "kafka")
    assert keeping.poll("kafka").alive
    killed = keeping.kill("kafka")
    assert (killed.alive, killed.status) == (False, -signal.SIGKILL)
    assert gone(first)
    second = start(keeping, home, "kafka")
    assert second != first
    assert keeping.stop("kafka").status == -signal.SIGTERM


def test_a_server_that_runs_is_not_started_twice(home: Home, keeping: Keeping) -> None:
    assert start(keeping, home, "redis") == start(keeping, home, "redis")


def test_what_cannot_be_started_is_said(home: Home, keeping: Keeping) -> None:
    with pytest.raises(Unavailable, match="No such file"):
        start(keeping, home, "redis", [str(home.root / "absent")])
    assert not keeping.poll("redis").alive


def test_the_keeper_is_found_by_its_lock_and_takes_the_record_with_it(home: Home, keeping: Keeping) -> None:
    start(keeping, home, "redis")
    assert home.keeper() == keeping.pid
    home.record.write_text("{}")
    keeping.end()
    assert home.keeper() is None
    assert not home.record.exists()


def test_the_end_ends_every_server(home: Home, keeping: Keeping) -> None:
    pids = [start(keeping, home, "redis"), start(keeping, home, "kafka")]
    keeping.end()
    assert all(gone(pid) for pid in pids)


def test_a_second_keeper_of_a_home_gives_way(home: Home, keeping: Keeping) -> None:
    start(keeping, home, "redis")
    second = Keeping(home.keeper_lock, home.record, home.log("keeper"))
    with pytest.raises(Unavailable, match="keeper has ended"):
        second.poll("redis")
    second.end()
    assert keeping.poll("redis").alive


def test_a_server_that_will_not_stop_is_killed(home: Home) -> None:
    server = Server("redis")
    server.start(STUBBORN, str(home.log("redis")), str(home.root), dict(os.environ))
    wait_for("its word", lambda: "deaf" in home.log("redis").read_text(), patience_s=PATIENCE_S)
    server.signal(signal.SIGTERM)
    server.wait(0.1)
    assert server.poll()["status"] == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_a_killed_keeper_takes_its_servers_with_it(home: Home, keeping: Keeping) -> None:
    pid = start(keeping, home, "kafka")
    os.kill(keeping.pid, signal.SIGKILL)
    wait_for("its end", lambda: gone(pid), patience_s=PATIENCE_S)


OWNER = """
import os, sys, time
from pathlib import Path
from services.stack.home import Home
from services.stack.keeper import Server
from services.stack.keeping import Keeping
home = Home(Path(sys.argv[1]))
keeping = Keeping(home.keeper_lock, home.record, home.log("keeper"))
sleep = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]
pid = keeping.start("kafka", sleep, home.log("kafka"), home.root, dict(os.environ)).pid
if sys.argv[2] == "detach":
    keeping.detach()
if sys.argv[2] == "fork" and os.fork() == 0:
    os.close(1)
    time.sleep(30)  # holds a copy of the pipe to the keeper
    os._exit(0)
print(pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def owner(home: Home) -> Iterator[Callable[[str], tuple[subprocess.Popen[str], int]]]:
    started: list[subprocess.Popen[str]] = []

    def begin(how: str) -> tuple[subprocess.Popen[str], int]:
        argv = [sys.executable, "-c", OWNER, str(home.root), how]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True)
        started.append(process)
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    yield begin
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    keeper = home.keeper()
    if keeper is not None:
        os.kill(keeper, signal.SIGTERM)
        assert home.keeper_gone(PATIENCE_S)


@pytest.mark.parametrize("how", ["hold", "fork"])
def test_a_killed_owner_takes_all_with_it(
    home: Home, owner: Callable[[str], tuple[subprocess.Popen[str], int]], how: str
) -> None:
    process, server = owner(how)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for("its end", lambda: gone(server) and home.keeper() is None, patience_s=PATIENCE_S)


def test_what_is_detached_outlives_its_owner(
    home: Home, owner: Callable[[str], tuple[subprocess.Popen[str], int]]
) -> None:
    process, server = owner("detach")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    keeper = home.keeper()
    assert keeper is not None
    assert not gone(server)
    os.kill(keeper, signal.SIGTERM)
    wait_for("its end", lambda: gone(server) and home.keeper() is None, patience_s=PATIENCE_S)


def test_ctrl_c_in_the_terminal_does_not_reach_the_servers(home: Home, keeping: Keeping) -> None:
    pid = start(keeping, home, "kafka")
    assert len({os.getpgrp(), os.getpgid(keeping.pid), os.getpgid(pid)}) == 3
