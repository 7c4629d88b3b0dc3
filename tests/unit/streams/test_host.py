"""The host's turns, with steps, a log and a broker that the test holds in its hands."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any, ClassVar, cast

import pytest

from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import Fenced, NeedsAPerson
from shared.contracts.settings import load_settings
from shared.contracts.views import Keys
from streams.checkpoints import Partition
from streams.delivery import Round
from streams.host import Host
from streams.inbox import MOST, MOST_BYTES, Arrival
from streams.ports import Ports
from streams.rebuilding import Rebuilding
from streams.step import Step

FRAMES: Partition = ("frames", 0)
OTHER: Partition = ("frames", 1)


class Notes(Step):
    """A step that writes down what is done to it."""

    topic = "frames"

    def __init__(self, partition: int, diary: list[str]) -> None:
        self.partition = partition
        self._diary = diary
        self._offset = -1

    @property
    def offset(self) -> int:
        return self._offset

    def restore(self, offset: int) -> None:
        self._offset = offset

    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None:
        self._offset = offset
        self._diary.append(f"{'replay' if replayed else 'apply'} {self.partition}:{offset} {value.decode()}")

    def skip(self, offset: int) -> None:
        self._offset = offset
        self._diary.append(f"skip {self.partition}:{offset}")

    def hold(self) -> None:
        self._diary.append(f"hold {self.partition}")

    def let_go(self) -> None:
        self._diary.append(f"let go {self.partition}")

    def publish(self) -> None:
        self._diary.append(f"publish {self.partition}")

    def tick(self, now: int) -> None: ...

    def republish(self) -> None:
        self._diary.append(f"republish {self.partition}")

    @property
    def settled(self) -> bool:
        return True


class Passing(Notes):
    """A step of a compacted topic that keeps no state."""

    contiguous: ClassVar[bool] = False
    stateless: ClassVar[bool] = True
    keyed: ClassVar[bool] = True

    def apply_keyed(self, offset: int, key: bytes, value: bytes, *, replayed: bool) -> None:
        self.apply(offset, key + b"=" + value, replayed=replayed)


class Log:
    """What the partitions hold, and what their group has committed."""

    def __init__(self, values: list[bytes], committed: int) -> None:
        self.values, self._committed = values, committed

    def bounds(self, _topic: str, _partition: int) -> tuple[int, int]:
        return 0, len(self.values)

    def committed(self, _topic: str, _partition: int) -> int:
        return self._committed

    def read(
        self, _topic: str, _partition: int, start: int, end: int, *, contiguous: bool
    ) -> Iterator[tuple[int, bytes]]:
        if contiguous and end > len(self.values):
            raise NeedsAPerson("missing")
        yield from ((offset, self.values[offset]) for offset in range(start, end))


class Kept:
    """The checkpoints: what is saved already, and what is done with it."""

    def __init__(self, diary: list[str], saved: int) -> None:
        self._diary, self._offset = diary, saved
        self.fenced = False
        self.begun, self.open = threading.Event(), threading.Event()
        self.open.set()

    def restore(self, partition: Partition, step: Notes) -> None:
        """Takes until it is ``open``."""
        self._diary.append(f"restore {partition[1]}")
        self.begun.set()
        assert self.open.wait(10)
        if self.fenced:
            raise Fenced("another owner")
        step.restore(self._offset)

    def save(self, partition: Partition, step: Notes) -> None:
        if self.fenced:
            raise Fenced("another owner")
        self._diary.append(f"save {partition[1]}:{step.offset}")

    def save_one_due(self, _now: int, held: dict[Partition, Notes]) -> None:
        self._diary.append(f"due {sorted(number for _, number in held)}")

    def close(self, partition: Partition) -> None:
        self._diary.append(f"close {partition[1]}")


class Broker:
    """A delivery whose rounds land when the test says so."""

    def __init__(self) -> None:
        self.under_way: list[Round] = []
        self.landing = True

    def close_round(self) -> Round:
        closed = Round()
        closed.pending = 0 if self.landing else 1
        self.under_way.append(closed)
        return closed

    def land(self) -> None:
        for one in self.under_way:
            one.pending = 0

    def poll(self) -> None: ...

    def send_packs(self) -> None: ...

    def flush(self) -> None:
        self.land()


class Views:
    """A store of views that never restarts and knows no markers."""

    def run_id(self) -> str:
        return "run-1"

    def read(self, keys: list[str]) -> list[bytes | None]:
        return [None] * len(keys)

    def mark(self, _key: str, _value: str) -> None: ...


class Stage:
    """A host with all around it."""

    def __init__(
        self,
        logged: list[bytes] | None = None,
        committed: int = 0,
        saved: int = -1,
        skipped: frozenset[int] = frozenset(),
    ) -> None:
        self.diary: list[str] = []
        self.acknowledged: list[int] = []
        self.broker = Broker()
        settings = load_settings()
        ports = Ports(
            settings,
            cast("Any", self.broker),
            cast("Any", Views()),
            Keys(settings),
            cast("Any", None),
        )
        self.log = Log(logged or [], committed)
        self.kept = Kept(self.diary, saved)
        steps: dict[str, Any] = dict.fromkeys(("frames", "examples"), lambda n, _: Notes(n, self.diary))
        steps["batch-list"] = lambda n, _: Passing(n, self.diary)
        log, kept = cast("PartitionLog", self.log), cast("Any", self.kept)
        self.host = Host(ports, Rebuilding(ports, steps, log, kept, lambda *_: skipped), log, kept)

    async def offer(self, offset: int, value: bytes = b"x", partition: Partition = FRAMES, key: bytes = b"") -> None:
        await self.host.offer(Arrival(partition, offset, value, lambda: self.acknowledged.append(offset), key))


def test_what_waits_is_applied_in_order_and_published_once() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        stage.diary.clear()
        for offset in range(3):
            await stage.offer(offset)
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if "republish" not in line and "due" not in line] == [
        "apply 0:0 x",
        "apply 0:1 x",
        "apply 0:2 x",
        "publish 0",
    ]
    assert stage.acknowledged == [0, 1, 2]


def test_what_users_wait_for_is_rebuilt_first() -> None:
    """In the order of the steps, not of the topics' names."""
    stage = Stage()
    asyncio.run(stage.host.assign({("examples", 7), ("frames", 1), ("frames", 0)}))
    assert [line for line in stage.diary if line.startswith("restore")] == ["restore 0", "restore 1", "restore 7"]


