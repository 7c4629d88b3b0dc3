"""Checkpoints with a log and a state log that the test holds."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar, cast

from shared.adapters.state_log import Saved
from shared.contracts.errors import Fenced
from shared.contracts.settings import Settings, load_settings
from shared.contracts.state import MANIFEST, STATE_VERSION, Manifest, decisive, digest, encode_manifest, fingerprint
from streams.hosting.checkpoints import Checkpoints, Partition
from streams.steps.step import KeptStep

P = ParamSpec("P")
T = TypeVar("T")
FRAMES: Partition = ("frames", 0)
OTHER: Partition = ("frames", 1)
SEGMENTS = {"meta": b"one", "users/0": b"two"}


class Counter(KeptStep):
    """A step whose state is what it was told."""

    topic = "frames"

    def __init__(self, partition: int = 0) -> None:
        self.partition = partition
        self.at = -1
        self.restored: dict[str, bytes] | None = None

    @property
    def offset(self) -> int:
        return self.at

    def take(self) -> dict[str, bytes]:
        return {"meta": b"%d" % self.at}

    def restore(self, segments: dict[str, bytes]) -> None:
        self.restored = segments
        self.at = 7

    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None: ...

    def skip(self, offset: int) -> None: ...

    def publish(self) -> None: ...

    def tick(self, now: int) -> None: ...

    def republish(self) -> None: ...

    @property
    def settled(self) -> bool:
        return True


class Saves:
    """A state log that writes down what is saved."""

    written = 1

    def __init__(self, diary: list[str], partition: int) -> None:
        self._diary, self._partition = diary, partition
        self.went_on: Saved | None = None
        self.fenced = False

    def went_on_from(self, saved: Saved) -> None:
        self.went_on = saved

    def save(self, offset: int, segments: dict[str, bytes]) -> int:
        if self.fenced:
            raise Fenced("another owner")
        self._diary.append(f"save {self._partition}:{offset} {segments}")
        return self.written


class Beside(Executor):
    """Does what it is given at once, or when the test says so."""

    def __init__(self) -> None:
        self.at_once = True
        self._waiting: list[Callable[[], None]] = []

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future = Future[T]()

        def work() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except Fenced as fenced:
                future.set_exception(fenced)

        self._waiting.append(work)
        if self.at_once:
            self.go_on()
        return future

    def go_on(self) -> None:
        for work in self._waiting:
            work()
        self._waiting.clear()


class Bench:
    """Checkpoints with all around them."""

    def __init__(self, stored: dict[bytes, bytes] | None = None, **sections: Any) -> None:
        self.settings = load_settings(**sections)
        self.diary: list[str] = []
        self.now = 0
        self.stored = stored or {}
        self.states: list[Saves] = []
        self.beside = Beside()
        self.checkpoints = Checkpoints(cast("Any", self), cast("Any", self), cast("Any", self._take), self.beside)

    def _take(self, _settings: Settings, topic: str, partition: int) -> Saves:
        self.diary.append(f"fence {topic}/{partition}")
        self.states.append(Saves(self.diary, partition))
        return self.states[-1]

    def restore(self, partition: Partition, step: "Counter") -> None:
        """Once the right to save it was taken over."""
        self.checkpoints.restore(partition, step, self.checkpoints.take_over(step))

    @property
    def delivery(self) -> "Bench":
        return self

    @property
    def writing(self) -> "Bench":
        return self

    def flush(self) -> None:
        self.diary.append("flush")

    def settle(self) -> None:
        self.diary.append("settle")

    def clock(self) -> int:
        return self.now

    def latest(self, topic: str, _partition: int, prefix: bytes, *, settled: bool) -> dict[bytes, bytes]:
        assert settled, "the last state may stand behind another generation's open transaction"
        self.diary.append(f"read {topic}")
        return {key: value for key, value in self.stored.items() if key.startswith(prefix)}


def stored(settings: Settings, segments: dict[str, bytes] = SEGMENTS, generation: int = 1) -> dict[bytes, bytes]:
    """What a checkpoint at offset 7 leaves in the state topic."""
    digests = {name: digest(segment) for name, segment in segments.items()}
    manifest = encode_manifest(Manifest(STATE_VERSION, fingerprint(settings), 7, digests, decisive(settings)))
    return {f"{generation:06d}/{name}".encode(): value for name, value in {**segments, MANIFEST: manifest}.items()}
