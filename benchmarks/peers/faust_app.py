"""Faust as its documentation has it: agents, tables with changelogs, a topic between them that is keyed by item.

In memory (Faust's own RocksDB store is slower), one agent each, JSON. A second worker would need more for lists, which
read rows of any partition: here all are in this one.
"""

import logging
import time
from typing import Any

import faust
import orjson
import redis.asyncio

from benchmarks.peers.fold import count, heaviest, recommended, remember
from benchmarks.peers.progress import Progress, Task, task_given

POPULAR_EVERY_S = 1.0
LINGER_S, BATCH_BYTES = 0.02, 262_144  # the defaults send nearly every record alone, at several times the CPU


class Lists:
    """Writes a user's list; what is popular is looked up once a second."""

    def __init__(self, task: Task, rows: Any, popularity: Any) -> None:
        self._task, self._rows, self._popularity = task, rows, popularity
        self._redis = redis.asyncio.Redis.from_url(task.redis)
        self._popular: list[tuple[str, int]] = []
        self._due = 0.0

    async def write(self, user: str, history: list[str]) -> None:
        """One SET."""
        now = time.monotonic()
        if now >= self._due:
            counts = {item: int(times) for item, times in self._popularity.items()}
            self._popular, self._due = heaviest(counts, 2 * self._task.length), now + POPULAR_EVERY_S
        listed = recommended(history, self._rows, self._popular, self._task.recent, self._task.length)
        payload = {"user_id": user, "items": [i for i, _ in listed], "scores": [s for _, s in listed]}
        await self._redis.set(f"{self._task.prefix}{user}", orjson.dumps(payload), ex=self._task.ttl_s)


def _app(task: Task) -> faust.App:
    return faust.App(
        task.group,
        broker=[f"kafka://{server}" for server in task.bootstrap.split(",")],
        store="memory://",
        consumer_auto_offset_reset="earliest",
        topic_partitions=task.partitions,
        producer_linger=LINGER_S,
        producer_max_batch_size=BATCH_BYTES,
        producer_compression_type="lz4",
        web_enabled=False,
        datadir=task.state,
    )


def build(task: Task, progress: Progress) -> faust.App:
    app = _app(task)
    keyed: dict[str, Any] = {"key_type": str, "key_serializer": "raw", "value_serializer": "json"}
    events = app.topic(*task.topics, **keyed)
    pairs = app.topic(f"{task.group}-pairs", internal=True, partitions=task.partitions, **keyed)
    histories = app.Table("histories", default=list, partitions=task.partitions)
    rows = app.Table("rows", default=dict, partitions=task.partitions)
    popularity = app.Table("popularity", default=int, partitions=task.partitions)
    lists = Lists(task, rows, popularity) if task.redis else None

    @app.task  # type: ignore[untyped-decorator]
    async def be_quiet() -> None:
        logging.getLogger().setLevel(logging.ERROR)  # Faust's worker leaves it at DEBUG: a record for every message

    @app.agent(events)
    async def follow(stream: Any) -> None:
        async for user, event in stream.items():
            progress.begin()
            history, item = histories[user], event["item_id"]
            earlier = remember(history, item, task.history, task.pairs)
            histories[user] = history
            await pairs.send(key=item, value=earlier)
            if lists is not None:
                await lists.write(user, history)

    @app.agent(pairs)
    async def learn(stream: Any) -> None:
        async for item, earlier in stream.items():
            row = rows[item]
            count(row, earlier, task.neighbours)
            rows[item] = row
            popularity[item] += 1
            if progress.pass_on():
                held = [len(history) for history in histories.values()]
                progress.end(users=len(held), history_items=sum(held), popularity=sum(popularity.values()))

    return app


def main() -> None:
    task = task_given()
    progress = Progress(task.events)
    app = build(task, progress)
    faust.Worker(app, loglevel="WARN", quiet=True, redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main()
