"""A tenant of its own for a measurement: nobody's data is in its way, and nothing of it is left behind."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_clients import admin
from shared.adapters.kafka_topics import ensure_topics, partitions_by_topic
from shared.adapters.redis_views import ViewStore
from shared.contracts.settings import Settings, load_settings

DELETE_AT_ONCE = 1000


@contextmanager
def tenant(stack: EmbeddedStack, **overrides: Any) -> Iterator[Settings]:
    """Settings of a fresh tenant whose topics exist; they and its keys are gone afterwards."""
    kafka, redis = {"bootstrap_servers": stack.kafka}, {"url": stack.redis, "timeout_ms": 20_000}
    settings = load_settings(tenant=f"b-{uuid4().hex[:8]}", kafka=kafka, redis=redis, **overrides)
    ensure_topics(settings)
    try:
        yield settings
    finally:
        _remove(settings)


def variables_of(settings: Settings, **more: str) -> dict[str, str]:
    """The environment of a part of this tenant: nothing of ours from outside."""
    ours = {
        "HEADRACE_TENANT": settings.tenant,
        "HEADRACE_KAFKA_BOOTSTRAP_SERVERS": settings.kafka.bootstrap_servers,
        "HEADRACE_KAFKA_SESSION_TIMEOUT_MS": "30000",  # a loaded machine is not what is measured
        "HEADRACE_REDIS_URL": settings.redis.url,
        "HEADRACE_REDIS_TIMEOUT_MS": str(settings.redis.timeout_ms),
        "HEADRACE_TOPICS": settings.topics.model_dump_json(),
        "HEADRACE_LOG_LEVEL": "warning",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("HEADRACE_")} | ours | more


def _remove(settings: Settings) -> None:
    client = admin(settings.kafka)
    ours = [name for name in partitions_by_topic(client) if name.startswith(f"{settings.tenant}.")]
    if not ours:  # a broker that has much to do names them late; its home is gone soon
        return
    for done in client.delete_topics(ours, operation_timeout=60).values():
        done.result()
    views, prefix = ViewStore(settings), f"{settings.tenant}:"
    keys = [prefix + name for name in views.names(prefix)]
    for start in range(0, len(keys), DELETE_AT_ONCE):
        views.erase(keys[start : start + DELETE_AT_ONCE])
    views.close()
