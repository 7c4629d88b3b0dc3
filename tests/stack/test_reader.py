"""The reader as a process, over real HTTP, on a Redis of its own (to be stopped and killed) and a real Kafka."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import redis
from confluent_kafka import TopicPartition

from services.stack.ports import free_ports
from services.stack.redis_server import start_command
from shared.adapters.kafka_clients import log_reader
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.impressions import Impression
from shared.contracts.settings import Settings
from shared.contracts.topics import IMPRESSION, topic_name
from shared.contracts.views import ItemView, Keys, View, at, encode_view
from tests.waiting import wait_for

pytestmark = pytest.mark.stack
PATIENCE_S = 300.0  # a reader on a new machine compiles first
KEYS = Keys(Settings())
ANN = "/v1/users/ann/recommendations"
NOWHERE = "127.0.0.1:1"
PATIENT_MS = 60_000  # a loaded machine is no dead Redis


class OwnRedis:
    """A redis-server that a test may stop and kill."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._command = start_command(self.port, folder, append_only=False)
        self.client = redis.Redis(port=self.port)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait_for("an answer", self._answers, patience_s=PATIENCE_S)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False

    def put(self, key: str, items: list[str], source: str = "personal") -> None:
        scores = [1 / (place + 1) for place in range(len(items))]
        view = View(1, at(1, 7), int(time.time() * 1000), source, "m1", items, scores, ["x"] * len(items))
        self.client.set(key, encode_view(view))

    def fill(self) -> None:
        """What the streams would write."""
        self.put(KEYS.trending("all"), ["t1", "t2"], "trending")
        self.put(KEYS.popular("all"), ["p1", "p2"], "popular")
        self.put(KEYS.rec("ann"), ["a", "b", "c"])
        self.put(KEYS.sim("tea/pot é"), ["x", "y"], "similar")
        self.client.set(KEYS.item("a"), encode_view(ItemView(1, at(1, 1), "a", title="Tea")))

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


