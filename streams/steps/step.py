"""What the host of a worker knows of a step's shell: one per partition that is held."""

from abc import ABC, abstractmethod
from typing import ClassVar

from shared.core.tables.segments import Segments


class Step(ABC):
    """The shell around a core step: decodes, applies, hands the effects on. Called from one thread at a time."""

    topic: ClassVar[str]
    contiguous: ClassVar[bool] = True
    """Whether the topic keeps every record, so that a missing offset is a loss."""
    stateless: ClassVar[bool] = False
    """Whether all that a record does is done when it is applied: a new owner goes on from what was acknowledged."""
    keyed: ClassVar[bool] = False
    """Whether the step wants to know keys: of a compacted topic in which null removes."""
    after: ClassVar[tuple[str, ...]] = ()
    """Topics whose views must stand before this step's are made anew: they are made from them."""

    kinds: ClassVar[frozenset[str]] = frozenset()
    """Views that only these steps write and that have no end of their own: of what none holds, none may stand."""
    told_by: ClassVar[tuple[str, ...]] = ()
    """Topics whose views must stand before the step knows all that it holds: it is told by those who publish them."""

    partition: int

    @property
    @abstractmethod
    def offset(self) -> int:
        """The last record that the state includes, -1 for none."""

    @abstractmethod
    def apply(self, offset: int, value: bytes, *, replayed: bool) -> None:
        """Apply the record at ``offset``. ``replayed``: its effects are known to be out already."""

    def apply_keyed(self, offset: int, key: bytes, value: bytes, *, arrived: int, replayed: bool) -> None:  # noqa: ARG002
        """The same for a step that is ``keyed``. A null value is empty; ``arrived`` is the broker's time (epoch ms)."""
        self.apply(offset, value, replayed=replayed)

    @abstractmethod
    def skip(self, offset: int) -> None:
        """The state includes the record at ``offset`` as if it said nothing: a person decided so."""

    def hold(self) -> None:  # noqa: B027 - most steps are needed by nobody else
        """The worker owns the partition from now on, and the state is whole."""

    def let_go(self) -> None:  # noqa: B027
        """It does so no more."""

    @abstractmethod
    def publish(self) -> None:
        """Called after one or several records: write what should be seen at once."""

    @abstractmethod
    def tick(self, now: int) -> None:
        """Publish some of what changed and was not published yet."""

    @abstractmethod
    def republish(self) -> None:
        """The views were lost: mark everything to be published again."""

    @property
    def republished(self) -> bool:
        """Whether all that the last :meth:`republish` marked is published; where events flow, more may always wait."""
        return self.settled

    def strays(self, kind: str, names: list[str]) -> list[str]:  # noqa: ARG002
        """Of which of these, all named by one of its ``kinds``, no view may stand, nor is another partition's."""
        return []

    def left(self, kind: str, names: list[str]) -> None:  # noqa: B027 - most are only removed
        """Views of its strays are removed."""

    def swept(self) -> None:  # noqa: B027
        """All that are not its own are."""

    @property
    @abstractmethod
    def settled(self) -> bool:
        """Whether nothing waits to be published."""


class KeptStep(Step):
    """A step whose state is kept in the state log."""

    @abstractmethod
    def take(self) -> Segments:
        """The state as of :attr:`offset`."""

    @abstractmethod
    def restore(self, segments: Segments) -> None:
        """Go on from a state that was taken."""


def as_bytes(key: str | bytes | None) -> bytes:
    """A record's key, empty for none."""
    return key.encode() if isinstance(key, str) else key or b""
