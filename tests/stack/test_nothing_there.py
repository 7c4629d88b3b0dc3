"""Commands that read our topics say soon that there are none, or no Kafka: a person waits for the answer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.ops.dead_letters import DeadLetters
from services.recording.recorder import record
from services.verify.run import verification
from shared.adapters import kafka_topics, log_reader
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings, load_settings

COMMANDS: list[Callable[[Settings], object]] = [
    DeadLetters,
    lambda settings: record(settings, Path("none"), print),
    lambda settings: verification(settings, print, refreshed=False),
]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for in vain fails in another way."""
    monkeypatch.setattr(log_reader, "TIMEOUT_S", 1.0)
    monkeypatch.setattr(kafka_topics, "REACH_S", 1.0)


@pytest.mark.parametrize("command", COMMANDS)
def test_of_a_tenant_who_never_was(command: Callable[[Settings], object], settings: Settings) -> None:
    with pytest.raises(
        Unavailable, match=f"has no topic {settings.tenant}.batch-list: .* for tenant {settings.tenant}"
    ):
        command(settings)


@pytest.mark.parametrize("command", COMMANDS)
def test_without_kafka(command: Callable[[Settings], object]) -> None:
    with pytest.raises(Unavailable, match=r"Kafka at 127\.0\.0\.1:1 does not answer"):
        command(load_settings(kafka={"bootstrap_servers": "127.0.0.1:1"}))
