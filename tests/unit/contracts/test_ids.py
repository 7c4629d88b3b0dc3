"""Ids that a record carries: read one by one, refused where they do not fit."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.ids import NO_IDS, Ids, check_ids
from shared.core.texts.carried_ids import ids_of

ODD = Ids("aé".encode(), b"\x02\x00\x01\x00", bytes(16))


@given(st.lists(st.text(max_size=9)))
def test_they_come_back_as_they_went(names: list[str]) -> None:
    ids = msgspec.msgpack.decode(msgspec.msgpack.encode(ids_of(names)), type=Ids)
    check_ids(ids, "ids")
    assert (len(ids), list(ids), [ids[n] for n in range(len(ids))]) == (len(names), names, names)
    assert ids == ids_of(names)


def test_none_are_none() -> None:
    check_ids(NO_IDS, "ids")
    assert (len(NO_IDS), list(NO_IDS), NO_IDS.keys.tolist()) == (0, [], [])


@pytest.mark.parametrize(
    ("ids", "what"),
    [
        (Ids(b"ab", b"\x02\x00", bytes(7)), "7 bytes of digests"),
        (Ids(b"ab", b"\x02\x00", bytes(16)), "2 of sizes"),
        (Ids(b"ab", b"\x02", bytes(8)), "1 of sizes"),
        (Ids(b"ab", b"\x03\x00", bytes(8)), "sizes of 3 bytes, 2 of text"),
        (Ids(b"abc", b"\x02\x00", bytes(8)), "sizes of 2 bytes, 3 of text"),
        (ODD, "not UTF-8"),
    ],
)
def test_what_does_not_fit_is_named(ids: Ids, what: str) -> None:
    with pytest.raises(BadRecord, match=what) as caught:
        check_ids(ids, "users of a frame")
    assert (caught.value.reason, "users of a frame" in caught.value.detail) == (reasons.WRONG_TYPE, True)
