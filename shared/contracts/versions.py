"""Why a record of Headrace's own log cannot be read: first of all since another version of Headrace wrote it."""

import msgspec

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.reasons import UNKNOWN_VERSION, WRONG_TYPE


class _Versioned(msgspec.Struct):
    v: int


_DECODER = msgspec.msgpack.Decoder(_Versioned)


def unread(raw: bytes, what: str, known: int, why: str) -> BadRecord:
    """The verdict on what could not be decoded as ``what``; ``why``: in case that its version is the known one."""
    try:
        said = _DECODER.decode(raw).v
    except DECODE_ERRORS:
        said = known
    return BadRecord(WRONG_TYPE, why) if said == known else of_another_version(what, said, known)


def of_another_version(what: str, said: int, known: int) -> BadRecord:
    """The verdict on what may look as it should, and means something else."""
    return BadRecord(UNKNOWN_VERSION, f"{what} version {said}, known is {known}")
