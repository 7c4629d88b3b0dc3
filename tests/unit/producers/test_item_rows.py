"""A catalogue's file as records: columns found or said, every row checked, nothing guessed."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.producers.files import UnreadableLog
from services.producers.item_cells import is_number, scalar
from services.producers.item_rows import open_item_file
from shared.contracts.catalogue import ENCODER, ItemRecord, Market, decode_item
from shared.contracts.errors import BadRecord
from tests.unit.producers.logs import SETTINGS, write

Bad = list[tuple[str, str, str | None, str | None]]


def read(path: Path, columns: Mapping[str, Sequence[str]] | None = None) -> tuple[list[ItemRecord], Bad]:
    """(records, bad rows as (line, reason, field, item))."""
    bad: Bad = []

    def reject(where: str, why: BadRecord, key: str | None) -> None:
        bad.append((where, why.reason, why.field, key))

    entries = list(open_item_file(path, SETTINGS, columns or {}).entries(reject))
    records = [decode_item(raw, SETTINGS.events, SETTINGS.identity) for _, raw in entries]
    assert [key for key, _ in entries] == [record.item_id for record in records]
    return records, bad


def test_columns_are_found_and_the_others_are_attributes(tmp_path: Path) -> None:
    text = (
        "sku;product_title;category;price;availability;brand;release_date;size;stock;tags\n"
        "7;Lamp; Home > Light ;12.50;In Stock;Lux;2024-05-01;007;3;warm|small\n"
        "8;Desk;Home;;out of stock;;;38;4;\n"
    )
    (lamp, desk), bad = read(write(tmp_path, text, "items.csv.gz"))

    assert not bad
    assert lamp == ItemRecord(
        "7", "Lamp", categories=["Home", "Home > Light"], brand="Lux", price=12.5, tags=["warm", "small"],
        published_at=1_714_521_600_000, attributes={"size": "007", "stock": 3},
    )  # fmt: skip
    assert desk == ItemRecord("8", "Desk", categories=["Home"], available=False, attributes={"size": "38", "stock": 4})


def test_the_users_word_on_columns_counts(tmp_path: Path) -> None:
    path = write(tmp_path, "id,name,label,dept,leaf\n1,a,b,Home,Lamps\n")

    ((record,), _) = read(path, {"title": ["label"], "categories": ["dept", "leaf"]})

    assert (record.title, record.categories, record.attributes) == ("b", ["Home", "Lamps"], {"name": "a"})


@pytest.mark.parametrize("columns", [{"title": ["nope"]}, {"item_id": ["nope"]}, {"categories": ["nope"]}])
def test_a_column_that_is_not_there_is_said(tmp_path: Path, columns: dict[str, list[str]]) -> None:
    with pytest.raises(UnreadableLog, match="no column 'nope'"):
        read(write(tmp_path, "id,name\n1,a\n"), columns)


def test_a_file_without_ids_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLog, match="--column item_id=NAME"):
        read(write(tmp_path, "a,b\n1,2\n"))


def test_bad_rows_say_line_reason_field_and_item(tmp_path: Path) -> None:
    text = (
        "id,title,price,availability,release_date\n"
        "1,a,cheap,yes,2024-05-01\n"
        ",b,1,yes,2024-05-01\n"
        "3,c,1,perhaps,2024-05-01\n"
        "4,d,1,yes,soon\n"
        "5,e,-1,yes,2024-05-01\n"
        "6,f\n"
        "7,g,1,yes,2024-05-01\n"
    )
    records, bad = read(write(tmp_path, text))

    assert [record.item_id for record in records] == ["7"]
    assert bad == [
        ("2", "wrong-type", "price", "1"),
        ("3", "missing-field", "item_id", None),
        ("4", "wrong-type", "available", "3"),
        ("5", "wrong-type", "published_at", "4"),
        ("6", "wrong-type", "price", "5"),
        ("7", "malformed-row", None, None),
    ]


def test_a_cell_that_is_nested_deeply_is_a_bad_row(tmp_path: Path) -> None:
    path = write(tmp_path, f"id,name,markets\n1,a,{'[' * 100_000}\n2,b,\n")
    records, bad = read(path)
    assert [record.item_id for record in records] == ["2"]
    assert bad == [("2", "wrong-type", "markets", "1")]


WHOLE = ItemRecord(
    "tea", "Tea", "A tea", ["Drinks", "Tea|Green"], "B", 4.5, ["hot"], "i.png", "S",
    {"de": Market(price=5.0, available=False), "fr": Market(price=4.0)}, [0.5, -1.0], "parent",
    1_700_000_000_000, 1_800_000_000_000, available=False, repeatable=True,
    attributes={"colour": "green", "grams": 100, "organic": True, "code": "007"},
    near=["coffee", "mate"],
)  # fmt: skip


def test_a_record_of_the_contract_stays_what_it_is(tmp_path: Path) -> None:
    assert read(write(tmp_path, ENCODER.encode(WHOLE) + b"\n")) == ([WHOLE], [])


def test_parquet_is_read_alike(tmp_path: Path) -> None:
    row = json.loads(ENCODER.encode(WHOLE))
    row["markets"] = json.dumps(row["markets"])
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "items")

    assert read(tmp_path / "items") == ([WHOLE], [])


def test_fields_that_come_late_in_json_lines_are_not_lost(tmp_path: Path) -> None:
    first = [{"id": n, "name": f"n{n}", "color": "red"} for n in range(600)]
    late = [
        {"id": "x", "name": "late", "size": {"eu": 38}, "published_at": 1_700_000_000_000, "price": "7"},
        {"name": "?"},
    ]
    records, bad = read(write(tmp_path, "\n".join(map(json.dumps, [*first, *late]))))

    assert len(records) == 601
    assert records[-1] == ItemRecord("x", "late", price=7.0, published_at=1_700_000_000_000, attributes={"size.eu": 38})
    assert bad == [("602", "missing-field", "item_id", None)]


def test_lists_and_columns_beyond_the_bound_are_left_out_and_named(tmp_path: Path) -> None:
    row = {"id": "1", "variants": [1, 2]} | {f"a{n}": n for n in range(40)}
    found = open_item_file(write(tmp_path, json.dumps(row)), SETTINGS, {})

    assert found.columns.left_out == ("variants", *(f"a{n}" for n in range(32, 40)))
    ((_, raw),) = found.entries(lambda *_: None)
    assert len(json.loads(raw)["attributes"]) == 32


@given(st.integers(-(10**14), 10**14))
def test_a_number_written_plainly_is_one(number: int) -> None:
    assert scalar(str(number), numeric=True) == number


@given(st.text("0123456789", min_size=2).filter(lambda text: text.startswith("0")))
def test_what_only_looks_like_a_number_is_a_name(text: str) -> None:
    assert not is_number(text)
    assert scalar(text, numeric=True) == text


def test_text_that_is_not_utf8_spoils_its_row_alone(tmp_path: Path) -> None:
    records, bad = read(write(tmp_path, b"id,title\n1,Caf\xe9\n2,tea\n", "items.csv"))

    assert [record.item_id for record in records] == ["2"]
    assert bad == [("2", "not-utf8", None, "1")]


def test_decimals_and_columns_of_one_name_are_attributes(tmp_path: Path) -> None:
    weight = pa.array(["2.50"]).cast(pa.decimal128(10, 2))
    columns = {"id": pa.array(["1"]), "colour": pa.array(["red"]), "weight": weight}
    pq.write_table(pa.table([*columns.values(), pa.array(["blue"])], [*columns, "colour"]), tmp_path / "items.parquet")
    (record,), bad = read(tmp_path / "items.parquet")

    assert not bad
    assert record.attributes == {"colour": "red", "colour.2": "blue", "weight": 2.5}


def test_prices_with_a_decimal_comma_and_words_of_other_languages(tmp_path: Path) -> None:
    text = "item_id;price;available;repeatable\na;1.039,11;nein;ja\nb;7,5;oui;non\n"
    records, bad = read(write(tmp_path, text))

    assert [(r.price, r.available, r.repeatable) for r in records] == [(1039.11, False, True), (7.5, True, False)]
    assert not bad
