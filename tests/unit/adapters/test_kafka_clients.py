"""What librdkafka is told to be is the operator's word too: what it does not take is a wrong setting."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.adapters import kafka_clients as clients
from shared.contracts.errors import SettingsError
from shared.contracts.servers import KafkaSettings

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