class Running:
    """A reader process and a client of it."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.log = folder / "reader.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.reader"], env=os.environ | environment, stderr=log
            )
        wait_for("its port", lambda: self.process.poll() is not None or self._port() is not None, patience_s=PATIENCE_S)
        assert self.process.poll() is None, self.log.read_text()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self._port()}", timeout=60, trust_env=False)

    def _port(self) -> int | None:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return next((line["port"] for line in lines if line["event"] == "listening"), None)

    def get(self, path: str) -> dict[str, Any]:
        response = self.http.get(path)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    def until(self, path: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        wait_for(path, lambda: holds(self.get(path)), patience_s=PATIENCE_S)
        return self.get(path)

    def end(self) -> int:
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def free_port() -> int:
    return free_ports([None])[0]


def environment(redis_port: int, kafka: str = NOWHERE, **more: str) -> dict[str, str]:
    return {
        "HEADRACE_REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "HEADRACE_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "HEADRACE_READER_PORT": "0",
        "HEADRACE_READER_REFRESH_MS": "50",
        "HEADRACE_READER_DEADLINE_MS": str(PATIENT_MS),
        "HEADRACE_LOG_FORMAT": "json",
    } | more


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    server.fill()
    yield server
    server.client.close()
    server.end()


@contextlib.contextmanager
def running(environment: dict[str, str], folder: Path) -> Iterator[Running]:
    reader = Running(environment, folder)
    try:
        yield reader
    finally:
        status = reader.end()
    assert status == 0, reader.log.read_text()


def test_lists_over_http(own_redis: OwnRedis, tmp_path: Path) -> None:
    with running(environment(own_redis.port), tmp_path) as reader:
        assert reader.get("/readyz") == {"status": "ready"}
        body = reader.get(ANN)
        assert (body["items"], body["source"]) == (["a", "b", "c", "t1", "t2", "p1", "p2"], "personal")
        assert reader.get("/v1/items/tea%2Fpot%20%C3%A9/similar")["items"] == ["x", "y"]
        assert reader.get("/v1/users/nobody/recommendations")["source"] == "trending"
        assert reader.get("/v1/popular?n=1")["items"] == ["p1"]
        assert reader.get("/v1/items?id=a&id=b")["items"] == [{"item_id": "a", "title": "Tea"}]
        assert reader.http.get("/v1/popular?n=0").json()["field"] == "n"
        assert 'headrace_reader_seconds_count{source="personal"} 1.0' in reader.http.get("/metrics").text
        own_redis.client.sadd(KEYS.unavailable().members, "b", "t1")
        assert reader.until(ANN, lambda body: "b" not in body["items"])["items"] == ["a", "c", "t2", "p1", "p2"]
        own_redis.put(KEYS.rec("ann"), ["new"])
        assert reader.get(ANN)["items"][0] == "new"


def test_a_redis_that_hangs_costs_no_more_than_the_deadline(own_redis: OwnRedis, tmp_path: Path) -> None:
    deadline = {"HEADRACE_READER_DEADLINE_MS": "500", "HEADRACE_REDIS_TIMEOUT_MS": "3600000"}
    with running(environment(own_redis.port, **deadline), tmp_path) as reader:
        known = reader.until(ANN, lambda body: body["source"] == "personal" and "degraded" not in body)
        own_redis.process.send_signal(signal.SIGSTOP)
        try:
            body = reader.get(ANN)  # which would never come, were there no deadline
            assert (body["items"], body["degraded"]) == (known["items"], True)
            assert reader.get("/v1/users/nobody/recommendations")["items"] == ["t1", "t2", "p1", "p2"]
            assert reader.get("/v1/status")["redis"] == "away"
        finally:
            own_redis.process.send_signal(signal.SIGCONT)
        assert reader.until(ANN, lambda body: "degraded" not in body)["items"] == known["items"]


def test_a_redis_that_dies_and_comes_back_empty(own_redis: OwnRedis, tmp_path: Path) -> None:
    with running(environment(own_redis.port), tmp_path) as reader:
        known = reader.get(ANN)
        own_redis.end()
        body = reader.until(ANN, lambda body: "degraded" in body)
        assert body["items"] == known["items"]
        own_redis.start()
        reader.until("/v1/status", lambda body: body["redis"] == "up")
        body = reader.get(ANN)
        assert (body["items"], body["degraded"]) == (known["items"], True), "its views are lost, not withdrawn"
        own_redis.fill()
        own_redis.put(KEYS.rec("ann"), ["again"])
        assert reader.until(ANN, lambda body: "degraded" not in body)["items"][0] == "again"


def test_it_starts_and_ends_without_redis_and_kafka(tmp_path: Path) -> None:
    with running(environment(free_port(), HEADRACE_READER_IMPRESSION_QUEUE="1"), tmp_path) as reader:
        assert reader.get("/healthz") == {"status": "alive"}
        assert reader.http.get("/readyz").status_code == 503
        body = reader.get(ANN)
        assert (body["items"], body["source"], body["degraded"]) == ([], "none", True)


def test_answers_do_not_wait_for_kafka_and_what_is_not_logged_is_counted(own_redis: OwnRedis, tmp_path: Path) -> None:
    with running(environment(own_redis.port, HEADRACE_READER_IMPRESSION_QUEUE="5"), tmp_path) as reader:
        for _ in range(20):
            assert reader.get(ANN)["source"] == "personal"
        reader.until("/v1/status", lambda body: body["impressions_dropped"] == 15)


def test_served_answers_are_logged_by_user(settings: Settings, own_redis: OwnRedis, tmp_path: Path) -> None:
    partitions = ensure_topics(settings)[topic_name(settings, IMPRESSION)]
    tenant = {"HEADRACE_TENANT": settings.tenant}
    own_redis.put(Keys(settings).rec("ann"), ["mine"])
    with running(environment(own_redis.port, settings.kafka.bootstrap_servers, **tenant), tmp_path) as reader:
        answers = [reader.get(ANN) for _ in range(3)]
        reader.get(f"{ANN}?preview=true")
    logged = read_impressions(settings, partitions)
    assert [(key, i.rec_id, i.items) for key, i in logged] == [(b"ann", a["rec_id"], ["mine"]) for a in answers]


def read_impressions(settings: Settings, partitions: int) -> list[tuple[bytes | None, Impression]]:
    """All that the topic holds, partition by partition."""
    topic = topic_name(settings, IMPRESSION)
    consumer = log_reader(settings.kafka)
    found, ended = [], 0
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(partitions)])
    while ended < partitions:
        message = consumer.poll(60)
        assert message is not None
        if message.error():
            ended += 1
            continue
        found.append((message.key(), msgspec.json.decode(message.value() or b"", type=Impression)))
    consumer.close()
    return found


def test_a_taken_port_and_a_wrong_setting_are_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = start(environment(free_port(), HEADRACE_READER_PORT=str(port)))
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in ended.stderr
    ended = start(environment(free_port(), HEADRACE_READER_DEADLINE_MS="0"))
    assert ended.returncode == 2
    assert ended.stderr.startswith("headrace reader: reader.deadline_ms")
    assert len(ended.stderr.splitlines()) == 1


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.reader"]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