def test_nothing_is_acknowledged_before_its_round_has_landed() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        stage.broker.landing = False
        await stage.offer(0)
        await stage.host.turn()
        await stage.offer(1)
        await stage.host.turn()
        assert stage.acknowledged == []
        stage.broker.under_way[1].pending = 0  # the later one alone is not enough
        await stage.host.turn()
        assert stage.acknowledged == []
        stage.broker.land()
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert stage.acknowledged == [0, 1]


def test_a_new_owner_folds_the_log_and_repeats_no_effect_that_was_committed() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        await stage.offer(2, b"c")  # not committed by the owner before, so it comes again
        await stage.host.turn()

    stage = Stage([b"a", b"b", b"c"], committed=2)
    asyncio.run(scene(stage))
    applied = [line for line in stage.diary if line.startswith(("apply", "replay"))]
    assert applied == ["replay 0:0 a", "replay 0:1 b", "apply 0:2 c"]
    assert stage.acknowledged == [2]


def test_what_a_person_left_out_is_passed_over_in_the_log_and_on_arrival() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        await stage.offer(3, b"d")
        await stage.offer(4, b"e")
        await stage.host.turn()

    stage = Stage([b"a", b"b", b"c"], committed=1, skipped=frozenset({1, 3}))
    asyncio.run(scene(stage))
    passed = [line for line in stage.diary if line.startswith(("apply", "replay", "skip"))]
    assert passed == ["replay 0:0 a", "skip 0:1", "apply 0:2 c", "skip 0:3", "apply 0:4 e"]
    assert stage.acknowledged == [3, 4]


def test_a_gap_is_read_from_the_log() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        stage.log.values += [b"a", b"b", b"c"]
        await stage.offer(2, b"c")
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if "apply" in line] == ["apply 0:0 a", "apply 0:1 b", "apply 0:2 c"]


def test_a_gap_that_the_log_cannot_fill_is_for_a_person() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        await stage.offer(2, b"c")
        await stage.host.turn()

    with pytest.raises(NeedsAPerson):
        asyncio.run(scene(Stage()))


def test_what_arrives_of_a_revoked_partition_is_left_to_its_next_owner() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES, OTHER})
        await stage.offer(0)
        await stage.offer(0, b"y", OTHER)
        await stage.host.hand_over({FRAMES})
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if "apply" in line] == ["apply 1:0 y"]
    assert stage.acknowledged == [0]


def test_a_new_owner_goes_on_from_what_was_saved() -> None:
    stage = Stage([b"a", b"b", b"c", b"d"], committed=3, saved=1)
    asyncio.run(stage.host.assign({FRAMES}))
    assert [line for line in stage.diary if "apply" in line or "replay" in line] == ["replay 0:2 c", "apply 0:3 d"]


def test_a_saved_state_that_is_ahead_of_its_log_is_for_a_person() -> None:
    stage = Stage([b"a"], saved=1)
    with pytest.raises(NeedsAPerson, match="includes record 1, the log ends before 1"):
        asyncio.run(stage.host.assign({FRAMES}))


