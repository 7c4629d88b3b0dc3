"""A plain confluent-kafka loop with dicts: no library at all, and nothing that survives the process."""

import time

import orjson
import redis
from confluent_kafka import Consumer

from benchmarks.peers.fold import Row, count, heaviest, recommended, remember
from benchmarks.peers.progress import Progress, Task, task_given

BATCH, WAIT_S = 2000, 0.2
POPULAR_EVERY_S = 1.0


class Fold:
    """All state, and the lists of the users of a batch."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._redis = redis.Redis.from_url(task.redis) if task.redis else None
        self.histories: dict[str, list[str]] = {}
        self.rows: dict[str, Row] = {}
        self.popularity: Row = {}
        self._popular: list[tuple[str, int]] = []
        self._popular_due = 0.0

    def take(self, events: list[tuple[str, str]]) -> None:
        """(user, item) in order; then one list for each of the users."""
        task = self._task
        for user, item in events:
            history = self.histories.setdefault(user, [])
            earlier = remember(history, item, task.history, task.pairs)
            count(self.rows.setdefault(item, {}), earlier, task.neighbours)
            self.popularity[item] = self.popularity.get(item, 0) + 1
        if self._redis is not None:
            self._write(self._redis, list({user: None for user, _ in events}))

    def _write(self, client: "redis.Redis", users: list[str]) -> None:
        task, now = self._task, time.monotonic()
        if now >= self._popular_due:
            self._popular, self._popular_due = heaviest(self.popularity, 2 * task.length), now + POPULAR_EVERY_S
        pipe = client.pipeline(transaction=False)
        for user in users:
            listed = recommended(self.histories[user], self.rows, self._popular, task.recent, task.length)
            payload = {"user_id": user, "items": [i for i, _ in listed], "scores": [s for _, s in listed]}
            pipe.set(f"{task.prefix}{user}", orjson.dumps(payload), ex=task.ttl_s)
        pipe.execute()


def main() -> None:
    task = task_given()
    progress, fold = Progress(task.events), Fold(task)
    consumer = Consumer(
        {
            "bootstrap.servers": task.bootstrap,
            "group.id": task.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe(task.topics)
    while True:
        messages = [m for m in consumer.consume(BATCH, WAIT_S) if m.error() is None]
        if not messages:
            continue
        progress.begin()
        decoded = [orjson.loads(m.value() or b"{}") for m in messages]
        fold.take([(event["user_id"], event["item_id"]) for event in decoded])
        consumer.commit(asynchronous=True)
        if progress.pass_on(len(messages)):
            break
    progress.end(
        users=len(fold.histories),
        history_items=sum(map(len, fold.histories.values())),
        popularity=sum(fold.popularity.values()),
    )
    consumer.close()


if __name__ == "__main__":
    main()
