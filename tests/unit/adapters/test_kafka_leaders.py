"""Who answers is waited for while Kafka is just finding it: a partition's leader, a group's coordinator."""

import pytest
from confluent_kafka import KafkaError, KafkaException

from shared.adapters import kafka_leaders
from shared.adapters.kafka_leaders import led


@pytest.mark.parametrize("code", [KafkaError.LEADER_NOT_AVAILABLE, KafkaError.NOT_COORDINATOR])
def test_what_passes_is_asked_again(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_leaders, "RETRY_S", 0)
    refusals = [code, code]

    def ask() -> str:
        if refusals:
            raise KafkaException(KafkaError(refusals.pop()))
        return "offset"

    assert led(ask, 60) == "offset"


def test_what_does_not_pass_is_raised() -> None:
    def ask() -> str:
        raise KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))

    with pytest.raises(KafkaException):
        led(ask, 60)
