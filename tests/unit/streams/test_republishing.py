"""When views are published anew: after a loss, in order, and not while the generation is being rebuilt."""

import asyncio
from typing import Any, ClassVar, cast

import pytest

from shared.adapters.log_reader import PartitionLog
from shared.contracts.settings import load_settings
from shared.contracts.topics import ITEM_DELTAS, TOPS
from shared.contracts.views import HOLD, PUBLISH, Keys, standing_in
from streams import host
from streams.host import Host
from streams.ports import Ports
from streams.rebuilding import Rebuilding
from tests.unit.streams.stage import FRAMES, Broker, Kept, Log, Notes

SETTINGS = load_settings(topics={"items_partitions": 1})
KEYS = Keys(SETTINGS)
DAY_MS = 86_400_000
SOURCES = [(ITEM_DELTAS, 0), (TOPS, 0)]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "IDLE_S", 0.001)


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


def test_lists_wait_for_the_rows_that_they_are_made_from() -> None:
    async def scene() -> None:
        stage = Stage()
        await stage.host.assign({FRAMES})
        assert await stage.republished() == 0
        assert not stage.stands()
        stage.marks.stand()
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


def test_a_mark_waits_until_what_nobody_holds_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """`headrace refresh` and `rebuild` end with it. Who is told what to hold knows it once those who tell are done."""
    asked = list[str]()
    monkeypatch.setattr(Lists, "kinds", frozenset({"item"}))
    monkeypatch.setattr(Lists, "told_by", (ITEM_DELTAS,))
    monkeypatch.setattr(Lists, "after", ())

    def strays(_: Lists, kind: str, names: list[str]) -> list[str]:
        asked.extend(f"{kind}:{name}" for name in names)
        return []

    monkeypatch.setattr(Lists, "strays", strays)

    async def scene() -> None:
        stage = Stage()
        await stage.host.assign({FRAMES})
        assert await stage.republished(5) == 1
        assert (stage.marks.pages, stage.stands()) == (0, False)
        stage.marks.stand()
        while not stage.stands():
            assert await stage.republished(1) == 0
        assert asked == [f"item:i{page}" for page in (1, 2, 3)]
        stage.marks.now = "run-2"
        assert await stage.republished(1) == 1
        stage.marks.stand()
        while not stage.stands():
            assert await stage.republished(1) == 0
        assert stage.marks.pages == 6

    asyncio.run(scene())


def test_another_server_or_a_lost_mark_publishes_once_more() -> None:
    async def scene() -> None:
        stage = await holding()
        assert await stage.republished() == 1
        stage.marks.held.clear()
        stage.marks.now = "run-2"
        assert await stage.republished() == 0
        stage.marks.stand()
        assert await stage.republished() == 1
        del stage.marks.held[KEYS.published(*FRAMES)]
        assert await stage.republished() == 1

    asyncio.run(scene())


def test_a_partition_that_is_never_done_leaves_its_mark_once_all_that_was_lost_stands() -> None:
    """Where events flow, something waits to be published at every moment."""

    async def scene() -> None:
        stage = await holding()
        stage.step.is_settled = stage.step.is_republished = False
        assert await stage.republished() == 1
        assert not stage.stands()
        stage.step.is_republished = True
        assert await stage.republished() == 0
        assert stage.stands()

    asyncio.run(scene())


def test_a_mark_taken_away_the_moment_it_was_set_publishes_once_more() -> None:
    """`headrace refresh` does not wait for the worker to have looked at it again."""

    async def scene() -> None:
        stage = await holding()
        while not stage.stands():
            await stage.host.turn()
        del stage.marks.held[KEYS.published(*FRAMES)]
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


def test_views_lost_while_they_are_published_are_published_once_more() -> None:
    """The server stays, as with FLUSHALL: all that tells is that the mark of the beginning is gone."""

    async def scene() -> None:
        stage = await holding()
        stage.step.is_republished = False
        assert await stage.republished() == 1
        stage.marks.held.clear()
        stage.marks.stand()
        stage.step.is_republished = True
        assert await stage.republished(1) == 1
        assert not stage.stands()
        assert await stage.republished(1) == 0
        assert stage.stands()

    asyncio.run(scene())


def test_views_lost_with_the_last_of_them_written_are_published_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        stage = await holding()
        assert await stage.republished(1) == 1
        with monkeypatch.context() as lost:
            lost.setattr(stage.broker, "flush", stage.marks.held.clear)
            assert await stage.republished(1) == 0
        assert not stage.stands()
        stage.marks.stand()
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


def test_a_server_that_kept_its_marks_is_another_one_all_the_same() -> None:
    """It may have kept less than was written: a Redis with a file comes back as it was a moment before."""

    async def scene() -> None:
        stage = await holding()
        assert await stage.republished() == 1
        stage.marks.now = "run-2"
        assert await stage.republished() == 0
        stage.marks.stand()
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


@pytest.mark.parametrize("looked", [True, False])
def test_a_server_that_is_there_again_lacks_what_another_one_was_given_meanwhile(*, looked: bool) -> None:
    """An address that moved to a replica and back, perhaps between two looks at which server is there; nobody else has
    looked yet at what the first one says.
    """

    async def scene() -> None:
        stage = await holding()
        assert await stage.republished() == 1
        first = stage.marks.held
        if looked:
            stage.marks.held, stage.marks.now = {}, "run-2"
            assert await stage.republished() == 0
        stage.marks.held, stage.marks.now, stage.marks.met = first, "run-1", ["run-2", "run-1"]
        assert await stage.republished() == 0
        assert not stage.stands()
        stage.marks.stand()
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


def test_a_mark_lives_for_a_week_and_is_renewed_each_day() -> None:
    """Those of an earlier generation, which nobody holds any more, are gone some day."""

    async def scene() -> None:
        stage = await holding()
        while not stage.stands():
            await stage.host.turn()
        stage.marks.lives.clear()
        assert await stage.republished() == 0
        assert stage.marks.lives == []
        stage.now += DAY_MS
        assert await stage.republished() == 0
        assert stage.marks.lives == [7 * DAY_MS // 1000]

    asyncio.run(scene())


def test_nothing_is_published_while_a_rebuild_catches_up() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.marks.stand()
        stage.marks.held[KEYS.rebuilding()] = HOLD
        await stage.host.assign({FRAMES})
        assert await stage.republished() == 0
        assert not stage.stands()
        stage.marks.held[KEYS.rebuilding()] = PUBLISH
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


@pytest.mark.parametrize("stood", [True, False])
def test_what_was_folded_in_silence_is_published_also_if_the_rebuild_was_given_up(*, stood: bool) -> None:
    """The mark that stood, or that its beginning has left, is of before."""

    async def scene() -> None:
        stage = await holding()
        stage.step.is_republished = stood
        assert await stage.republished() == 1
        assert stage.stands() == stood
        stage.marks.held[KEYS.rebuilding()] = HOLD
        assert await stage.republished() == 0
        stage.step.is_republished = True
        stage.marks.held[KEYS.rebuilding()] = PUBLISH
        assert await stage.republished() == 1
        assert stage.stands()

    asyncio.run(scene())


def test_a_partition_that_is_held_in_silence_has_no_mark() -> None:
    """Of its worker, which may end before it looks again."""

    async def scene() -> None:
        stage = Stage()
        stage.marks.mark(KEYS.published(*FRAMES), standing_in(stage.marks.now), 1)
        stage.marks.held[KEYS.rebuilding()] = HOLD
        await stage.host.assign({FRAMES})
        assert not stage.stands()

    asyncio.run(scene())
