"""Columns of Parquet of every kind that producers write: times, bytes, decimals, infinite numbers."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.producers.files import UnreadableLog
from services.producers.item_rows import open_item_file
from services.producers.reading import open_log
from tests.unit.producers.logs import SETTINGS, read, spoilt, write


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_parquet_with_times_of_its_own_kind(tmp_path: Path, unit: str) -> None:
    moments = pa.array([1483273827], pa.timestamp("s", tz="UTC")).cast(pa.timestamp(unit, tz="UTC"))
    nothing = pa.array([None], pa.float64())
    columns = {"user": pa.array([906]), "item": pa.array([7.0]), "time": moments, "price": nothing}
    pq.write_table(pa.table(columns), tmp_path / "log.parquet")

    for path in (tmp_path / "log.parquet", write(tmp_path, (tmp_path / "log.parquet").read_bytes(), "log.parquet.gz")):
        found, bad = read(open_log(path, SETTINGS))
        assert not bad
        assert [(r.ts, r.user, r.item, r.value, r.type) for r in found] == [
            (1483273827000, "906", "7", None, "purchase")
        ]


def test_parquet_that_is_spoilt_within_is_said_also_of_items(tmp_path: Path) -> None:
    ids = [f"i{n * n}" for n in range(20_000)]
    pq.write_table(pa.table({"item_id": ids}), tmp_path / "items.parquet", row_group_size=2000)
    path = write(tmp_path, spoilt((tmp_path / "items.parquet").read_bytes()), "spoilt.parquet")

    with pytest.raises(UnreadableLog, match=r"spoilt\.parquet"):
        list(open_item_file(path, SETTINGS, {}).entries(lambda *_: None))


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.binary())])
def test_parquet_with_text_as_plain_bytes(tmp_path: Path, kind: pa.DataType) -> None:
    users = pa.array([b"u", None, "k\xf6ln".encode("latin-1"), "ä".encode()]).cast(kind)
    table = pa.table({"user_id": users, "item_id": list("abcd"), "ts": 4 * [1483273827000]})
    pq.write_table(table, tmp_path / "log.parquet")
    found, bad = read(open_log(tmp_path / "log.parquet", SETTINGS))

    assert [(r.user, r.item) for r in found] == [("u", "a"), ("ä", "d")]
    assert bad == [("2", "missing-user", "user_id"), ("3", "id-unprintable", "user_id")]


def test_parquet_whose_text_is_not_utf8_spoils_its_row_alone(tmp_path: Path) -> None:
    towns = pa.array(["K\xf6ln".encode("latin-1"), "Köln".encode()]).view(pa.string())
    table = pa.table({"user_id": list("uv"), "item_id": list("ij"), "ts": 2 * [1483273827000], "town": towns})
    pq.write_table(table, tmp_path / "log.parquet")
    found, bad = read(open_log(tmp_path / "log.parquet", SETTINGS))

    assert [(r.user, r.context) for r in found] == [("v", {"town": "Köln"})]
    assert bad == [("1", "not-utf8", "context.town")]


def test_decimals_of_parquet_are_numbers(tmp_path: Path) -> None:
    whole, cents = pa.array([7, None], pa.decimal128(10, 0)), pa.array([2, 3], pa.decimal128(10, 2))
    table = pa.table({"user_id": cents, "item_id": whole, "ts": 2 * [1483273827000], "weight": cents, "n": whole})
    pq.write_table(table, tmp_path / "log.parquet")
    found, bad = read(open_log(tmp_path / "log.parquet", SETTINGS))

    assert [(r.user, r.item, r.context) for r in found] == [("2", "7", {"weight": 2.0, "n": 7})]
    assert bad == [("2", "missing-field", "item_id")]


def test_parquet_with_infinite_numbers_spoils_their_rows_alone(tmp_path: Path) -> None:
    inf = float("inf")
    table = pa.table({"user": [1.0, inf, 3.0], "item": list("abc"), "ts": [1.5e12, 1.5e12, -inf]})
    pq.write_table(table, tmp_path / "log.parquet")
    found, bad = read(open_log(tmp_path / "log.parquet", SETTINGS))

    assert [(r.user, r.item) for r in found] == [("1", "a")]
    assert bad == [("2", "missing-user", "user_id"), ("3", "wrong-type", "ts")]
