"""Production under test: which lists stand, and what would be ranked now."""

from abc import ABC, abstractmethod
from time import process_time

from services.evaluate.event_log import EventLog
from services.evaluate.numbering import Numbering
from services.evaluate.pipeline import Pipeline
from services.evaluate.standing import Standing
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.core.kernel import Ints
from shared.core.lists.reach import Reach


class Production(ABC):
    """``stored``: the lists that stand. ``ahead``: how many were made to stand, and in how many seconds of CPU."""

    def __init__(self, log: EventLog, settings: Settings, reach: Reach | None = None) -> None:
        self.settings = settings
        self.pipeline = Pipeline(settings, reach)
        self.stored = Standing(len(log.users), settings.lists.length)
        self.ahead = (0, 0.0)
        self._log = log
        self._items = Numbering(log.items)
        self._users = Numbering(log.users)

    @abstractmethod
    def learn(self, event: int) -> None:
        """Take the event, once."""

    @abstractmethod
    def settle(self) -> None:
        """Everything that was taken is in effect."""

    def settle_for(self, user: int, ts: int) -> None:
        """Before a list of the user at ``ts`` (event time, ms): what it must know is in effect."""
        del user, ts
        self.settle()

    def ranked(self, user: int, ts: int, n: int) -> Ints:
        """A list of item numbers, ranked now."""
        name = self._log.users[user]
        partition = partition_of(name, len(self.pipeline.profiles))
        slots = self.pipeline.profiles[partition].state.users.find([name])
        [(made, table)] = self.pipeline.ranked(partition, slots, ts, n)
        return self._items.of(table, made.items[0, : made.lengths[0]])

    def _store(self, partition: int, slots: Ints) -> None:
        """Lists of those that a frame touched."""
        began = process_time()
        state = self.pipeline.profiles[partition].state
        users, done = self._users.of(state.users, slots), 0
        for made, table in self.pipeline.ranked(partition, slots, state.ts, self.settings.lists.length):
            these = users[done : done + len(made.items)]
            self.stored.put(these, state.ts, self._items.of(table, made.items), made.lengths)
            done += len(these)
        self.ahead = (self.ahead[0] + done, self.ahead[1] + process_time() - began)
