"""Views that are published anew: a host, and a Redis that may be another one from one moment to the next."""

from typing import Any, ClassVar, cast

from shared.adapters.log_reader import PartitionLog
from shared.contracts.settings import load_settings
from shared.contracts.topics import ITEM_DELTAS, TOPS
from shared.contracts.views import Keys, standing_in
from streams.hosting.host import Host
from streams.hosting.rebuilding import Rebuilding
from streams.steps.ports import Ports
from tests.unit.streams.stage import FRAMES, Broker, Kept, Log, Notes

SETTINGS = load_settings(topics={"items_partitions": 1})
KEYS = Keys(SETTINGS)
DAY_MS = 86_400_000
SOURCES = [(ITEM_DELTAS, 0), (TOPS, 0)]


class Lists(Notes):
    """A step whose views are made from others."""

    after: ClassVar[tuple[str, ...]] = (ITEM_DELTAS, TOPS)


class Marks:
    """What stands in Redis; its server can be another one from one moment to the next."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.now = "run-1"
        self.met = list[str]()
        self.pages = 0
        self.lives: list[int] = []

    def servers(self) -> list[str]:
        met, self.met = self.met, []
        return [*met, self.now]

    def read(self, keys: list[str]) -> list[bytes | None]:
        return [self.held.get(key) for key in keys]

    def mark(self, key: str, value: bytes, ttl_s: int, *, again: bool = False) -> None:
        if key in self.held or not again:
            self.held[key] = value
            self.lives.append(ttl_s)

    def scan(self, cursor: int, _prefix: str, _count: int) -> tuple[int, list[str]]:
        """Of three pages."""
        self.pages += 1
        return (cursor + 1) % 3, [f"{KEYS.prefix}item:i{self.pages}", "another's"]

    def erase(self, keys: list[str]) -> None:
        for key in keys:
            self.held.pop(key, None)

    def stand(self) -> None:
        """Another worker has published the rows and tops."""
        for place in SOURCES:
            self.mark(KEYS.published(*place), standing_in(self.now), 1)


class Stage:
    """A host that holds one partition of `frames`; the clock moves a minute a turn."""

    def __init__(self) -> None:
        self.diary: list[str] = []
        self.marks = Marks()
        self.now = 0
        none = cast("Any", None)
        self.broker = Broker()
        ports = Ports(SETTINGS, cast("Any", self.broker), cast("Any", self.marks), KEYS, none, self._clock)
        self.step = Lists(0, self.diary)
        steps: dict[str, Any] = {"frames": lambda *_: self.step}
        log, kept = cast("PartitionLog", Log([], 0)), cast("Any", Kept([], -1))
        self.host = Host(ports, Rebuilding(ports, steps, log, kept, lambda *_: frozenset()), log, kept)

    def _clock(self) -> int:
        self.now += 60_000
        return self.now

    async def republished(self, turns: int = 3) -> int:
        """How often it was, in so many turns."""
        before = self.diary.count("republish 0")
        for _ in range(turns):
            await self.host.turn()
        return self.diary.count("republish 0") - before

    def stands(self) -> bool:
        return self.marks.held.get(KEYS.published(*FRAMES)) == standing_in(self.marks.now)


async def holding() -> Stage:
    """A stage that holds its partition; what its lists are made from stands."""
    stage = Stage()
    stage.marks.stand()
    await stage.host.assign({FRAMES})
    return stage


async def published() -> Stage:
    """The same, once all was published."""
    stage = await holding()
    assert await stage.republished() == 1
    return stage


async def standing() -> Stage:
    """The same, once its mark says that all stands."""
    stage = await holding()
    while not stage.stands():
        await stage.host.turn()
    return stage
