"""What librdkafka is told to be is the operator's word too: what it does not take is a wrong setting."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from shared.adapters import kafka_clients as clients
from shared.contracts.errors import SettingsError
from shared.contracts.servers import HEADRACES_OWN, OF_SETTINGS, KafkaSettings

MAKERS: list[Callable[[KafkaSettings], Any]] = [
    clients.admin,
    clients.log_reader,
    clients.exact_producer,
    clients.event_producer,
    lambda settings: clients.group_consumer(settings, "group"),
    lambda settings: clients.transactional_producer(settings, "id"),
]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("option", [("security.protocoll", "ssl"), ("security.protocol", "tls")])
def test_an_option_that_is_none_is_a_wrong_setting(
    make: Callable[[KafkaSettings], Any], option: tuple[str, str]
) -> None:
    with pytest.raises(SettingsError, match="HEADRACE_KAFKA_CLIENT"):
        make(KafkaSettings(client=dict([option])))


@pytest.mark.parametrize("make", MAKERS)
def test_what_a_client_is_told_by_us_is_nobody_elses_word(
    make: Callable[[KafkaSettings], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be without effect; and what is said of anything else has one."""
    monkeypatch.setattr(clients, "_made", lambda _, options: options)
    said = {"client.id": "shop", "log_level": "6", "topic.metadata.refresh.interval.ms": "1000"}
    told = make(KafkaSettings(client=said, instance_id="one"))
    assert told.keys() - said.keys() <= HEADRACES_OWN | OF_SETTINGS.keys()
    for option in told.keys() - said.keys():
        with pytest.raises(ValidationError, match=option):
            KafkaSettings(client={option: "1"})
