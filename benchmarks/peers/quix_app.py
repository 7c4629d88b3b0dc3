"""quixstreams as its documentation has it: State by user, `group_by` the item, State by item. RocksDB and changelogs
are its defaults. Runs in an environment of its own (requirements.lock), hence nothing of ours is imported.
"""

from functools import reduce
from typing import Any

from quixstreams import Application, State

from benchmarks.peers.fold import count, remember
from benchmarks.peers.progress import Progress, Task, task_given

Event = dict[str, Any]


class Steps:
    """The two stateful functions, and what is counted on the way to see that everything came through."""

    def __init__(self, task: Task, progress: Progress, app: Application) -> None:
        self._task, self._progress, self._app = task, progress, app
        self._users = self._history_items = 0

    def follow(self, event: Event, state: State) -> Event:
        """The user's history; on goes the item with those before it."""
        self._progress.begin()
        history = state.get("history", [])
        before = len(history)
        item = event["item_id"]
        earlier = remember(history, item, self._task.history, self._task.pairs)
        state.set("history", history)
        self._users += not before
        self._history_items += len(history) - before
        return {"item": item, "earlier": earlier}

    def learn(self, pair: Event, state: State) -> None:
        """The item's row and its popularity."""
        row = state.get("row", {})
        count(row, pair["earlier"], self._task.neighbours)
        state.set("row", row)
        state.set("popularity", state.get("popularity", 0) + 1)
        if self._progress.pass_on():
            self._progress.end(users=self._users, history_items=self._history_items, popularity=self._progress.done)
            self._app.stop()


def main() -> None:
    task = task_given()
    app = Application(
        broker_address=task.bootstrap,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        state_dir=task.state,
        loglevel="WARNING",
    )
    steps = Steps(task, Progress(task.events), app)
    topics = [app.topic(name, key_deserializer="str", value_deserializer="json") for name in task.topics]
    frames = [app.dataframe(topic) for topic in topics]
    events = reduce(lambda merged, frame: merged.concat(frame), frames)
    pairs = events.apply(steps.follow, stateful=True).group_by("item")
    pairs.update(steps.learn, stateful=True)
    app.run()


if __name__ == "__main__":
    main()
