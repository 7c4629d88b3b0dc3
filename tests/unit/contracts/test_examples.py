from contextlib import suppress

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.examples import EXAMPLES_VERSION, Examples, decode_examples, encode_examples

COLUMNS = ("sizes", "segments", "weights", "candidates")


def made(**changed: object) -> Examples:
    """Two examples, of two items and of one, with three features."""
    whole = Examples(
        v=EXAMPLES_VERSION,
        partition=3,
        offset=7,
        features=3,
        missed=4,
        sizes=np.array([2, 1], dtype="<i4").tobytes(),
        segments=np.array([1, 5], dtype="<i4").tobytes(),
        weights=np.array([1.0, 0.5], dtype="<f4").tobytes(),
        candidates=np.array([200, 1], dtype="<i4").tobytes(),
        rows=np.arange(9, dtype="<f2").tobytes(),
    )
    return msgspec.structs.replace(whole, **changed)


RAW = encode_examples(made())


def refused(examples: Examples | bytes) -> str:
    with pytest.raises(BadRecord) as caught:
        decode_examples(examples if isinstance(examples, bytes) else encode_examples(examples))
    return caught.value.reason


def test_examples_come_back() -> None:
    back = decode_examples(RAW)
    assert back == made()
    assert back.column("sizes").tolist() == [2, 1]
    assert back.column("segments").tolist() == [1, 5]
    assert back.column("weights").tolist() == [1.0, 0.5]
    assert back.column("candidates").tolist() == [200, 1]
    assert back.matrix().tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def test_none_come_back() -> None:
    nothing = made(rows=b"", **dict.fromkeys(COLUMNS, b""))
    assert decode_examples(encode_examples(nothing)) == nothing
    assert nothing.matrix().shape == (0, 3)


def test_an_unknown_version() -> None:
    assert refused(made(v=EXAMPLES_VERSION + 1)) == reasons.UNKNOWN_VERSION


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_another_length(name: str) -> None:
    whole: bytes = getattr(made(), name)
    for column in (whole[:-1], whole[:-4], whole + whole, b""):
        assert refused(made(**{name: column})) == reasons.WRONG_TYPE


@pytest.mark.parametrize("sizes", [[0, 3], [-1, 4], [3, 1], [1, 1]])
def test_sizes_that_do_not_fit_the_rows(sizes: list[int]) -> None:
    assert refused(made(sizes=np.array(sizes, dtype="<i4").tobytes())) == reasons.WRONG_TYPE


@pytest.mark.parametrize("rows", [b"", b"\0" * 17, b"\0" * 24])
def test_rows_that_do_not_fit_the_sizes(rows: bytes) -> None:
    assert refused(made(rows=rows)) == reasons.WRONG_TYPE


def test_a_torn_record() -> None:
    assert {refused(RAW[:cut]) for cut in range(len(RAW))} == {reasons.WRONG_TYPE}


@given(st.lists(st.tuples(st.integers(0, len(RAW) - 1), st.integers(0, 255)), max_size=5))
def test_flipped_bytes_are_readable_examples_or_a_bad_record(flips: list[tuple[int, int]]) -> None:
    damaged = bytearray(RAW)
    for place, byte in flips:
        damaged[place] = byte
    with suppress(BadRecord):
        back = decode_examples(bytes(damaged))
        assert len(back.column("sizes")) == len(back.column("weights"))


@given(st.binary(max_size=100))
def test_any_bytes(raw: bytes) -> None:
    with suppress(BadRecord):
        decode_examples(raw)


def test_bytes_that_nest_deeply() -> None:
    assert refused(b"\x81\xa1x" + b"\x91" * 100_000) == reasons.WRONG_TYPE


def test_segments_below_the_first() -> None:
    assert refused(made(segments=np.array([-1, 1], dtype="<i4").tobytes())) == reasons.WRONG_TYPE


def test_examples_without_features() -> None:
    assert refused(made(features=0, rows=b"")) == reasons.WRONG_TYPE
