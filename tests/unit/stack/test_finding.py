"""What is left of a stack that is gone is recognised, and nothing else is taken for it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from services.stack.embedded import EmbeddedStack, NotOurs, default_home, default_jars, stop_stack
from services.stack.finding import find
from services.stack.home import LOG_BYTES, Home, Process, Running, tail
from shared.contracts.errors import Unavailable


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def running(server: Process) -> Running:
    return Running("127.0.0.1:9", "redis://127.0.0.1:9/0", "4.9.9", None, {"kafka": server})


def silent(_: str) -> None:
    pass


def test_nothing_is_found_in_a_new_home(home: Home) -> None:
    assert find(home, silent) is None
    assert home.keeper() is None


def test_a_server_that_outlived_its_keeper_is_ended(home: Home, stranger: subprocess.Popen[bytes]) -> None:
    home.write(running(Process.of(stranger.pid)))
    assert find(home, silent) is None
    assert not psutil.pid_exists(stranger.pid)
    assert not home.record.exists()


def test_a_pid_that_was_given_again_is_left_alone(home: Home, stranger: subprocess.Popen[bytes]) -> None:
    now = Process.of(stranger.pid)
    home.write(running(Process(now.pid, now.created - 100)))
    assert find(home, silent) is None
    assert stranger.poll() is None
    assert not home.record.exists()


@pytest.mark.parametrize("text", ["", "{", '{"kafka":1}'])
def test_a_torn_record_is_no_record(home: Home, text: str) -> None:
    home.record.write_text(text)
    assert home.read() is None
    (home.root / "ports.json").write_text(text)
    assert home.ports() == [None, None, None]


def test_the_record_survives_the_way_through_its_file(home: Home) -> None:
    written = running(Process.of(os.getpid()))
    home.write(written)
    assert home.read() == written


def test_down_is_idempotent(home: Home, tmp_path: Path) -> None:
    assert stop_stack(home.root) is None
    assert stop_stack(tmp_path / "absent") is None
    assert not (tmp_path / "absent").exists()


def test_a_stack_that_is_not_started_says_so(home: Home) -> None:
    stack = EmbeddedStack(home.root)
    with pytest.raises(Unavailable, match="not started"):
        _ = stack.kafka
    with pytest.raises(NotOurs):
        stack.kill("kafka")
    stack.stop()


def test_where_it_lives_is_told_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEADRACE_HOME", raising=False)
    monkeypatch.delenv("HEADRACE_JARS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert default_home() == tmp_path / ".headrace"
    assert default_jars(default_home()) == tmp_path / ".headrace" / "jars"
    monkeypatch.setenv("HEADRACE_HOME", "elsewhere")
    monkeypatch.setenv("HEADRACE_JARS", "jars")
    assert default_home() == tmp_path / "elsewhere"
    assert default_jars(default_home()) == tmp_path / "jars"


def test_a_long_log_begins_anew_and_a_tail_is_short(home: Home) -> None:
    home.log("kafka").write_text("\n".join(map(str, range(100))))
    assert tail(home.log("kafka"), 3) == "97\n98\n99"
    home.log("redis").write_bytes(b"x" * (LOG_BYTES + 1))
    home.prepare()
    assert home.log("kafka").exists()
    assert not home.log("redis").exists()
