"""The embedded stack itself: found, killed, started again, and gone without a trace."""

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import redis

from services.stack.embedded import EmbeddedStack, NotOurs
from services.stack.home import Home, Running
from shared.adapters.kafka_clients import exact_producer
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.log_reader import PartitionLog
from shared.contracts.settings import Settings
from shared.contracts.topics import FRAMES, topic_name
from tests.stack.command import PATIENCE_S, headrace
from tests.waiting import wait_for

TRIES = 5
ANSWER = re.compile(r'\{"kafka":"127\.0\.0\.1:\d+","redis":"redis://127\.0\.0\.1:\d+/0"\}\n')


def said(process: subprocess.Popen[str], status: int = 0) -> str:
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == status, err
    return out


def listens(address: str) -> bool:
    host, port = address.removeprefix("redis://").removesuffix("/0").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def alive(running: Running) -> bool:
    return listens(running.kafka) or listens(running.redis) or any(s.find() for s in running.servers.values())


def read_all(settings: Settings, topic: str) -> list[bytes]:
    with closing(PartitionLog(settings.kafka, "test")) as log:
        first, end = log.bounds(topic, 0)
        return [value for _, value in log.read(topic, 0, first, end, contiguous=True)]


@pytest.fixture
def ours(stack: EmbeddedStack) -> EmbeddedStack:
    if stack.found:  # TEST_STACK: a developer's convenience, which CI does not set
        pytest.skip("the stack is another process's: its servers are not ours to kill")
    return stack


def test_the_broker_reads_the_classes_that_the_first_start_kept(stack: EmbeddedStack) -> None:
    mapped = [Path(mapping.path) for mapping in psutil.Process(stack.pid("kafka")).memory_maps()]
    [kept] = [path for path in mapped if path.suffix == ".aot"]
    assert kept.is_relative_to(stack.jars)


def test_everything_listens_on_the_loopback_alone(stack: EmbeddedStack) -> None:
    for name in ("kafka", "redis"):
        listening = [c for c in psutil.Process(stack.pid(name)).net_connections() if c.status == psutil.CONN_LISTEN]
        assert listening
        assert {c.laddr.ip.removeprefix("::ffff:") for c in listening} == {"127.0.0.1"}


def test_a_second_start_finds_the_first_and_leaves_it(stack: EmbeddedStack) -> None:
    with EmbeddedStack(stack.home.root) as second:
        assert second.found
        assert (second.kafka, second.redis) == (stack.kafka, stack.redis)
        with pytest.raises(NotOurs):
            second.kill("redis")
    out = said(headrace(stack.home.root, "up", "--json"))
    assert ANSWER.fullmatch(out)
    assert json.loads(out) == {"kafka": stack.kafka, "redis": stack.redis}
    status = json.loads(said(headrace(stack.home.root, "status", "--json")))
    assert status["running"] is True
    assert status["kafka"] == stack.kafka


def test_a_killed_broker_comes_back_with_its_log(ours: EmbeddedStack, settings: Settings) -> None:
    ensure_topics(settings)
    topic, wrote = topic_name(settings, FRAMES), [b"%d" % n for n in range(500)]
    producer = exact_producer(settings.kafka)
    for value in wrote:
        producer.produce(topic, value, partition=0)
    assert producer.flush(60) == 0
    address, pid = ours.kafka, ours.pid("kafka")
    ours.kill("kafka")
    assert not listens(address)
    ours.restart("kafka")
    assert ours.kafka == address
    assert ours.pid("kafka") != pid
    assert read_all(settings, topic) == wrote


def test_a_killed_redis_comes_back_empty(ours: EmbeddedStack, settings: Settings) -> None:
    with redis.Redis.from_url(settings.redis.url) as client:
        client.set("left", "behind")
    ours.kill("redis")
    ours.restart("redis")
    with redis.Redis.from_url(settings.redis.url) as client:
        assert client.get("left") is None


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    yield Home(tmp_path / "home")
    said(headrace(tmp_path / "home", "down"))


def begin_in_the_foreground(home: Home) -> tuple[subprocess.Popen[str], Running]:
    process = headrace(home.root, "up", "--json", "--foreground")
    assert process.stdout is not None
    assert ANSWER.fullmatch(process.stdout.readline())
    running = home.read()
    assert running is not None
    assert alive(running)
    return process, running


@pytest.mark.timeout(1800)
def test_from_kill_to_down(home: Home) -> None:
    """One story, since each chapter costs the start of a broker."""
    holder, first = begin_in_the_foreground(home)
    holder.kill()
    holder.communicate()
    wait_for("its end", lambda: not alive(first) and home.keeper() is None)

    said(headrace(home.root, "status"), status=1)
    outs = {said(process) for process in [headrace(home.root, "up", "--json") for _ in range(2)]}
    assert len(outs) == 1, "two at once: one starts, the other finds"
    again = home.read()
    assert again is not None
    assert json.loads(outs.pop()) == {"kafka": again.kafka, "redis": again.redis}
    assert (again.kafka, again.redis) == (first.kafka, first.redis), "the ports of last time"
    assert again.owner is None, "it stays"
    assert alive(again)

    assert said(headrace(home.root, "down")) == ""
    assert not alive(again)
    assert home.keeper() is None
    assert said(headrace(home.root, "down")) == ""


def halted_while_it_starts(home: Home) -> subprocess.Popen[str]:
    """A start that stands still before Kafka answers: that may be within a second, so some come too late."""
    for _ in range(TRIES):
        starting = headrace(home.root, "up", "--json")
        assert starting.stderr is not None
        while "waiting for kafka" not in starting.stderr.readline():
            assert starting.poll() is None
        starting.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, starting.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        if home.read() is None:
            return starting
        starting.send_signal(signal.SIGCONT)
        said(starting)
        said(headrace(home.root, "down"))
    raise AssertionError("each start was over before it could be halted")


def test_ctrl_c_during_the_start_leaves_nothing(home: Home) -> None:
    starting = halted_while_it_starts(home)
    pids = [process.pid for process in psutil.Process(starting.pid).children(recursive=True)]
    assert len(pids) == 3, "the keeper, Kafka, Redis"
    starting.send_signal(signal.SIGINT)
    starting.send_signal(signal.SIGCONT)
    _, err = starting.communicate(timeout=PATIENCE_S)
    assert starting.returncode != 0, err
    assert home.keeper() is None
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert home.read() is None
