"""What librdkafka says again and again is said once in a while; nothing that is new is left out."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from shared.adapters import kafka_lag
from shared.adapters.kafka_clients import admin, event_producer, log_reader, transactional_producer
from shared.adapters.kafka_lag import LagReader
from shared.adapters.kafka_said import AGAIN_S, MOST, SAID, OnceInAWhile
from shared.adapters.kafka_topics import partitions_by_topic
from shared.contracts.errors import Unavailable
from shared.contracts.servers import KafkaSettings
from shared.contracts.settings import load_settings

REFUSED = "127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused"


class Listener:
    """Hears what passes, at times of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        self._once = OnceInAWhile(lambda: self.now)

    def hears(self, text: str, after_s: float = 0.0) -> str | None:
        self.now += after_s
        record = logging.LogRecord("kafka", logging.ERROR, "", 0, "%s", (text,), None)
        return record.getMessage() if self._once.filter(record) else None


def raw(client: int, ms: int, more: str = "") -> str:
    said = f"FAIL [rdkafka#producer-{client}] [thrd:127.0.0.1:1/bootstrap]: {REFUSED}"
    return f"{said} (after {ms}ms in state CONNECT{more})"


def test_the_same_of_any_client_is_said_once_a_minute() -> None:
    listener = Listener()
    assert listener.hears(raw(1, 0)) == f"Kafka: {REFUSED}"
    assert listener.hears(raw(1, 12), AGAIN_S / 2) is None
    assert listener.hears(raw(2, 3, ", 30 identical error(s) suppressed")) is None
    assert listener.hears(raw(1, 0), AGAIN_S / 2) == f"Kafka: {REFUSED}"


def test_what_is_new_is_said_at_once() -> None:
    listener = Listener()
    listener.hears(raw(1, 0))
    assert listener.hears("SASL authentication error: wrong password") is not None


def test_what_is_remembered_is_bounded() -> None:
    listener = Listener()
    for n in range(MOST + 1):
        assert listener.hears(f"{n}") is not None
    assert listener.hears(f"{MOST}") is None
    assert listener.hears("0") is not None, "the one said first was forgotten"


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What reaches the logging of a process that has set none up, as if nothing had been said before."""
    lines: list[str] = []
    handler, before = logging.Handler(), (SAID.handlers, SAID.propagate, SAID.filters)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    SAID.handlers, SAID.propagate, SAID.filters = [handler], False, [OnceInAWhile()]
    yield lines
    SAID.handlers, SAID.propagate, SAID.filters = before


def test_a_broker_that_is_away_is_said_once_and_why(said: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    client = admin(KafkaSettings(bootstrap_servers="127.0.0.1:1"))
    with pytest.raises(Unavailable):
        partitions_by_topic(client, 1.0)
    assert said == [f"Kafka: {REFUSED}"]
    assert capfd.readouterr().err == ""


@pytest.fixture
def no_tls() -> Iterator[str]:
    """The address of who closes each connection, as a broker without TLS does to one that begins it."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            while True:
                try:
                    came, _ = server.accept()
                except OSError:
                    return
                with came:
                    came.recv(1000)

        threading.Thread(target=refuse, daemon=True).start()
        yield "{}:{}".format(*server.getsockname())
        server.shutdown(socket.SHUT_RDWR)


def test_lag_says_why_a_broker_does_not_have_us(no_tls: str, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_lag, "TIMEOUT_S", 3.0)
    kafka = {"bootstrap_servers": no_tls, "client": {"security.protocol": "ssl"}}
    with closing(LagReader(load_settings(kafka=kafka))) as reader, pytest.raises(Unavailable):
        reader.read(None)
    assert "SSL handshake failed" in said[0]


@pytest.mark.parametrize("silent", [log_reader, lambda settings: transactional_producer(settings, "id")])
def test_a_client_that_may_long_not_be_polled_keeps_nothing_to_say(silent: Any, said: list[str]) -> None:
    SAID.filters = []
    nowhere = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    client, beside = silent(nowhere), event_producer(nowhere)
    while len(said) < 5:
        beside.poll(0.1)
    said.clear()
    for _ in range(10):
        client.poll(0.01)
    assert said == []
