"""A person's decision to leave out one record of our own logs: a record itself, in the compacted topic `skips`."""

import msgspec

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import NeedsAPerson

SKIP_VERSION = 1
MOST_CRASHES = 3
"""So many workers end at one record before a person is asked."""


class Skip(msgspec.Struct, frozen=True):
    """``topic`` as it is called on the broker, so a skip in a generation's own log is that generation's; ``at_ms``:
    when it was decided, epoch ms.
    """

    v: int
    topic: str
    partition: int
    offset: int
    why: str
    at_ms: int


def skip_key(topic: str, partition: int, offset: int) -> bytes:
    """The record's key; ``offset`` and what precedes it are told apart by their place."""
    return f"{topic}/{partition}/{offset}".encode()


def encode_skip(skip: Skip) -> bytes:
    return msgspec.json.encode(skip)


def decode_skip(raw: bytes) -> Skip:
    """:class:`NeedsAPerson` for what this version cannot read: to apply what others skip would part their states."""
    try:
        skip = msgspec.json.decode(raw, type=Skip)
    except DECODE_ERRORS as error:
        raise NeedsAPerson(f"a record of `skips` cannot be read: {error}") from error
    if skip.v != SKIP_VERSION:
        raise NeedsAPerson(f"a record of `skips` has version {skip.v}, this program knows {SKIP_VERSION}")
    return skip


def encode_crashes(offset: int, times: int) -> str:
    """What stands beside the views of a partition whose workers ended: at which record, how often in a row."""
    return f"{offset}:{times}"


def decode_crashes(raw: bytes | None) -> tuple[int, int]:
    """(offset, times), (-1, 0) for nothing."""
    offset, _, times = (raw or b"-1:0").decode().partition(":")
    return int(offset), int(times)
