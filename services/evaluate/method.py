"""What a method under test is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from services.evaluate.past import Past
from shared.core.kernel import Floats, Ints

Parameters = Mapping[str, float | int | str | bool | None]


@dataclass(frozen=True)
class Query:
    """A list is wanted for ``user`` at ``ts`` (ms), before ``event`` (index into the log) is visible: a method may use
    of it what is known when a page is asked for (user, time, context), never the item.

    ``excluded``: items that must not be in the list, ascending int32.
    """

    user: int
    ts: int
    event: int
    excluded: Ints


class Method(ABC):
    """Learns the log event by event. Deterministic: seeds are parameters, ties go by item number."""

    past: Past

    @abstractmethod
    def learn(self, event: int) -> None:
        """Learn event ``event`` of ``past.log``; ``past`` does not include it yet."""

    @abstractmethod
    def recommend(self, query: Query, n: int) -> Ints:
        """At most ``n`` items, best first, none of ``query.excluded``. Changes nothing that later answers depend on."""

    def settle(self, query: Query) -> None:  # noqa: B027 - most methods have nothing to do
        """Called before a list is asked for, and counted as learning: what the list must know is to be in effect."""

    def ahead(self) -> tuple[int, float]:
        """Lists that were made before anybody asked, and CPU seconds that they took, so far: recommending, though it
        happens while events are learned.
        """
        return 0, 0.0

    def refit(self, ts: int) -> float:
        """Called before the first event at or after each day's start (and before the test begins): a batch method
        fits itself to ``past`` here. Seconds of CPU that it took, 0.0 for what learns online.
        """
        del ts
        return 0.0


class Scoring(Method):
    """A method that gives items scores; the harness ranks them, and fills a short list with decayed popularity."""

    def recommend(self, query: Query, n: int) -> Ints:
        raise NotImplementedError("ranked by services.evaluate.ranking")

    @abstractmethod
    def score(self, query: Query, out: Floats) -> None:
        """Add to ``out`` float64[items] (zeros when called); only items with a score above 0 count."""


@dataclass(frozen=True)
class Peer:
    """A method of others and its tuning grid: each peer is tuned on the warm-up alone, by HR@20, with as many
    combinations at most as every other.
    """

    name: str
    build: Callable[[Past, Parameters, int], Method]
    """(past, parameters of one combination, seed) → a method that has learned nothing yet."""
    grid: tuple[Parameters, ...]
    default: bool = True
    """Whether it runs unless methods are named."""

    def combinations(self) -> Iterator[Parameters]:
        yield from self.grid
