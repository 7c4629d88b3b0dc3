"""Records as a consumer of librdkafka hands them over."""

from dataclasses import dataclass

from confluent_kafka import TIMESTAMP_CREATE_TIME

NOW = 1_800_000_000_000


@dataclass(frozen=True)
class Polled:
    """``stamp``: the kind of its time, and the time (epoch ms)."""

    of: str
    at: int
    sent: bytes | None
    named: bytes | None = None
    stamp: tuple[int, int] = (TIMESTAMP_CREATE_TIME, NOW)
    number: int = 0

    def __len__(self) -> int:
        return len(self.sent or b"")

    def topic(self) -> str:
        return self.of

    def partition(self) -> int:
        return self.number

    def offset(self) -> int:
        return self.at

    def value(self) -> bytes | None:
        return self.sent

    def key(self) -> bytes | None:
        return self.named

    def timestamp(self) -> tuple[int, int]:
        return self.stamp

    def error(self) -> None:
        return None
