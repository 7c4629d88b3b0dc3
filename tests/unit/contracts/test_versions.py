"""A record of another version is told to be one, also where its form has changed so that it cannot be decoded."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from shared.contracts.deltas import decode_delta, decode_tops
from shared.contracts.errors import BadRecord
from shared.contracts.examples import decode_examples
from shared.contracts.frames import decode_frame
from shared.contracts.reasons import UNKNOWN_VERSION, WRONG_TYPE

DECODERS = [decode_frame, decode_delta, decode_tops, decode_examples]


@pytest.mark.parametrize("decode", DECODERS)
def test_a_form_of_another_version(decode: Callable[[bytes], Any]) -> None:
    with pytest.raises(BadRecord, match="version 999, known is") as refused:
        decode(msgspec.msgpack.encode({"v": 999, "n": 1, "users": ["ann"]}))
    assert refused.value.reason == UNKNOWN_VERSION


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize("raw", [b"", b"\xc1", msgspec.msgpack.encode({"v": "1"}), msgspec.msgpack.encode([1])])
def test_what_is_of_no_version(decode: Callable[[bytes], Any], raw: bytes) -> None:
    with pytest.raises(BadRecord, match="not a") as refused:
        decode(raw)
    assert refused.value.reason == WRONG_TYPE
