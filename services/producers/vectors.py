"""A file of embeddings as (item id, vector): JSON Lines, Parquet or text by columns, or NumPy's ``.npz``."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from services.producers import item_cells as cells
from services.producers.files import Row, Table, UnreadableLog
from services.producers.importing import Reject
from services.producers.layouts import float_ids
from services.producers.numbers import number_of
from services.producers.roles import ITEM_ROLES, assign
from services.producers.tables import open_table
from shared.contracts import reasons
from shared.contracts.catalogue import MAX_DIMENSIONS
from shared.contracts.errors import BadRecord

Vector = NDArray[np.float32]
NAMES = {"item_id": ITEM_ROLES["item"], "embedding": ("embedding", "embeddings", "vector", "vectors", "features")}
NO_NUMBERS = {"nan", "inf", "-inf", "null", "none"}
"""What may stand in the place of a number that is missing, or is none, and makes its column no other."""
_ZIP = b"PK"


@dataclass(frozen=True)
class VectorFile:
    """``rows(reject)``: (place, id, numbers) in the order of the file; may be called again. ``dimensions``: of all."""

    path: Path
    format: str
    dimensions: int
    rows: Callable[[Reject], Iterator[tuple[str, str, Any]]]

    def vectors(self, reject: Reject) -> Iterator[tuple[str, str, Vector]]:
        """(place, id, vector) of what is good; what is bad goes to ``reject``."""
        for where, item, numbers in self.rows(reject):
            try:
                yield where, item, checked(numbers, self.dimensions)
            except BadRecord as why:
                reject(where, why, item)


def checked(numbers: Any, dimensions: int) -> Vector:
    """As 32-bit floats, so many of them, finite; else :class:`BadRecord`."""
    try:
        with np.errstate(over="ignore"):  # what is too large is not finite then
            vector: Vector = np.asarray(numbers, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise BadRecord(reasons.WRONG_TYPE, "the embedding is not a list of numbers", "embedding") from error
    if vector.shape != (dimensions,):
        raise BadRecord(
            reasons.WRONG_TYPE, f"the embedding has {vector.size} dimensions, the first has {dimensions}", "embedding"
        )
    if not np.isfinite(vector).all():
        raise BadRecord(reasons.NOT_FINITE, "the embedding holds a number that is not finite", "embedding")
    return vector


def open_vectors(path: Path, given: Mapping[str, Sequence[str]], delimiter: str | None = None) -> VectorFile:
    """The dimension is that of the first vector that has one. Raises :class:`UnreadableLog`, also beyond the bound."""
    file = _npz(path) if _is_zip(path) else _tabular(open_table(path, delimiter), given)
    if not 0 < file.dimensions <= MAX_DIMENSIONS:
        raise UnreadableLog(f"{path}: {file.dimensions} dimensions; 1 to {MAX_DIMENSIONS} are kept")
    return file


def _is_zip(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(2) == _ZIP


def _npz(path: Path) -> VectorFile:
    try:
        with np.load(path, allow_pickle=False) as held:
            ids, vectors = held["ids"], held["vectors"]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile, zlib.error) as error:
        raise UnreadableLog(f"{path}: an .npz with `ids` and `vectors` is read: {error}") from error
    if vectors.ndim != 2 or ids.shape != vectors.shape[:1]:
        raise UnreadableLog(f"{path}: ids of shape {ids.shape}, vectors of shape {vectors.shape}")

    def rows(_reject: Reject) -> Iterator[tuple[str, str, Any]]:
        for n, (item, vector) in enumerate(zip(ids.tolist(), vectors, strict=True), 1):
            yield str(n), item.decode(errors="replace") if isinstance(item, bytes) else cells.text("id", item), vector

    return VectorFile(path, ".npz", int(vectors.shape[1]), rows)


def _tabular(table: Table, given: Mapping[str, Sequence[str]]) -> VectorFile:
    try:
        columns = assign(table.columns, NAMES, {field: names[0] for field, names in given.items()})
    except ValueError as error:
        raise UnreadableLog(f"{table.path}: {error}") from error
    item = columns.get("item_id", 0 if not table.header else None)
    if item is None:
        raise UnreadableLog(f"{table.path}: no column is the item's id; there are: {', '.join(table.columns)}")
    read, as_floats = _vector_reader(table, item, columns.get("embedding")), float_ids(table.sample, item)

    def rows(reject: Reject) -> Iterator[tuple[str, str, Any]]:
        for where, row in table.rows(lambda where, why: reject(where, why, None)):
            name = cells.id_text(row[item])
            if name is None:
                reject(where, BadRecord(reasons.MISSING_FIELD, "item_id is not given", "item_id"), None)
                continue
            name = name.strip().removesuffix(".0") if as_floats else name.strip()
            try:
                yield where, name, read(row)
            except BadRecord as why:
                reject(where, why, name)

    first = next((vector for _, _, vector in rows(lambda *_: None) if vector), ())
    return VectorFile(table.path, table.format, len(first), rows)


def _vector_reader(table: Table, item: int, column: int | None) -> Callable[[Row], list[float]]:
    """From the one column that holds a list, else from all that hold numbers; a gap among them is its row's fault."""
    if column is not None:
        return lambda row: cells.vector("embedding", row[column])
    others = (i for i in range(len(table.columns)) if i != item)
    many = [i for i in others if _holds_numbers([row[i] for row in table.sample])]
    if not many:
        raise UnreadableLog(
            f"{table.path}: no column holds vectors; --column embedding=NAME says it; there are: "
            f"{', '.join(table.columns)}"
        )
    return lambda row: [cells.number("embedding", row[i]) for i in many]


def _holds_numbers(column: Sequence[Any]) -> bool:
    given = [value for value in column if not cells.is_empty(value) and str(value).lower() not in NO_NUMBERS]
    return bool(given) and all(number_of(value) is not None for value in given)
