"""The collector as a process, before a real Kafka."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.stack.ports import free_ports
from shared.contracts.settings import Settings
from tests.stack.raw import read_raw
from tests.waiting import wait_for

pytestmark = pytest.mark.stack


@pytest.fixture
def collector(settings: Settings) -> Iterator[str]:
    """Its URL. It ends by SIGTERM with status 0."""
    (port,) = free_ports([None])
    env = os.environ | {
        "HEADRACE_TENANT": settings.tenant,
        "HEADRACE_KAFKA_BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers,
        "HEADRACE_COLLECTOR_PORT": str(port),
        "HEADRACE_COLLECTOR_MAX_BATCH": "500",
        "HEADRACE_COLLECTOR_DEADLINE_MS": "120000",  # a loaded machine is no failure
    }
    process = subprocess.Popen([sys.executable, "-m", "services.collector"], env=env, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        while "listening" not in (line := process.stderr.readline()):
            assert line, "the collector ended before it listened"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=150)[1]
    assert process.returncode == 0, rest


def event(n: int) -> dict[str, Any]:
    return {"type": "purchase" if n % 7 == 0 else "view", "user_id": f"u{n % 13}", "item_id": f"i{n}"}


def test_what_was_accepted_is_in_kafka_with_its_ids(collector: str, settings: Settings) -> None:
    with httpx.Client(base_url=collector, timeout=150) as client:
        wait_for("the collector to say that Kafka runs", lambda: client.get("/readyz").json() == {"kafka": True})
        answers = [client.post("/v1/events", json=[event(n) for n in range(a, a + 100)]) for a in (0, 100, 200)]
        one = client.post("/v1/events", content=json.dumps(event(300)), headers={"content-type": "text/plain"})
        refused = client.post("/v1/events", json=[event(301), {"type": "view", "user_id": "u"}])
        too_many = client.post("/v1/events", json=[event(n) for n in range(501)])

    assert [a.status_code for a in (*answers, one, refused, too_many)] == [202, 202, 202, 202, 422, 413]
    ids = [i for a in (*answers, one) for i in a.json()["ids"]]
    sent = read_raw(settings, ["view", "purchase"])
    found = {record["event_id"]: (kind, record["user_id"], record["item_id"]) for kind, _, record in sent}
    assert len(sent) == 301
    assert found == {i: tuple(event(n).values()) for n, i in enumerate(ids)}
    assert all(key == record["user_id"].encode() for _, key, record in sent)
