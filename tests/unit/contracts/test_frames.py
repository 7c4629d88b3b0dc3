from contextlib import suppress

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.frames import COLUMNS, FRAME_VERSION, INDEXES, NONE, Frame, decode_frame, encode_frame, rows
from shared.core.texts.carried_ids import ids_of


def frame(columns: dict[str, list[int]] | None = None, n: int = 2) -> Frame:
    filled: dict[str, list[float]] = {name: [0, 0] for name in COLUMNS}
    filled |= {name: [NONE, NONE] for name in ("session", "context", "rec", "record")}
    filled |= {"user": [0, NONE], "item": [NONE, 0], "value": [1.5, float("nan")]}
    filled |= {name: list(column) for name, column in (columns or {}).items()}
    return Frame(
        v=FRAME_VERSION,
        n=n,
        sources=["view"],
        kinds=["view"],
        users=ids_of(["u"]),
        items=ids_of(["i"]),
        sessions=[],
        contexts=[],
        recs=[],
        records=[],
        columns={name: np.array(filled[name][:n], dtype=dtype).tobytes() for name, dtype in COLUMNS.items()},
    )


RAW = encode_frame(frame())


def refused(raw: bytes) -> BadRecord:
    with pytest.raises(BadRecord) as caught:
        decode_frame(raw)
    return caught.value


def test_a_frame_comes_back() -> None:
    back = decode_frame(RAW)
    assert back == frame()
    assert back.column("value").dtype == np.dtype("<f8")
    assert not back.column("user").flags.writeable


def test_rows_read_as_plain_python() -> None:
    first, second = rows(decode_frame(RAW))
    assert (first["user"], first["item"], first["kind"], first["value"]) == ("u", None, "view", 1.5)
    assert (second["user"], second["item"], second["context"]) == (None, "i", None)


def test_an_empty_frame() -> None:
    assert list(rows(decode_frame(encode_frame(frame(n=0))))) == []


def test_an_unknown_version() -> None:
    newer = msgspec.structs.replace(frame(), v=FRAME_VERSION + 1)
    assert refused(encode_frame(newer)).reason == reasons.UNKNOWN_VERSION


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_that_is_cut_or_absent(name: str) -> None:
    whole = frame().columns
    for columns in (whole | {name: whole[name][:-1]}, {k: v for k, v in whole.items() if k != name}):
        damaged = msgspec.structs.replace(frame(), columns=columns)
        assert name in refused(encode_frame(damaged)).detail


@pytest.mark.parametrize("name", INDEXES)
@pytest.mark.parametrize("index", [-2, 1, 30_000])
def test_an_index_outside_its_list(name: str, index: int) -> None:
    assert name in refused(encode_frame(frame({name: [index, 0]}))).detail


@pytest.mark.parametrize("table", ["users", "items"])
def test_ids_that_do_not_fit(table: str) -> None:
    ids = msgspec.structs.replace(ids_of(["u"]), sizes=b"\x02\x00")
    assert f"{table} of a frame" in refused(encode_frame(msgspec.structs.replace(frame(), **{table: ids}))).detail


@pytest.mark.parametrize("name", ["source", "kind"])
def test_every_row_has_a_source_and_a_kind(name: str) -> None:
    assert name in refused(encode_frame(frame({name: [0, NONE]}))).detail


def test_a_torn_frame() -> None:
    assert {refused(RAW[:cut]).reason for cut in range(len(RAW))} == {reasons.WRONG_TYPE}


def test_a_negative_count() -> None:
    assert refused(encode_frame(msgspec.structs.replace(frame(), n=-1))).reason == reasons.WRONG_TYPE


@given(st.lists(st.tuples(st.integers(0, len(RAW) - 1), st.integers(0, 255)), max_size=5))
def test_flipped_bytes_are_a_readable_frame_or_a_bad_record(flips: list[tuple[int, int]]) -> None:
    damaged = bytearray(RAW)
    for place, byte in flips:
        damaged[place] = byte
    with suppress(BadRecord):
        list(rows(decode_frame(bytes(damaged))))


@given(st.binary(max_size=100) | st.just(b"\x81\xa1x" + b"\x91" * 100_000))
def test_any_bytes(raw: bytes) -> None:
    with suppress(BadRecord):
        decode_frame(raw)
