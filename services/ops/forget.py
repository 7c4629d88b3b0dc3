"""Forgets a user: a tombstone goes the way of all data, and is waited for where it ends, in the views."""

import time

from confluent_kafka import KafkaError, Message

from shared.adapters.kafka_clients import event_producer
from shared.adapters.kafka_topics import need_topics
from shared.adapters.redis_views import ViewStore, need_redis
from shared.contracts.errors import Unavailable
from shared.contracts.identity import asked_for
from shared.contracts.settings import Settings
from shared.contracts.topics import USER, topic_name
from shared.contracts.views import Keys

LOOK_S = 0.1
DELIVERED_S = 30.0


def forget(settings: Settings, user: str, patience_s: float) -> bool:
    """Returns when the user's lists are gone, ours and the batch model's, and cannot come back from before.
    Whether there were any: somebody of whom there was none has been away for long, or was never there.

    :class:`BadRecord` for what is no user id, :class:`Unavailable` if the tombstone was not taken or not applied in
    time; once taken, it will be applied.
    """
    user, name = asked_for(user, settings.identity, settings.events.max_id_length)
    need_redis(settings)
    need_topics(settings)
    views, keys = ViewStore(settings), Keys(settings)
    lists = [keys.rec(name), keys.batch(name)]
    marks = [keys.grave(view) for view in lists]
    stood, before = any(views.read(lists)), views.read(marks)
    _send(settings, user)
    deadline = time.monotonic() + patience_s
    while any(now == was for now, was in zip(views.read(marks), before, strict=True)):
        if time.monotonic() > deadline:
            raise Unavailable(
                f"the tombstone is in the log, but was not applied within {patience_s:.0f} s: see the lag"
            )
        time.sleep(LOOK_S)
    views.close()
    return stood


def _send(settings: Settings, user: str) -> None:
    failures: list[KafkaError] = []

    def heard(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failures.append(error)

    producer = event_producer(settings.kafka)
    producer.produce(topic_name(settings, USER), None, key=user.encode(), on_delivery=heard)
    if producer.flush(DELIVERED_S) or failures:
        raise Unavailable(f"Kafka did not take the tombstone: {failures[0].str() if failures else 'no answer'}")
