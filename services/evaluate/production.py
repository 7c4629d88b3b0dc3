"""Production under test: which lists stand, and what would be ranked now."""

from abc import ABC, abstractmethod
from time import process_time

import numpy as np

from services.evaluate.event_log import EventLog
from services.evaluate.pipeline import Listed, Pipeline
from shared.contracts.routing import partition_of
from shared.contracts.settings import Settings
from shared.core.kernel import Ints
from shared.core.reach import Reach


class Production(ABC):
    """``stored``: user → (event time, item numbers) of the list that stands. ``ahead``: how many lists were made to
    stand, and in how many seconds of CPU.
    """

    def __init__(self, log: EventLog, settings: Settings, reach: Reach | None = None) -> None:
        self.settings = settings
        self.pipeline = Pipeline(settings, reach)
        self.stored: dict[int, tuple[int, Ints]] = {}
        self.ahead = (0, 0.0)
        self._log = log
        self._item = {name: number for number, name in enumerate(log.items)}
        self._user = {name: number for number, name in enumerate(log.users)}

    @abstractmethod
    def learn(self, event: int) -> None:
        """Take the event, once."""

    @abstractmethod
    def settle(self) -> None:
        """Everything that was taken is in effect."""

    def ranked(self, user: int, ts: int, n: int) -> Ints:
        """A list of item numbers, ranked now."""
        name = self._log.users[user]
        partition = partition_of(name, len(self.pipeline.profiles))
        slots = self.pipeline.profiles[partition].state.users.find([name])
        [made] = self.pipeline.lists(partition, slots, ts, n)
        return self._numbers(made)

    def _store(self, partition: int, slots: Ints) -> None:
        """Lists of those that a frame touched."""
        began = process_time()
        state = self.pipeline.profiles[partition].state
        made = self.pipeline.lists(partition, slots, state.ts, self.settings.lists.length)
        users = [self._user[state.users.names[slot]] for slot in slots.tolist()]
        self.stored |= {user: (state.ts, self._numbers(one)) for user, one in zip(users, made, strict=True)}
        self.ahead = (self.ahead[0] + len(users), self.ahead[1] + process_time() - began)

    def _numbers(self, made: Listed) -> Ints:
        return np.fromiter(map(self._item.__getitem__, made.items), dtype=np.int32, count=len(made.items))
