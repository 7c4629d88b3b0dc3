"""Rows of a catalogue's file → item records, each checked as ingest will check it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.producers import item_cells as cells
from services.producers.catalogue import encode_item
from services.producers.files import Row, Table
from services.producers.importing import Reject
from services.producers.item_columns import TIMES, ItemColumns, item_columns
from services.producers.numbers import with_point
from services.producers.tables import open_table
from shared.contracts import reasons
from shared.contracts.catalogue import ItemRecord, Market, decode_item
from shared.contracts.errors import BadRecord
from shared.contracts.settings import Settings

SHAPES = 1000  # of objects in JSON Lines whose columns are remembered
_TEXTS = ("title", "description", "brand", "image", "seller", "parent_id")
_OTHERS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(_TEXTS, cells.text),
    "price": cells.number,
    "tags": cells.words,
    "embedding": cells.vector,
    "near": cells.words,
    "available": cells.truth,
    "repeatable": cells.truth,
}


@dataclass(frozen=True)
class ItemFile:
    """A file of items that was understood: ``columns`` are those of its first rows."""

    table: Table
    columns: ItemColumns
    given: Mapping[str, Sequence[str]]
    settings: Settings

    def entries(self, reject: Reject) -> Iterator[tuple[str, bytes]]:
        """(item id, record) in the order of the file; what is no item goes to ``reject``. May be called again."""
        for _, record in self.records(reject):
            yield record.item_id, encode_item(record)

    def records(self, reject: Reject) -> Iterator[tuple[str, ItemRecord]]:
        """The same as (place in the file, record)."""
        shapes = {self.columns.names: self.columns}
        for where, names, row in self.table.objects(_no_id(reject)):
            try:
                columns = shapes.get(names) or self._shape(names, row, shapes)
                record = to_item(row, columns, self.settings)
            except BadRecord as why:
                reject(where, why, _id_of(row, shapes.get(names)))
                continue
            yield where, record

    def _shape(self, names: tuple[str, ...], row: Row, shapes: dict[tuple[str, ...], ItemColumns]) -> ItemColumns:
        """JSON Lines: an object may have fields that none of the first had."""
        known = {field: [self.columns.names[i]] for field, i in self.columns.fields.items()} | dict(self.given)
        here = {field: [name for name in columns if name in names] for field, columns in known.items()}
        if not here["item_id"]:
            raise BadRecord(reasons.MISSING_FIELD, "item_id is not given", "item_id")
        if len(shapes) >= SHAPES:
            shapes.clear()
        said = {field: columns for field, columns in here.items() if columns}
        found = item_columns(names, [row], said, str(self.table.path), typed=True)
        times = found.times | self.columns.times
        return shapes.setdefault(names, replace(found, times=times, float_ids=self.columns.float_ids))


def open_item_file(
    path: Path, settings: Settings, given: Mapping[str, Sequence[str]], delimiter: str | None = None
) -> ItemFile:
    """Raises :class:`UnreadableLog`. ``given``: field → columns, by the user's own word."""
    table = open_table(path, delimiter)
    columns = item_columns(table.columns, table.sample, given, str(path), typed=table.typed)
    return ItemFile(table, columns, given, settings)


def to_item(row: Row, columns: ItemColumns, settings: Settings) -> ItemRecord:
    """One row as a checked record; :class:`BadRecord` names the field."""
    item = _id_of(row, columns)
    if item is None:
        raise BadRecord(reasons.MISSING_FIELD, "item_id is not given", "item_id")
    found = {field: row[i] for field, i in columns.fields.items() if not cells.is_empty(row[i])}
    if columns.commas and "price" in found:
        found["price"] = with_point(found["price"])
    values = {field: convert(field, found[field]) for field, convert in _OTHERS.items() if field in found}
    values |= {field: _time(field, found[field], columns) for field in TIMES if field in found}
    values["categories"] = list(dict.fromkeys(c for i in columns.categories for c in cells.category_list(row[i])))
    values["markets"] = _markets(found.get("markets"), row, columns)
    values["attributes"] = _attributes(found.get("attributes"), row, columns)
    return decode_item(encode_item(ItemRecord(item_id=item, **values)), settings.events, settings.identity)


def _id_of(row: Row, columns: ItemColumns | None) -> str | None:
    value = None if columns is None else row[columns.fields["item_id"]]
    if cells.is_empty(value) or isinstance(value, list | dict | bool):
        return None
    item = cells.text("item_id", value)
    return item.removesuffix(".0") if columns and columns.float_ids else item


def _time(field: str, value: Any, columns: ItemColumns) -> int:
    """By the notation of the column; epoch milliseconds are understood in any."""
    if isinstance(value, int) and value >= 1e11:
        return value
    try:
        return columns.times[field].parse(value)
    except BadRecord as error:
        detail = f"{field} {str(value)[:40]!r} is not a time of the column's notation, {columns.times[field].name}"
        raise BadRecord(reasons.WRONG_TYPE, detail, field) from error


def _markets(whole: Any, row: Row, columns: ItemColumns) -> dict[str, Market]:
    said = dict(cells.mapping("markets", whole)) if whole is not None else {}
    said |= {name: row[i] for name, i in columns.markets if not cells.is_empty(row[i])}
    return {name: _market(f"markets.{name}", cells.mapping(f"markets.{name}", inner)) for name, inner in said.items()}


def _market(field: str, inner: Mapping[str, Any]) -> Market:
    price, available = inner.get("price"), inner.get("available")
    return Market(
        price=None if price is None else cells.number(f"{field}.price", price),
        available=None if available is None else cells.truth(f"{field}.available", available),
    )


def _attributes(whole: Any, row: Row, columns: ItemColumns) -> dict[str, Any]:
    """Lists and objects among them are no attributes: a rule could say nothing of them."""
    said = cells.mapping("attributes", whole).items() if whole is not None else ()
    found = {name: cells.scalar(value, numeric=False) for name, value in said}
    found |= {name: cells.scalar(row[i], numeric=numeric) for name, i, numeric in columns.attributes}
    return {name: value for name, value in found.items() if value is not None}


def _no_id(reject: Reject) -> Callable[[str, BadRecord], None]:
    return lambda where, why: reject(where, why, None)
