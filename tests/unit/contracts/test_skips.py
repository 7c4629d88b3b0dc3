"""Decisions to leave a record out, and the counts that ask for one."""

import pytest

from shared.contracts.errors import NeedsAPerson
from shared.contracts.skips import Skip, decode_crashes, decode_skip, encode_crashes, encode_skip, skip_key


def test_a_decision_comes_back() -> None:
    skip = Skip(1, "shop.frames", 3, 1234, "unreadable", 1_700_000_000_000)
    assert decode_skip(encode_skip(skip)) == skip


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff", encode_skip(Skip(2, "frames", 0, 0, "", 0))])
def test_what_cannot_be_read_is_for_a_person(raw: bytes) -> None:
    with pytest.raises(NeedsAPerson, match="skips"):
        decode_skip(raw)


def test_no_two_places_share_a_key() -> None:
    places = [("frames", 1, 11), ("frames", 11, 1), ("frames.2", 1, 1), ("frames", 1, 1)]
    assert len({skip_key(*place) for place in places}) == len(places)


def test_crashes_come_back() -> None:
    assert decode_crashes(encode_crashes(17, 2).encode()) == (17, 2)
    assert decode_crashes(None) == (-1, 0)
