"""Embeddings in their four kinds of file, and their way into records that exist already."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.producers.embedding import Embedded, by_item
from services.producers.files import UnreadableLog
from services.producers.vectors import open_vectors
from shared.adapters.compacted import Latest
from shared.contracts.catalogue import decode_item
from shared.contracts.errors import BadRecord
from tests.unit.producers.logs import SETTINGS, write

ROWS = {"a": [0.5, -1.0, 0.1], "b": [1.0, 2.0, 3.0]}


def json_lines(folder: Path) -> Path:
    return write(folder, "\n".join(json.dumps({"item_id": i, "embedding": v}) for i, v in ROWS.items()))


def parquet(folder: Path) -> Path:
    pq.write_table(pa.table({"id": list(ROWS), "vector": list(ROWS.values())}), folder / "vectors")
    return folder / "vectors"


def npz(folder: Path) -> Path:
    np.savez(folder / "vectors.npz", ids=np.array(list(ROWS)), vectors=np.array(list(ROWS.values()), dtype=np.float32))
    return folder / "vectors.npz"


def columns(folder: Path) -> Path:
    return write(folder, "item_id,e0,e1,e2\n" + "\n".join(f"{i},{','.join(map(str, v))}" for i, v in ROWS.items()))


def in_one_cell(folder: Path) -> Path:
    return write(folder, "item_id\tembedding\n" + "\n".join(f"{i}\t{json.dumps(v)}" for i, v in ROWS.items()))


@pytest.mark.parametrize("kind", [json_lines, parquet, npz, columns, in_one_cell])
def test_every_kind_of_file_holds_the_same(tmp_path: Path, kind: Callable[[Path], Path]) -> None:
    file = open_vectors(kind(tmp_path), {})
    found = {item: vector.tolist() for _, item, vector in file.vectors(lambda *_: None)}

    assert file.dimensions == 3
    assert found == {item: np.array(numbers, dtype=np.float32).tolist() for item, numbers in ROWS.items()}


def test_what_is_not_of_the_first_ones_dimension_or_not_finite_is_bad(tmp_path: Path) -> None:
    lines = [
        '{"item_id":"a","embedding":[1,2]}',
        '{"item_id":"b","embedding":[1,2,3]}',
        '{"item_id":"c","embedding":"x"}',
        '{"item_id":"d","embedding":[1e60,1]}',
        '{"embedding":[1,2]}',
        '{"item_id":"e","embedding":[3,4]}',
    ]
    bad: list[tuple[str, str, str | None]] = []

    def reject(where: str, why: BadRecord, key: str | None) -> None:
        bad.append((where, why.reason, key))

    file = open_vectors(write(tmp_path, "\n".join(lines)), {})
    assert [item for _, item, _ in file.vectors(reject)] == ["a", "e"]
    assert bad == [
        ("2", "wrong-type", "b"),
        ("3", "wrong-type", "c"),
        ("4", "not-finite", "d"),
        ("5", "missing-field", None),
    ]


@pytest.mark.parametrize("size", [0, 1025])
def test_too_many_dimensions_are_said(tmp_path: Path, size: int) -> None:
    path = write(tmp_path, json.dumps({"item_id": "a", "embedding": [1.0] * size}))
    with pytest.raises(UnreadableLog, match="dimensions; 1 to 1024"):
        open_vectors(path, {})


def vectors_of(path: Path) -> tuple[dict[str, list[float]], list[tuple[str, str, str | None]]]:
    """(vectors by item, bad rows as (line, reason, item))."""
    bad: list[tuple[str, str, str | None]] = []
    file = open_vectors(path, {})
    found = file.vectors(lambda where, why, item: bad.append((where, why.reason, item)))
    return {item: vector.tolist() for _, item, vector in found}, bad


@pytest.mark.parametrize("gap", ["", "nan", "NaN", "inf", "null"])
def test_a_gap_is_its_rows_fault_and_leaves_the_dimension_to_the_others(tmp_path: Path, gap: str) -> None:
    text = f"item_id,title,e0,e1\na,A,1,2\nb,,{gap},3\nc,7,4,5\n"
    assert vectors_of(write(tmp_path, text)) == ({"a": [1, 2], "c": [4, 5]}, [("3", "wrong-type", "b")])


def test_a_row_without_an_id_or_numbers_is_bad_though_it_is_the_first(tmp_path: Path) -> None:
    lines = [
        '{"item_id":["a"],"embedding":[1,2]}',
        '{"item_id":"b","embedding":[]}',
        '{"item_id":true,"embedding":[1,2]}',
        '{"item_id":"c","embedding":[1,2]}',
    ]
    assert vectors_of(write(tmp_path, "\n".join(lines))) == (
        {"c": [1, 2]},
        [("1", "missing-field", None), ("2", "wrong-type", "b"), ("3", "missing-field", None)],
    )


def test_a_file_without_vectors_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLog, match="no column holds vectors"):
        open_vectors(write(tmp_path, "item_id,name\na,b\n"), {})


def test_the_records_of_the_topic_get_their_vectors_and_keep_the_rest(tmp_path: Path) -> None:
    record = b'{"item_id":"a","title":"A","unknown":{"x":1},"embedding":[9]}'
    standing = {b" a": Latest(0, 1, record), b"\xff": Latest(0, 1, record)}
    bad: list[tuple[str, str, str | None]] = []

    def reject(where: str, why: BadRecord, key: str | None) -> None:
        bad.append((where, why.reason, key))

    file = open_vectors(json_lines(tmp_path), {})
    ((key, raw),) = Embedded(file, by_item(standing, SETTINGS), SETTINGS).entries(reject)

    assert key == "a"
    assert raw == b'{"item_id":"a","title":"A","unknown":{"x":1},"embedding":[0.5,-1.0,0.1]}', "in the fewest digits"
    assert decode_item(raw, SETTINGS.events, SETTINGS.identity).embedding == [0.5, -1.0, 0.1]
    assert bad == [("2", "unknown-item", "b")]


@pytest.mark.parametrize("record", [b"[]", b'{"\xff":1}', b'{"more":' + b"[" * 100_000])
def test_a_record_of_the_topic_that_is_none_is_said(tmp_path: Path, record: bytes) -> None:
    bad: list[tuple[str, str]] = []
    file = open_vectors(json_lines(tmp_path), {})
    embedded = Embedded(file, by_item({b"a": Latest(0, 1, record)}, SETTINGS), SETTINGS)
    embedded.find_nearest()
    assert list(embedded.entries(lambda where, why, _: bad.append((where, why.reason)))) == []
    assert bad == [("1", "malformed-json"), ("2", "unknown-item")]


def test_records_name_what_is_nearest_among_the_items_that_the_topic_has(tmp_path: Path) -> None:
    rows = {"a": [1, 0], "gone": [1, 0], "b": [0, 1], "c": [0, 0], " a": [0, 2], "d": [1, 1]}
    path = write(tmp_path, "\n".join(json.dumps({"item_id": i, "embedding": v}) for i, v in rows.items()))
    standing = {i.encode(): Latest(0, 1, b'{"item_id":"%s","near":["old"]}' % i.encode()) for i in "abcd"}
    embedded, told = Embedded(open_vectors(path, {}), by_item(standing, SETTINGS), SETTINGS), list[int]()
    before = [json.loads(raw)["near"] for _, raw in embedded.entries(lambda *_: None)]
    assert before == [["old"]] * 5
    embedded.find_nearest(told.append)
    found = {i: json.loads(raw).get("near", []) for i, raw in embedded.entries(lambda *_: None)}
    assert found == {"a": ["b", "d"], "b": ["a", "d"], "c": [], "d": ["a", "b"]}
    assert sum(told) == 3


def test_what_has_a_vector_already_is_named_and_names_nobody_anew(tmp_path: Path) -> None:
    vectors = {"old": [1.0, 0.1], "else": [1.0, 0.0, 0.0], "none": []}
    standing = {
        i.encode(): Latest(0, 1, json.dumps({"item_id": i, "embedding": v}).encode()) for i, v in vectors.items()
    }
    standing |= {b"new": Latest(0, 1, b'{"item_id":"new"}'), b"odd": Latest(0, 1, b"[")}
    path = write(tmp_path, '{"item_id":"new","embedding":[1,0]}')
    embedded = Embedded(open_vectors(path, {}), by_item(standing, SETTINGS), SETTINGS)
    embedded.find_nearest()
    ((item, raw),) = embedded.entries(lambda *_: None)
    assert (item, json.loads(raw)["near"]) == ("new", ["old"])


def test_ids_that_were_written_as_floats_are_whole(tmp_path: Path) -> None:
    np.savez(tmp_path / "vectors.npz", ids=np.array([7.0, 8.0]), vectors=np.ones((2, 3)))
    text = write(tmp_path, "item_id,e0,e1\n7.0,1,2\n8.0,1,2\n")

    for path in (text, tmp_path / "vectors.npz"):
        assert [item for _, item, _ in open_vectors(path, {}).vectors(lambda *_: None)] == ["7", "8"]


def test_an_npz_that_is_cut_off_spoilt_or_of_other_shapes_is_said(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "whole.npz", ids=np.arange(9), vectors=np.ones((9, 3)))
    whole = (tmp_path / "whole.npz").read_bytes()
    np.savez(tmp_path / "one.npz", ids=np.array("a"), vectors=np.ones((1, 3)))
    paths = [write(tmp_path, whole[:200], "cut.npz"), write(tmp_path, whole[:60] + 9 * b"x" + whole[69:], "spoilt.npz")]

    for path in [*paths, tmp_path / "one.npz"]:
        with pytest.raises(UnreadableLog, match=path.name):
            open_vectors(path, {})
