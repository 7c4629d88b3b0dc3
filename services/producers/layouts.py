"""Which column of a log is what, found from its names and first rows, or said by the user."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

from services.producers.files import Row, Table, UnreadableLog, numbered
from services.producers.headerless import roles_by_content
from services.producers.item_cells import is_name
from services.producers.jsonl import NESTED
from services.producers.kinds import TypeNames, plain
from services.producers.numbers import have_commas, number_of
from services.producers.roles import EVENT_ROLES, WEAK_TYPES, assign, categories
from services.producers.times import NOTATIONS, TimeFormat, detect_time

CONTEXT_FIELDS = 15  # of an event; one more is kept for the basket
ITEM_FIELDS = ("title", "brand")  # on rows of events: they describe the item
NOT_CONTEXT = {"", "unnamed0", "index", "rowid", "utc", "date", "timestamp", "reviewtext", "text", "reviewtime"}
MOST_DAYS = 100_000  # since 1970: 2243; larger numbers are other times
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AP]M)?$", re.IGNORECASE)
_FLOAT_ID = re.compile(r"\d+\.0$")


@dataclass(frozen=True)
class Wanted:
    """The user's own word on a log, by column name or 1-based number; None: find out."""

    columns: Mapping[str, str | None] = field(default_factory=dict)  # role → column
    type: str | None = None  # the event type of every row
    types: Mapping[str, str] = field(default_factory=dict)  # the log's word → our type
    time: str = "auto"
    zone: tzinfo | None = None  # of times that name none; UTC
    list: str | None = None  # the column that holds a list of a row's events, or of their items


@dataclass(frozen=True)
class Layout:
    """How a row becomes an event. Numbers are column indexes."""

    roles: dict[str, int]
    time: TimeFormat
    names: TypeNames
    default_type: str
    value: dict[str, int]  # event type, or "" for any other → the column of its value
    context: tuple[tuple[str, int, bool], ...]  # name, column, numeric
    categories: tuple[tuple[int, ...], tuple[int, ...]]  # by name, by id
    item_columns: dict[str, int]  # what a row says of its item: title, brand, price
    float_ids: frozenset[int]  # columns whose ids were written as 123.0
    commas: frozenset[int]  # columns whose numbers have a decimal comma

    @property
    def describes_items(self) -> bool:
        """Whether rows carry a category, brand or title of their item."""
        return any(self.categories) or any(name in self.item_columns for name in ITEM_FIELDS)


def detect(table: Table, wanted: Wanted, known_types: Collection[str]) -> Layout:
    """Raises :class:`UnreadableLog` naming the column that is missing and how to say it."""
    columns, sample = table.columns, table.sample
    if wanted.time not in NOTATIONS:
        raise UnreadableLog(f"time notation {wanted.time!r}: one of {', '.join(NOTATIONS)}")
    roles = _roles(table, wanted)
    names = TypeNames(known_types, wanted.types, numbered=_is_named(columns, roles.get("type"), "behavior"))
    if "type" in roles and not wanted.columns.get("type") and not _holds_types(columns, sample, roles["type"], names):
        del roles["type"]
    if "user" not in roles and "session" in roles:
        roles["user"] = roles.pop("session")  # nobody is known by more than the session
    _complete(table, roles)
    used = set(roles.values())
    described = assign(
        columns,
        {
            "title": ("title", "name", "itemname", "productname", "description"),
            "brand": ("brand", "brandname", "itembrand", "manufacturer"),
        },
        {},
    )
    described = {name: i for name, i in described.items() if i not in used}
    by_name, by_id = categories(columns, used | set(described.values()))
    gone = used | set(described.values()) | set(by_name) | set(by_id)
    if "price" in roles:
        described["price"] = roles["price"]
    value = _values(roles)
    numbers = {*value.values(), *(roles[role] for role in ("price", "quantity") if role in roles)}
    return Layout(
        roles=roles,
        time=_time(table, roles["ts"], wanted),
        names=names,
        default_type=wanted.type or _default_type(roles),
        value=value,
        context=_context(columns, sample, gone, roles.get("quantity")),
        categories=(tuple(by_name), tuple(by_id)),
        item_columns=described,
        float_ids=frozenset(i for i in (roles["user"], roles["item"]) if float_ids(sample, i)),
        commas=frozenset(i for i in numbers if have_commas(row[i] for row in sample)),
    )


