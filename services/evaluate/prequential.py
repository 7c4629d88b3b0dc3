"""The pass: every method is asked for a list before the event is visible, then all learn it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import process_time

import numpy as np

from services.evaluate.event_log import EventLog
from services.evaluate.method import Method, Query, Scoring
from services.evaluate.past import Past
from services.evaluate.protocol import Plan
from services.evaluate.ranking import Ranker, filled
from services.evaluate.ratings import foretellers
from shared.core.kernel import Floats, Ints, Longs
from shared.core.metrics import NOTHING

DAY_MS = 86_400_000
TIMED = 13  # one event in so many is timed while it is learned: reading the clock costs as much as learning
TOLD = 500  # events between two words of progress
CLOCK_READINGS = 501


@dataclass
class Outcome:
    """What one method answered: ``lists`` int32[q, n], ``values`` float64[q] (ratings foretold, NaN where none), and
    what it cost in CPU seconds; ``ahead`` lists were made before anybody asked.
    """

    lists: Ints
    values: Floats
    learn_s: float = 0.0
    learned: int = 0
    settle_s: float = 0.0
    recommend_s: float = 0.0
    ahead: int = 0
    ahead_s: float = 0.0
    fit_s: float = 0.0
    fits: int = 0


@dataclass
class Pass:
    """One pass of ``methods`` (by name) over the plan's events; ``n`` is the length of lists, ``fill`` makes short ones
    longer.
    """

    past: Past
    methods: Mapping[str, Method]
    plan: Plan
    fill: Method | None
    n: int
    repeats: bool = False
    outcomes: dict[str, Outcome] = field(init=False)

    def __post_init__(self) -> None:
        q = len(self.plan.targets)
        self._log: EventLog = self.past.log
        self._ranker = Ranker(self.past)
        self._foretellers = foretellers(self.methods)
        self._settling = {n: m for n, m in self.methods.items() if type(m).settle is not Method.settle}
        self._clock_s = clock_cost()
        self._day = -1
        self._row = 0
        self.outcomes = {
            name: Outcome(np.full((q, self.n), NOTHING, dtype=np.int32), np.full(q, np.nan)) for name in self.methods
        }

    def run(self, tell: Callable[[int], None] | None = None) -> dict[str, Outcome]:
        """``tell`` hears how many more events are done."""
        told = 0
        for start, end in zip(self.plan.bounds[:-1].tolist(), self.plan.bounds[1:].tolist(), strict=True):
            if end > self.plan.fit_from:
                self._refit(start)
                self._ask(end)
            self._learn(start, end)
            if tell and end - told >= TOLD:
                tell(end - told)
                told = end
        for name, method in self.methods.items():
            self.outcomes[name].ahead, self.outcomes[name].ahead_s = method.ahead()
        return self.outcomes

    def _refit(self, start: int) -> None:
        ts = int(self._log.ts[start])
        if ts // DAY_MS == self._day:
            return
        self._day = ts // DAY_MS
        for name, method in self.methods.items():
            seconds = method.refit(ts)
            self.outcomes[name].fit_s += seconds
            self.outcomes[name].fits += seconds > 0.0

    def _ask(self, end: int) -> None:
        """Ask for every target before ``end``, the end of the group that comes next."""
        targets = self.plan.targets
        while self._row < len(targets) and targets[self._row] < end:
            event = int(targets[self._row])
            query = self._query(event)
            self._settle(query)
            popular: Ints | None = None
            for name, method in self.methods.items():
                own = self._list(name, method, query)
                if len(own) < self.n and self.fill and isinstance(method, Scoring):
                    popular = self.fill.recommend(query, self.n) if popular is None else popular
                    own = filled(own, popular, self.n)
                self.outcomes[name].lists[self._row, : len(own)] = own
            for name, foreteller in self._foretellers.items():
                self.outcomes[name].values[self._row] = foreteller.predict_value(query, int(self._log.item[event]))
            self._row += 1

    def _settle(self, query: Query) -> None:
        for name, method in self._settling.items():
            began, (_, ahead_s) = process_time(), method.ahead()
            method.settle(query)
            made_s = method.ahead()[1] - ahead_s
            self.outcomes[name].settle_s += process_time() - began - made_s - self._clock_s

    def _query(self, event: int) -> Query:
        user = int(self._log.user[event])
        history = self.past.history(user)
        excluded = history[-1:].copy() if self.repeats else np.unique(history)
        return Query(user, int(self._log.ts[event]), event, excluded)

    def _list(self, name: str, method: Method, query: Query) -> Ints:
        began = process_time()
        if isinstance(method, Scoring):
            own = self._ranker.rank(method, query, self.n)
        else:
            own = method.recommend(query, self.n)
        self.outcomes[name].recommend_s += process_time() - began - self._clock_s
        if not self._log.catalogue_ahead:
            own = own[self.past.seen[own]]
        return own

    def _learn(self, start: int, end: int) -> None:
        for event in range(start, end):
            if event % TIMED:
                for method in self.methods.values():
                    method.learn(event)
            else:
                self._learn_timed(event)
            if self.fill:
                self.fill.learn(event)
            self.past.push(event)

    def _learn_timed(self, event: int) -> None:
        for name, method in self.methods.items():
            outcome = self.outcomes[name]
            began, (_, ahead_s) = process_time(), method.ahead()
            method.learn(event)
            made_s = method.ahead()[1] - ahead_s
            outcome.learn_s += process_time() - began - made_s - self._clock_s
            outcome.learned += 1


def clock_cost() -> float:
    """Seconds between two readings of the clock with nothing between them: the median."""
    times: Longs | Floats = np.array([process_time() for _ in range(CLOCK_READINGS)])
    return float(np.median(np.diff(times)))
