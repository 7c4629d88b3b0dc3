"""A stage for the host's turns: steps, a log and a broker that the test holds in its hands."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, cast

from shared.adapters.clock import passed_ms
from shared.adapters.log_reader import PartitionLog
from shared.contracts.errors import Fenced, NeedsAPerson
from shared.contracts.settings import load_settings
from shared.contracts.views import Keys
from streams.hosting.checkpoints import Partition
from streams.hosting.host import Host
from streams.hosting.inbox import Arrival
from streams.hosting.rebuilding import Rebuilding
from streams.out.delivery import Round
from streams.steps.ports import Ports
from streams.steps.step import Step

FRAMES: Partition = ("frames", 0)
OTHER: Partition = ("frames", 1)


class Notes(Step):
    """A step that writes down what is done to it."""

    topic = "frames"

    def __init__(self, partition: int, diary: list[str]) -> None:
        self.partition = partition
        self._diary = diary
        self._offset = -1
        self.is_republished = self.is_settled = True

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
    def republished(self) -> bool:
        return self.is_republished

    @property
    def settled(self) -> bool:
        return self.is_settled


class Passing(Notes):
    """A step of a compacted topic that keeps no state."""

    contiguous: ClassVar[bool] = False
    stateless: ClassVar[bool] = True
    keyed: ClassVar[bool] = True

    def apply_keyed(self, offset: int, key: bytes, value: bytes, *, arrived: int, replayed: bool) -> None:
        self.apply(offset, key + b"=" + value + b"@%d" % arrived, replayed=replayed)


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
        self.taken = threading.Semaphore(0)

    def take_over(self, step: Notes) -> None:  # noqa: ARG002
        self.taken.release()

    def restore(self, partition: Partition, step: Notes, states: None) -> None:  # noqa: ARG002
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
    """A store of views that never restarts; marks that are changed are of no account."""

    def __init__(self) -> None:
        self._marks: dict[str, bytes] = {}

    def servers(self) -> list[str]:
        return ["run-1"]

    def read(self, keys: list[str]) -> list[bytes | None]:
        return [self._marks.get(key) for key in keys]

    def mark(self, key: str, value: bytes, _ttl_s: int, *, again: bool = False) -> None:
        if not again:
            self._marks[key] = value


class Stage:
    """A host with all around it."""

    def __init__(
        self,
        logged: list[bytes] | None = None,
        committed: int = 0,
        saved: int = -1,
        skipped: frozenset[int] = frozenset(),
        clock: Callable[[], int] = passed_ms,
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
            clock,
        )
        self.log = Log(logged or [], committed)
        self.kept = Kept(self.diary, saved)
        steps: dict[str, Any] = dict.fromkeys(("frames", "examples"), lambda n, _: Notes(n, self.diary))
        steps["batch-list"] = lambda n, _: Passing(n, self.diary)
        log, kept = cast("PartitionLog", self.log), cast("Any", self.kept)
        self.rebuilding = Rebuilding(ports, steps, log, kept, lambda *_: skipped)
        self.host = Host(ports, self.rebuilding, log, kept)

    async def offer(self, offset: int, value: bytes = b"x", partition: Partition = FRAMES, key: bytes = b"") -> None:
        """A keyed record arrived as many ms after 1970 as its offset says."""
        arrival = Arrival(partition, offset, value, lambda: self.acknowledged.append(offset), key, arrived=offset)
        await self.host.offer(arrival)


def applied(stage: Stage) -> list[str]:
    return [line for line in stage.diary if line.startswith(("apply", "replay", "restore"))]
