"""Faust's consumer as a worker wants it: it asks the broker at a pace, and commits nothing during a rebalance.

As it comes, it asks again the moment it has an answer, so that of the four frames that a batch of ingest is the first
comes alone, then the others, and deltas, examples and tops one by one: a hundred questions a second, each a millisecond
of the worker and of the broker, whatever they bring. Between two questions it waits for so long here.

A commit that is sent after the request to join is answered after it, as one of a generation that is over: aiokafka
joins once more then, and the group is rebalanced a second time.
"""

import asyncio
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport

PACE_S = 0.02


class WorkerThread(AIOKafkaConsumerThread):
    """Its client waits before each question for records."""

    def _create_worker_consumer(self, *arguments: Any, **more: Any) -> Any:
        consumer = super()._create_worker_consumer(*arguments, **more)
        pace(consumer._client)  # noqa: SLF001 - aiokafka has no setting for it
        return consumer


class WorkerConsumer(Consumer):
    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return WorkerThread(self, loop=self.loop, beacon=self.beacon)

    async def commit(self, *arguments: Any, **more: Any) -> bool:
        """Whether there was a commit; the next is a second later."""
        return not self.app.rebalancing and await super().commit(*arguments, **more)


class WorkerTransport(Transport):
    Consumer = WorkerConsumer


def pace(client: AIOKafkaClient, seconds: float = PACE_S) -> None:
    """All other requests go at once."""
    send = client.send

    async def paced(node_id: int, request: Any, **more: Any) -> Any:
        if isinstance(request, FetchRequest):
            await asyncio.sleep(seconds)
        return await send(node_id, request, **more)

    client.send = paced
