import json
from collections.abc import Callable
from contextlib import suppress

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.errors import BadRecord
from shared.contracts.rank_views import (
    HEAD_LENGTH,
    RankerView,
    RowNumbers,
    RowView,
    StatView,
    decode_ranker,
    decode_row,
    decode_row_numbers,
    decode_stat,
    encode_rank_view,
    version_of,
)
from shared.contracts.views import AT_LENGTH, AT_START, VIEW_VERSION, View, at, encode_view

PLACE = at(1, 5)
ROW = RowView(
    "i",
    7,
    ["a", "b"],
    np.array([[1, 0.5, 0], [2, 0, 0.25]], dtype="<f4").tobytes(),
    ["c"],
    np.array([0.5], dtype="<f4").tobytes(),
    np.arange(3, dtype="<u8").tobytes(),
)
STAT = StatView("i", 7, np.array([1.5, 0.25], dtype="<f4").tobytes(), 3, 5, 2**64 - 1, 2**63, float("nan"))
RANKER = RankerView(12, 2, np.arange(6, dtype="<f8").tobytes())
AnyView = RowView | StatView | RankerView
Decode = Callable[[bytes], AnyView | RowNumbers | None]
WHOLE: dict[str, tuple[AnyView, Decode]] = {
    "row": (ROW, decode_row),
    "row's numbers": (ROW, decode_row_numbers),
    "stat": (STAT, decode_stat),
    "ranker": (RANKER, decode_ranker),
}


def test_views_come_back() -> None:
    row, numbers, stat, ranker = (decode(encode_rank_view(PLACE, view)) for view, decode in WHOLE.values())
    assert row == ROW
    assert isinstance(numbers, RowNumbers)
    assert (numbers, numbers.ids()) == (ROW.numbers(), ["a", "b", "c"])
    assert ranker == RANKER
    assert msgspec.msgpack.encode(stat) == msgspec.msgpack.encode(STAT)  # NaN is unlike itself


def test_numbers_of_a_row() -> None:
    assert ROW.neighbour_scores().tolist() == [[1, 0.5, 0], [2, 0, 0.25]]
    assert ROW.likeness().tolist() == [0.5]
    empty = RowView("i", 7, [], b"", [], b"", b"")
    assert (empty.neighbour_scores().shape, empty.likeness().shape) == ((0, 3), (0,))
    assert not ROW.neighbour_scores().flags.writeable


def test_numbers_of_an_item_and_of_the_ranker() -> None:
    assert STAT.decayed().tolist() == [1.5, 0.25]
    assert RANKER.matrix().tolist() == [[0, 1, 2], [3, 4, 5]]


@given(st.integers(1, 999_999), st.integers(0, 10**16 - 1), st.sampled_from([ROW, STAT, RANKER]))
def test_at_stands_where_every_view_has_it(generation: int, offset: int, view: AnyView) -> None:
    place = at(generation, offset)
    raw = encode_rank_view(place, view)
    assert raw[AT_START : AT_START + AT_LENGTH].decode() == version_of(raw) == place
    like_all = encode_view(View(VIEW_VERSION, place, 7, "s", "m", [], []))
    assert raw[: AT_START + AT_LENGTH + 1] == like_all[: AT_START + AT_LENGTH + 1]
    assert json.loads(raw[:HEAD_LENGTH]) == {"v": VIEW_VERSION, "at": place}


@pytest.mark.parametrize("name", WHOLE)
def test_a_torn_view(name: str) -> None:
    view, decode = WHOLE[name]
    raw = encode_rank_view(PLACE, view)
    for cut in range(len(raw)):
        with pytest.raises(BadRecord):
            decode(raw[:cut])


@pytest.mark.parametrize("name", WHOLE)
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_a_view_or_a_bad_record(name: str, raw: bytes) -> None:
    _, decode = WHOLE[name]
    for whole in (raw, bytes(HEAD_LENGTH) + raw):
        with suppress(BadRecord):
            decode(whole)


NESTED = b"\x91" * 100_000


@pytest.mark.parametrize("name", WHOLE)
def test_bytes_that_nest_deeply(name: str) -> None:
    view, decode = WHOLE[name]
    body = msgspec.msgpack.encode(view)
    longer = bytes([body[0] + 1]) + body[1:]  # an array with one more element, which is skipped
    with pytest.raises(BadRecord):
        decode(bytes(HEAD_LENGTH) + longer + NESTED)


@pytest.mark.parametrize(
    ("view", "decode"),
    [
        (msgspec.structs.replace(ROW, scores=ROW.scores[:-4]), decode_row),
        (msgspec.structs.replace(ROW, items=["a"]), decode_row),
        (msgspec.structs.replace(ROW, alike_scores=b""), decode_row),
        (msgspec.structs.replace(ROW, keys=ROW.keys[:-8]), decode_row),
        (msgspec.structs.replace(ROW, scores=ROW.scores[:-4]), decode_row_numbers),
        (msgspec.structs.replace(ROW, alike_scores=b"123"), decode_row_numbers),
        (msgspec.structs.replace(ROW, alike_scores=b""), decode_row_numbers),
        (msgspec.structs.replace(ROW, keys=ROW.keys + b"1"), decode_row_numbers),
        (msgspec.structs.replace(STAT, counts=b"123"), decode_stat),
        (msgspec.structs.replace(RANKER, rows=0), decode_ranker),
        (msgspec.structs.replace(RANKER, rows=4), decode_ranker),
        (msgspec.structs.replace(RANKER, weights=b"123"), decode_ranker),
    ],
)
def test_numbers_that_do_not_fit_are_refused(view: AnyView, decode: Decode) -> None:
    with pytest.raises(BadRecord):
        decode(encode_rank_view(PLACE, view))


@pytest.mark.parametrize("name", WHOLE)
@given(data=st.data())
def test_flipped_bytes_are_a_view_or_a_bad_record(name: str, data: st.DataObject) -> None:
    view, decode = WHOLE[name]
    damaged = bytearray(encode_rank_view(PLACE, view))
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=5)):
        damaged[place] = data.draw(st.integers(0, 255))
    with suppress(BadRecord):
        decode(bytes(damaged))


def ids_in(raw: bytes) -> list[str] | None:
    view = decode_row_numbers(raw)
    return view.ids() if view else None


def test_a_row_of_an_earlier_version_is_none() -> None:
    raw = msgspec.msgpack.encode(msgspec.structs.astuple(ROW)[:-1])
    assert decode_row_numbers(bytes(HEAD_LENGTH) + raw) is None


@pytest.mark.parametrize("items", [["a"], [], ["a", "b", "c"], "ab", [1, 2], {"a": 1}])
def test_ids_that_are_none_or_too_few_are_refused_when_they_are_read(items: object) -> None:
    raw = msgspec.msgpack.encode([*msgspec.structs.astuple(ROW)[:2], items, *msgspec.structs.astuple(ROW)[3:]])
    with pytest.raises(BadRecord):
        ids_in(bytes(HEAD_LENGTH) + raw)
