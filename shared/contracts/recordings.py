"""A recording: what the workers of a tenant folded, as one file, so that it can be folded again without Kafka.

The file is gzip. Unpacked it is records one after the other: 4 bytes of length (little-endian), then so many bytes of
MessagePack, an array that begins with the record's kind. First a :class:`Header`; then frames, deltas and examples,
each partition's in the order of its log, all frames before the first delta; last an :class:`End`.
"""

import msgspec

from shared.contracts.errors import HeadraceError

RECORDING_VERSION = 1
LENGTH_BYTES = 4
LARGEST = 32_000_000
"""Bytes of a record: above what the topics take."""


class BadRecording(HeadraceError):  # noqa: N818 - like BadRecord, a verdict
    """The file is not a whole recording of a known version; names the file and the record (0 is the header)."""

    def __init__(self, name: str, record: int, why: str) -> None:
        super().__init__(f"{name}, record {record}: {why}")
        self.record = record


class Header(msgspec.Struct, array_like=True, frozen=True, tag="header"):
    """``fingerprint``: of the settings under which the log was folded (:func:`shared.contracts.state.fingerprint`).
    ``ends``: by `frames` partition, the offset after the last that is included. ``examples_lost``: how many records
    of `examples` were no longer kept when it was recorded.
    """

    v: int
    generation: int
    fingerprint: str
    frames_partitions: int
    items_partitions: int
    ends: list[int]
    examples_lost: int


class RecordedFrame(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="frame"):
    """A record of `frames`; ``at``: its timestamp in Kafka, epoch ms; ``value`` as it stands there."""

    partition: int
    offset: int
    at: int
    value: bytes


class RecordedDelta(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="delta"):
    """Where a frame's delta stands in a partition of `item-deltas`. What it says is a function of the frames, so that
    ``value`` is there only if its frame is not: one that a person had left out after the delta was sent.
    """

    partition: int
    offset: int
    frame_partition: int
    frame_offset: int
    value: bytes | None = None


class RecordedExamples(msgspec.Struct, array_like=True, frozen=True, gc=False, tag="examples"):
    """A record of `examples`."""

    offset: int
    value: bytes


class End(msgspec.Struct, array_like=True, frozen=True, tag="end"):
    """``records``: how many stand before this one."""

    records: int


Entry = RecordedFrame | RecordedDelta | RecordedExamples
_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[Entry | End] = msgspec.msgpack.Decoder(Entry | End)
_HEADER = msgspec.msgpack.Decoder(Header)


def encode_entry(entry: Header | Entry | End) -> bytes:
    return _ENCODER.encode(entry)


def decode_entry(raw: bytes) -> Entry | End:
    """Raises one of :data:`~shared.contracts.decoding.DECODE_ERRORS`."""
    return _DECODER.decode(raw)


def decode_header(raw: bytes) -> Header | int:
    """The header, or its version if that is another. Raises what :func:`decode_entry` does."""
    match msgspec.msgpack.decode(raw):
        case ["header", int(version), *_]:
            return _HEADER.decode(raw) if version == RECORDING_VERSION else version
    raise msgspec.ValidationError("not the header of a recording")
