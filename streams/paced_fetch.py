"""Faust's consumer, which asks the broker at a pace.

As it comes, it asks again the moment it has an answer, so that of the four frames that a batch of ingest is the first
comes alone, then the others, and deltas, examples and tops one by one: a hundred questions a second, each a millisecond
of the worker and of the broker, whatever they bring. Between two questions it waits for so long here.
"""

import asyncio
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport

PACE_S = 0.02


class PacedThread(AIOKafkaConsumerThread):
    """Its client waits before each question for records."""

    def _create_worker_consumer(self, *arguments: Any, **more: Any) -> Any:
        consumer = super()._create_worker_consumer(*arguments, **more)
        pace(consumer._client)  # noqa: SLF001 - aiokafka has no setting for it
        return consumer


class PacedConsumer(Consumer):
    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return PacedThread(self, loop=self.loop, beacon=self.beacon)


class PacedTransport(Transport):
    Consumer = PacedConsumer


def pace(client: AIOKafkaClient, seconds: float = PACE_S) -> None:
    """All other requests go at once."""
    send = client.send

    async def paced(node_id: int, request: Any, **more: Any) -> Any:
        if isinstance(request, FetchRequest):
            await asyncio.sleep(seconds)
        return await send(node_id, request, **more)

    client.send = paced
