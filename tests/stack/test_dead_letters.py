"""Dead letters go back once each, however many send them at a time."""

from contextlib import closing
from typing import Any

from confluent_kafka import KafkaError, Message

from services.ops.dead_letters import DeadLetters
from shared.adapters.kafka_clients import event_producer
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.settings import Settings
from shared.contracts.topics import DEAD_LETTER, topic_name
from tests.stack.raw import read_raw

LETTERS = 5


def bury(settings: Settings) -> None:
    def heard(error: KafkaError | None, _: Message) -> None:
        assert error is None

    producer = event_producer(settings.kafka)
    headers: dict[str, str | bytes | None] = {"topic": topic_name(settings, "view"), "reason": "wrong-type"}
    for number in range(LETTERS):
        producer.produce(topic_name(settings, DEAD_LETTER), b"%d" % number, headers=headers, on_delivery=heard)
    assert not producer.flush(30)


def test_what_another_has_sent_back_meanwhile_is_not_sent_again(settings: Settings) -> None:
    ensure_topics(settings)
    bury(settings)
    with closing(DeadLetters(settings)) as one, closing(DeadLetters(settings)) as other:
        assert other.waiting == {(topic_name(settings, "view"), "wrong-type"): LETTERS}
        assert one.send_back(lambda _: None) == LETTERS
        assert other.send_back(lambda _: None) == 0
    sent: list[Any] = [value for _, _, value in read_raw(settings, ["view"])]
    assert sorted(sent) == list(range(LETTERS))