def _roles(table: Table, wanted: Wanted) -> dict[str, int]:
    roles = dict(EVENT_ROLES)
    if wanted.type:
        roles.pop("type")
    try:
        found = assign(table.columns, roles, wanted.columns)
    except ValueError as error:
        raise UnreadableLog(f"{table.path}: {error}") from error
    if not table.header:
        for role, index in roles_by_content(table.sample, len(table.columns)).items():
            if index not in found.values():
                found.setdefault(role, index)
    return found


def _complete(table: Table, roles: Mapping[str, int]) -> None:
    needed = {"user": "the user", "item": "the item", "ts": "the time"}
    missing = [role for role in needed if role not in roles]
    if missing:
        raise UnreadableLog(
            f"{table.path}: which column holds {', which '.join(needed[role] for role in missing)}? Say it by "
            f"{', '.join(f'--{role}-column NAME' for role in missing)}; there are: {', '.join(table.columns)}"
        )
    for role in needed:
        _check_cells(table, role, roles[role])


def _check_cells(table: Table, role: str, index: int) -> None:
    """What no row can be made of is said once, of the column, and not of each row."""
    given = [row[index] for row in table.sample if row[index] not in (None, "")]
    where = f"{table.path}: the {role} column, {table.columns[index]!r}, holds"
    if given and all(isinstance(value, list | dict) for value in given):
        raise UnreadableLog(
            f"{where} lists or objects: a row per event is read, or a list of objects in a column that is called "
            f"{' or '.join(NESTED)}, or that --list-column names"
        )
    if role == "ts" and given and all(_TIME_OF_DAY.match(str(value)) for value in given):
        raise UnreadableLog(
            f"{where} times of day: one column must hold day and time; --ts-column NAME says it; "
            f"there are: {', '.join(table.columns)}"
        )


def _is_named(columns: Sequence[str], index: int | None, part: str) -> bool:
    return index is not None and (part in plain(columns[index]) or columns[index].isdigit())


def _holds_types(columns: Sequence[str], sample: Sequence[Row], index: int, names: TypeNames) -> bool:
    """A column called `type` may hold types of something else."""
    if plain(columns[index]) not in WEAK_TYPES:
        return True
    return sum(names(row[index]) is not None for row in sample) * 2 >= len(sample)


def _default_type(roles: Mapping[str, int]) -> str:
    if "rating" in roles:
        return "rating"
    return "purchase" if {"basket", "price", "quantity"} & roles.keys() else "view"


def _values(roles: Mapping[str, int]) -> dict[str, int]:
    """A rating for ratings, a dwell time for dwells, a price for the rest; the user's own choice for all."""
    if "value" in roles:
        return {"": roles["value"]}
    found = {role: roles[role] for role in ("rating", "dwell") if role in roles}
    for other in ("price", "rating", "dwell"):
        if other in roles:
            return {**found, "": roles[other]}
    return found


def _context(
    columns: Sequence[str], sample: Sequence[Row], gone: set[int], quantity: int | None
) -> tuple[tuple[str, int, bool], ...]:
    rest = [i for i, c in enumerate(columns) if i == quantity or (i not in gone and plain(c) not in NOT_CONTEXT)]
    fit = [i for i in rest if any(_fits(row[i]) for row in sample)]
    names = numbered(columns)
    return tuple((names[i], i, _is_numeric(sample, i)) for i in fit[:CONTEXT_FIELDS])


def _fits(value: Any) -> bool:
    return (isinstance(value, str) and 0 < len(value) <= 100) or isinstance(value, int | float)


def _is_numeric(sample: Sequence[Row], index: int) -> bool:
    given = [row[index] for row in sample if row[index] not in (None, "")]
    return all(number_of(value) is not None and not is_name(value) for value in given)


def _time(table: Table, index: int, wanted: Wanted) -> TimeFormat:
    given, notation = [row[index] for row in table.sample], wanted.time
    if notation == "auto" and plain(table.columns[index]) in {"day", "daynumber"} and all(map(_is_day_number, given)):
        notation = "d"
    whole = (row[index] for _, row in table.rows(lambda _where, _why: None))
    found = detect_time(given, notation, whole, wanted.zone or UTC)
    if wanted.zone is not None and not found.zoned:
        raise UnreadableLog(f"--timezone: times are {found.name}, which is the same everywhere")
    return found


def _is_day_number(value: Any) -> bool:
    number = number_of(value)
    return value in (None, "") or (number is not None and number < MOST_DAYS)


def float_ids(sample: Sequence[Row], index: int) -> bool:
    """Whether whole numbers were written with ``.0``, as a table with gaps does to its ids."""
    given = [row[index] for row in sample if row[index] not in (None, "")]
    return bool(given) and all(isinstance(g, float) or _FLOAT_ID.match(str(g)) for g in given)
