"""Which column of a catalogue's file is which field of an item's record; the others are attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.producers.files import Row, UnreadableLog, numbered
from services.producers.item_cells import is_empty, is_number
from services.producers.layouts import float_ids
from services.producers.numbers import have_commas
from services.producers.roles import ITEM_ROLES, assign, categories, position
from services.producers.times import TimeFormat, detect_time
from shared.contracts.catalogue import MAX_ATTRIBUTES, ItemRecord

NAMES: dict[str, tuple[str, ...]] = {
    "item_id": ITEM_ROLES["item"],
    "title": ITEM_ROLES["title"],
    "description": ITEM_ROLES["description"],
    "brand": ITEM_ROLES["brand"],
    "price": ITEM_ROLES["price"],
    "image": ("imagelink", *ITEM_ROLES["image"]),
    "parent_id": ("itemgroupid", *ITEM_ROLES["parent"]),
    "seller": ("seller", "sellerid", "sellername", "merchant", "merchantid"),
    "tags": ("tags", "keywords", "labels"),
    "markets": ("markets",),
    "embedding": ("embedding", "vector"),
    "near": ("near",),
    "published_at": ("publishedat", "published", "publishdate", "releasedate", "availabilitydate"),
    "expires_at": ("expiresat", "expires", "expirydate", "expirationdate", "validuntil"),
    "available": ("available", "isavailable", "availability", "instock", "isactive"),
    "repeatable": ("repeatable", "isrepeatable", "consumable"),
    "attributes": ("attributes",),
}
FIELDS = tuple(name for name in ItemRecord.__struct_fields__ if name != "v")
TIMES = ("published_at", "expires_at")
DOTTED = ("attributes", "markets")  # opened objects: attributes.colour, markets.de
WIDTH = 1000  # columns of a file, at most


@dataclass(frozen=True)
class ItemColumns:
    """Numbers are column indexes. ``attributes``: name, column, numeric. ``left_out``: beyond the bound, or lists."""

    names: tuple[str, ...]
    fields: dict[str, int]
    categories: tuple[int, ...]
    markets: tuple[tuple[str, int], ...]
    attributes: tuple[tuple[str, int, bool], ...]
    times: dict[str, TimeFormat]
    float_ids: bool
    commas: bool  # in prices
    left_out: tuple[str, ...]


def item_columns(
    names: Sequence[str], sample: Sequence[Row], given: Mapping[str, Sequence[str]], where: str, *, typed: bool
) -> ItemColumns:
    """``where`` names the file; ``typed``: numbers in it are no texts. Raises :class:`UnreadableLog` where there is no
    id, or no column that was said.
    """
    if len(names) > WIDTH:
        raise UnreadableLog(f"{where}: {len(names)} columns, {WIDTH} at most")
    said = {field: columns[0] for field, columns in given.items() if field != "categories"}
    try:
        wide = [position(names, name) for name in given.get("categories", ())]
        free = ["" if i in wide else name for i, name in enumerate(names)]
        fields = assign(free, NAMES, {field: names[position(names, name)] for field, name in said.items()})
    except ValueError as error:
        raise UnreadableLog(f"{where}: {error}") from error
    if "item_id" not in fields:
        raise no_id(where, names)
    return _complete(names, sample, fields, tuple(wide) or _categories(names, fields), typed=typed)


def no_id(where: object, names: Sequence[str]) -> UnreadableLog:
    return UnreadableLog(
        f"{where}: no column is the item's id; --column item_id=NAME says it; there are: {', '.join(names)}"
    )


def _categories(names: Sequence[str], fields: Mapping[str, int]) -> tuple[int, ...]:
    by_name, by_id = categories(names, set(fields.values()))
    return tuple(by_name or by_id)


def _complete(
    names: Sequence[str], sample: Sequence[Row], fields: dict[str, int], wide: tuple[int, ...], *, typed: bool
) -> ItemColumns:
    used = {*fields.values(), *wide, *(i for i, name in enumerate(names) if name == "v" and "item_id" in names)}
    dotted = {i: name.partition(".") for i, name in enumerate(names) if name.startswith(tuple(f"{d}." for d in DOTTED))}
    markets = tuple((inner, i) for i, (outer, _, inner) in dotted.items() if outer == "markets" and i not in used)
    used |= {i for _, i in markets}
    others = [(dotted[i][2] if i in dotted else name, i) for i, name in enumerate(numbered(names)) if i not in used]
    rest = [(name, i) for name, i in others if _fits(sample, i)]
    return ItemColumns(
        names=tuple(names),
        fields=fields,
        categories=wide,
        markets=markets,
        attributes=tuple((name, i, not typed and _is_numeric(sample, i)) for name, i in rest[:MAX_ATTRIBUTES]),
        times={field: _time(sample, fields[field]) for field in TIMES if field in fields},
        float_ids=float_ids(sample, fields["item_id"]),
        commas="price" in fields and not typed and have_commas(row[fields["price"]] for row in sample),
        left_out=tuple(name for name, i in others if (name, i) not in rest[:MAX_ATTRIBUTES]),
    )


def _given(sample: Sequence[Row], column: int) -> list[Any]:
    return [row[column] for row in sample if not is_empty(row[column])]


def _fits(sample: Sequence[Row], column: int) -> bool:
    given = _given(sample, column)
    return not given or not all(isinstance(value, list | dict) for value in given)


def _is_numeric(sample: Sequence[Row], column: int) -> bool:
    return all(map(is_number, _given(sample, column)))


def _time(sample: Sequence[Row], column: int) -> TimeFormat:
    return detect_time(_given(sample, column))
