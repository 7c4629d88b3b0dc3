from collections.abc import Callable
from contextlib import suppress

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import reasons
from shared.contracts.deltas import (
    DELTA_COLUMNS,
    DELTA_VERSION,
    MEETING_COLUMNS,
    OTHER_COLUMNS,
    TOPS_VERSION,
    Availability,
    ItemDelta,
    ScopeNew,
    ScopeTops,
    Top,
    decode_delta,
    decode_tops,
    encode,
    packed,
    tops_key,
    unpacked,
)
from shared.contracts.errors import BadRecord
from shared.core.texts.carried_ids import ids_of


def delta(**columns: list[int]) -> ItemDelta:
    filled: dict[str, list[int]] = {name: [1, 0] for name in DELTA_COLUMNS}
    filled |= {"count_item": [0, 1], "meeting_size": [2, 0]} | columns
    return ItemDelta(
        v=DELTA_VERSION,
        partition=3,
        offset=7,
        arrived=9,
        items=ids_of(["a", "b"]),
        scopes=["context:device=phone", "context:device=tv"],
        columns={name: np.array(filled[name], dtype=dtype).tobytes() for name, dtype in DELTA_COLUMNS.items()},
        records=[("a", b"{}"), ("b", None)],
        bought=0,
    )


TOPS = ScopeTops(TOPS_VERSION, 1, 2, 3, "all", [Top("6h", ["a"], [1.5])])
NEW = ScopeNew(TOPS_VERSION, 1, 2, "all", ["b", "a"], [1767225600000, 5])
AWAY = Availability(TOPS_VERSION, 1, 2, "a", available=False)
RAW = encode(delta())


def refused(raw: bytes) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        decode_delta(raw)
    return caught.value


def test_a_delta_comes_back() -> None:
    back = decode_delta(RAW)
    assert back == delta()
    assert back.column("meeting_item").tolist() == [1, 0]
    assert decode_delta(encode(delta(other_gap=[-100, 100]))).column("other_gap").tolist() == [-100, 100]


def test_a_delta_without_meetings() -> None:
    empty = delta(**{name: [] for name in MEETING_COLUMNS + OTHER_COLUMNS})
    assert decode_delta(encode(empty)) == empty


def test_tops_records_come_back() -> None:
    assert decode_tops(encode(TOPS)) == TOPS
    assert decode_tops(encode(NEW)) == NEW
    assert decode_tops(encode(AWAY)) == AWAY
    assert (tops_key(TOPS), tops_key(NEW), tops_key(AWAY)) == ("1:scope:all", "1:new:all", "item:a")


@pytest.mark.parametrize("name", DELTA_COLUMNS)
def test_columns_of_another_length_or_absent(name: str) -> None:
    whole = delta().columns
    cut, absent = whole | {name: whole[name][:-1]}, {k: v for k, v in whole.items() if k != name}
    for columns in (cut, absent, whole | {name: whole[name] * 2}):
        assert name in refused(encode(msgspec.structs.replace(delta(), columns=columns))).detail


@pytest.mark.parametrize("name", ["meeting_item", "other_item", "count_item", "scope_item", "scope_name"])
@pytest.mark.parametrize("index", [-1, 2])
def test_an_index_outside_the_items(name: str, index: int) -> None:
    assert name in refused(encode(delta(**{name: [0, index]}))).detail


def test_unknown_versions() -> None:
    assert refused(encode(msgspec.structs.replace(delta(), v=99))).reason == reasons.UNKNOWN_VERSION
    with pytest.raises(BadRecord, match=reasons.UNKNOWN_VERSION):
        decode_tops(encode(msgspec.structs.replace(TOPS, v=99)))


def test_a_torn_delta() -> None:
    assert {refused(RAW[:cut]).reason for cut in range(len(RAW))} == {reasons.WRONG_TYPE}


@pytest.mark.parametrize(("whole", "decode"), [(RAW, decode_delta), (encode(TOPS), decode_tops)], ids=["delta", "tops"])
@given(data=st.data())
def test_flipped_bytes(whole: bytes, decode: Callable[[bytes], object], data: st.DataObject) -> None:
    damaged = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=5)):
        damaged[place] = data.draw(st.integers(0, 255))
    with suppress(BadRecord):
        decode(bytes(damaged))


@pytest.mark.parametrize("bought", [-1, 3])
def test_meetings_of_what_was_bought_are_among_the_meetings(bought: int) -> None:
    assert decode_delta(encode(msgspec.structs.replace(delta(other_gap=[0, -1]), bought=2))).bought == 2
    assert refused(encode(msgspec.structs.replace(delta(), bought=bought))).reason == "wrong-type"


@pytest.mark.parametrize(("gaps", "bought"), [([1, 0], 2), ([0, 1], 1)])
def test_what_was_bought_comes_after_nothing_that_was_bought_with_it(gaps: list[int], bought: int) -> None:
    taken = msgspec.structs.replace(delta(meeting_size=[1, 1], other_gap=[1, 0]), bought=1)
    assert decode_delta(encode(taken)).bought == 1
    refusing = msgspec.structs.replace(delta(meeting_size=[1, 1], other_gap=gaps), bought=bought)
    assert "other_gap" in refused(encode(refusing)).detail


@pytest.mark.parametrize("sizes", [[1, 0], [3, -1], [0, 0], [2, 1], [2**30, 2]])
def test_meetings_part_all_others_among_them(sizes: list[int]) -> None:
    assert "meeting_size does not part 2 others" in refused(encode(delta(meeting_size=sizes))).detail


def test_ids_that_do_not_fit_are_refused() -> None:
    items = msgspec.structs.replace(delta().items, digests=bytes(8))
    assert "items of a delta: 8 bytes" in refused(encode(msgspec.structs.replace(delta(), items=items))).detail


@given(st.lists(st.sampled_from([RAW, encode(delta(other_gap=[-100, 100]))]), max_size=4))
def test_a_record_packs_deltas_in_their_order(deltas: list[bytes]) -> None:
    assert unpacked(packed(deltas)) == deltas


@pytest.mark.parametrize("raw", [b"", RAW, packed([RAW])[:-1], packed([RAW]) + b"\0"])
def test_what_is_no_pack_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRecord, match="not a pack of item deltas"):
        unpacked(raw)
