"""Catalogue records: from a file of items, or from what the rows of events say of their items."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.producers import item_cells as cells
from services.producers.files import Row, Table, UnreadableLog, numbered
from services.producers.item_columns import NAMES, no_id
from services.producers.layouts import Layout, float_ids
from services.producers.numbers import have_commas, number_of, with_point
from services.producers.rejects import Rejects, not_utf8
from services.producers.roles import ITEM_ROLES, assign, categories, position
from services.producers.tables import open_table
from shared.contracts import catalogue as contract
from shared.contracts import reasons
from shared.contracts.catalogue import MAX_CATEGORIES, ItemRecord
from shared.contracts.errors import BadRecord
from shared.contracts.events import Scalar
from shared.contracts.settings import Settings

MAX_ATTRIBUTES = 16
OWN: dict[str, Callable[[str, Any], Any]] = {
    "embedding": cells.vector,
    "near": cells.words,
    "repeatable": cells.truth,
}
"""Fields of a record that lists are made from, beside what logs call by names of their own."""
ROLE_OF = {"item_id": "item", "parent_id": "parent"} | {f: f for f in ITEM_ROLES if f not in {"item", "parent"}}
MAX_SEEN = 2_000_000  # items remembered as published; beyond it they are published again, which changes nothing


@dataclass(frozen=True)
class ItemLayout:
    """Role → column, the category columns (by name, by id), what goes into the attributes, and :data:`OWN` fields."""

    roles: dict[str, int]
    categories: tuple[tuple[int, ...], tuple[int, ...]]
    attributes: tuple[tuple[str, int], ...] = ()
    float_ids: bool = False
    own: Mapping[str, int] = field(default_factory=dict)
    commas: bool = False  # in prices


def open_items(
    path: Path, delimiter: str | None = None, given: Mapping[str, Sequence[str]] | None = None
) -> tuple[Table, ItemLayout]:
    """A file of items and how it is laid out. ``given``: field of a record → columns, by the user's own word. Raises
    :class:`UnreadableLog`.
    """
    table, said = open_table(path, delimiter), given or {}
    own = {name: said[name][0] for name in OWN if name in said}
    try:
        wide = [position(table.columns, name) for name in said.get("categories", ())]
        taken = {*wide, *(position(table.columns, name) for name in own.values())}
        free = ["" if i in taken else name for i, name in enumerate(table.columns)]
        roles = assign(free, ITEM_ROLES, {role: said[f][0] for f, role in ROLE_OF.items() if f in said})
    except ValueError as error:
        raise UnreadableLog(f"{path}: {error}") from error
    if "item" not in roles:
        raise no_id(path, table.columns)
    by_name, by_id = (wide, []) if wide else categories(table.columns, set(roles.values()))
    used = set(roles.values()) | set(by_name) | set(by_id)
    free = ["" if i in used else name for i, name in enumerate(table.columns)]
    own_columns = assign(free, {name: NAMES[name] for name in OWN}, own)
    used |= set(own_columns.values())
    rest = tuple((name, i) for i, name in enumerate(numbered(table.columns)) if i not in used)
    commas = "price" in roles and have_commas(row[roles["price"]] for row in table.sample)
    ids = float_ids(table.sample, roles["item"])
    kinds = (tuple(by_name), tuple(by_id))
    return table, ItemLayout(roles, kinds, rest[:MAX_ATTRIBUTES], ids, own_columns, commas)


def item_records(table: Table, layout: ItemLayout, settings: Settings, rejects: Rejects) -> Iterator[ItemRecord]:
    """The catalogue in the order of the file; what is no item goes to ``rejects``."""

    def reject(where: str, why: BadRecord) -> None:
        rejects.add(table.path.name, where, why)

    for where, row in table.rows(reject):
        try:
            yield to_item(row, layout, settings)
        except BadRecord as why:
            reject(where, why)


def to_item(row: Row, layout: ItemLayout, settings: Settings) -> ItemRecord:
    """One row as a checked record. An item without a title is called by its brand and narrowest category."""
    texts = {name: cells.printable(row[i]) for name, i in layout.roles.items() if name not in {"item", "price"}}
    item = cells.id_text(row[layout.roles["item"]])
    if item is None:
        raise BadRecord(reasons.MISSING_FIELD, "the item id is empty", "item_id")
    given = row[layout.roles["price"]] if "price" in layout.roles else None
    price = number_of(with_point(given) if layout.commas else given)
    names = [text for i in layout.categories[0] for text in cells.split_categories(row[i])]
    ids = [text for i in layout.categories[1] if (text := cells.printable(row[i]))]
    kinds = list(dict.fromkeys(names or ids))[:MAX_CATEGORIES]
    record = ItemRecord(
        item_id=item.removesuffix(".0") if layout.float_ids else item,
        title=texts.get("title") or _name_of(names, texts.get("brand")),
        description=texts.get("description") or "",
        categories=kinds,
        brand=texts.get("brand"),
        price=price if price is not None and price >= 0 else None,
        image=texts.get("image"),
        parent_id=texts.get("parent"),
        attributes={name: value for name, i in layout.attributes if (value := _scalar(row[i])) is not None},
        **{name: OWN[name](name, row[i]) for name, i in layout.own.items() if not cells.is_empty(row[i])},
    )
    return contract.decode_item(encode_item(record), settings.events, settings.identity)


def encode_item(record: ItemRecord) -> bytes:
    """Raises :class:`BadRecord` where a text is not UTF-8."""
    try:
        return contract.ENCODER.encode(record)
    except UnicodeEncodeError as error:
        raise not_utf8(error) from error


def _name_of(categories: list[str], brand: str | None) -> str:
    """``lenovo notebook`` for the end of a path; nothing where the category is but a number."""
    if not categories or categories[-1].isdigit():
        return ""
    leaf = re.split(r"\.(?=\w)| > ", categories[-1])[-1].replace("_", " ")
    return leaf if leaf == categories[-1] or not brand else f"{brand} {leaf}"


def _scalar(value: Any) -> Scalar:
    number = None if cells.is_name(value) else number_of(value)
    if number is not None and not isinstance(value, bool):
        return int(number) if number == int(number) and abs(number) < 1 << 53 else number
    return cells.printable(value)


class DerivedItems:
    """Item records from rows of events, each item once, when it is first seen; again if a later row of a file that is
    not in order is of an earlier time, for then that one is the first. ``ties``: of each row of that time.
    """

    def __init__(self, layout: Layout, settings: Settings, max_seen: int = MAX_SEEN, *, ties: bool = False) -> None:
        roles = {**layout.item_columns, "item": layout.roles["item"]}
        self._layout = ItemLayout(
            roles,
            layout.categories,
            float_ids=layout.roles["item"] in layout.float_ids,
            commas=layout.roles.get("price") in layout.commas,
        )
        self._settings = settings
        self._seen: dict[str, int] = {}  # the earliest time, ms
        self._max = max_seen
        self._later = 0 if ties else -1  # a row may be so much later than the first, ms

    def first_sight(self, item: str | None, ts: int, row: Row) -> bytes | None:
        """The encoded record of an item not seen before, or not as early, if the row says anything of it."""
        if item is None or ts - self._seen.get(item, ts + 1) > self._later:
            return None
        if len(self._seen) >= self._max:
            self._seen.clear()
        self._seen[item] = ts
        try:
            record = to_item(row, self._layout, self._settings)
        except BadRecord:
            return None  # the event is good all the same; a bad title or category is no reason to refuse it
        return encode_item(record) if record.categories or record.title or record.brand else None