def test_a_partition_is_handed_over_saved_and_not_saved_again() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES, OTHER})
        await stage.offer(0)
        await stage.host.turn()
        await stage.host.hand_over({FRAMES})
        for _ in range(3):
            await stage.host.turn()
        await stage.host.assign({OTHER})

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if line.startswith(("save", "close"))] == ["save 0:0", "close 0"]
    assert [line for line in dict.fromkeys(stage.diary) if line.startswith("due")] == ["due [0, 1]", "due [1]"]


def test_a_state_that_its_next_owner_saves_already_is_let_go() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        stage.kept.fenced = True
        await stage.host.hand_over({FRAMES})
        stage.kept.fenced = False
        await stage.host.leave()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if line.startswith(("save", "close"))] == ["close 0"]


def test_what_is_held_is_said_to_be_until_it_is_another_s() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES, OTHER})
        await stage.host.hand_over({OTHER})
        await stage.host.assign({FRAMES})

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if "hold" in line or "go" in line] == ["hold 0", "hold 1", "let go 1"]


def test_who_leaves_saves_everything() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES, OTHER})
        await stage.host.leave()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if "save" in line] == ["save 0:-1", "save 1:-1"]


def test_a_full_inbox_makes_those_who_bring_more_wait() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        for offset in range(MOST):
            await stage.offer(offset)
        one_more = asyncio.create_task(stage.offer(MOST))
        await asyncio.sleep(0)
        assert not one_more.done()
        await stage.host.turn()
        await one_more
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert stage.acknowledged == list(range(MOST + 1))


def applied(stage: Stage) -> list[str]:
    return [line for line in stage.diary if line.startswith(("apply", "replay", "restore"))]


def test_what_is_held_goes_on_while_another_partition_is_restored() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        stage.kept.open.clear()
        restoring = asyncio.create_task(stage.host.assign({FRAMES, OTHER}))
        await stage.offer(0, b"early", OTHER)
        await stage.offer(0)
        await stage.host.turn()
        assert stage.acknowledged == [0]
        await stage.offer(1, b"second", OTHER)
        stage.kept.open.set()
        await restoring
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in applied(stage) if "apply" in line] == [
        "apply 0:0 x",
        "apply 1:0 early",
        "apply 1:1 second",
    ]
    assert stage.acknowledged == [0, 0, 1]


def test_a_partition_that_stays_keeps_its_state() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES, OTHER})
        await stage.host.hand_over({FRAMES, OTHER})
        await stage.host.assign({FRAMES})

    stage = Stage()
    asyncio.run(scene(stage))
    assert applied(stage) == ["restore 0", "restore 1"]


@pytest.mark.parametrize("fenced", [False, True])
def test_a_state_whose_partition_was_revoked_while_it_was_restored_is_not_held(*, fenced: bool) -> None:
    async def scene(stage: Stage) -> None:
        stage.kept.open.clear()
        first = asyncio.create_task(stage.host.assign({FRAMES}))
        await asyncio.to_thread(stage.kept.begun.wait, 10)
        await stage.host.hand_over({FRAMES})
        again = stage.host.assign({FRAMES})
        stage.kept.fenced = fenced  # by the owner in between
        stage.kept.open.set()
        await first
        stage.kept.fenced = False
        assert stage.host.offsets() == {}
        await again
        assert stage.host.offsets() == {FRAMES: -1}

    stage = Stage()
    asyncio.run(scene(stage))
    assert applied(stage) == ["restore 0", "restore 0"]


def test_who_is_fenced_while_it_restores_what_is_its_own_ends() -> None:
    stage = Stage()
    stage.kept.fenced = True
    with pytest.raises(Fenced):
        asyncio.run(cast("Any", stage.host.assign({FRAMES})))


def test_records_that_wait_for_a_restore_are_bounded_by_their_bytes() -> None:
    async def scene(stage: Stage) -> None:
        stage.kept.open.clear()
        restoring = asyncio.create_task(stage.host.assign({FRAMES}))
        large = b"x" * (MOST_BYTES // 4)
        for offset in range(4):
            await stage.offer(offset, large)
        one_more = asyncio.create_task(stage.offer(4))
        await asyncio.sleep(0)
        assert not one_more.done()
        stage.kept.open.set()
        await restoring
        await stage.host.turn()
        await one_more
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert stage.acknowledged == list(range(5))


def test_a_step_without_state_goes_on_from_what_was_acknowledged_and_hears_keys() -> None:
    lists: Partition = ("batch-list", 0)

    async def scene(stage: Stage) -> None:
        await stage.host.assign({lists})
        assert stage.host.offsets() == {lists: 1}, "the log is not read: what it has not met arrives"
        await stage.offer(1, b"b", lists, b"bob")
        await stage.offer(7, b"c", lists, b"eve")
        await stage.host.turn()

    stage = Stage([b"a", b"b", b"c"], committed=2)
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if line.startswith(("apply", "replay", "skip"))] == [
        "skip 0:1",
        "apply 0:7 eve=c",
    ]
    assert stage.acknowledged == [1, 7]
