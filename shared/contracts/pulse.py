"""``pulse:{n}``: how the write path is, said by each worker every second; gone from Redis when its worker is.

``n`` is the least of the worker's partitions of `frames`, so there are never more pulses than partitions.
"""

import msgspec

from shared.contracts.decoding import DECODE_ERRORS

PULSE_VERSION = 1
PULSE_TTL_S = 10


class Pulse(msgspec.Struct, frozen=True):
    """``applied``: events since the worker's start. ``behind``: records of its partitions that wait in Kafka.
    ``freshness``: how many events of the last minute were in their user's list within so many seconds (cumulative).
    """

    v: int
    applied: int
    behind: int
    freshness: dict[str, int]


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Pulse)


def encode_pulse(pulse: Pulse) -> bytes:
    return _ENCODER.encode(pulse)


def decode_pulse(raw: bytes) -> Pulse | None:
    """None for what this version cannot read: a pulse is only looked at."""
    try:
        pulse = _DECODER.decode(raw)
    except DECODE_ERRORS:
        return None
    return pulse if pulse.v == PULSE_VERSION else None
