"""Rows of a log → records, in a stream: ids normalised and all of it checked as ingest will check it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from services.producers.catalogue import DerivedItems
from services.producers.files import Row, Table, UnreadableLog
from services.producers.item_cells import id_text, is_name
from services.producers.jsonl import NESTED
from services.producers.layouts import Layout, Wanted, detect
from services.producers.numbers import number_of, with_point
from services.producers.records import BASKET, Record
from services.producers.rejects import Rejects, not_utf8
from services.producers.tables import open_table
from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.events import Event, Scalar, profile_of, validate_event
from shared.contracts.settings import Settings

FAR_FUTURE_MS = 253_402_300_799_999  # for logs whose times will be moved: the last that calendars have, of year 9999
_FINGERPRINTED = 65_536  # bytes of a file that tell it from another of the same name


@dataclass(frozen=True)
class Log:
    """A file that was understood. ``now_ms`` bounds event times; ``event_ids``: derive them from the file and line;
    ``derive_items``: let rows that describe their item bring its catalogue record, ``ties``: all of its first time.
    """

    table: Table
    layout: Layout
    settings: Settings
    now_ms: int = FAR_FUTURE_MS
    event_ids: bool = False
    derive_items: bool = False
    ties: bool = False

    @property
    def name(self) -> str:
        return self.table.path.name


def open_log(
    path: Path,
    settings: Settings,
    wanted: Wanted | None = None,
    *,
    delimiter: str | None = None,
    now_ms: int = FAR_FUTURE_MS,
    event_ids: bool = False,
    derive_items: bool = False,
    ties: bool = False,
) -> Log:
    """Open a file and find out how it is laid out. Raises :class:`UnreadableLog`."""
    wanted = wanted or Wanted()
    table = open_table(path, delimiter, [wanted.list] if wanted.list else NESTED)
    layout = detect(table, wanted, settings.events.types)
    if layout.default_type not in settings.events.types:
        raise UnreadableLog(f"{layout.default_type!r} is no event type; known: {', '.join(settings.events.types)}")
    return Log(table, layout, settings, now_ms, event_ids, derive_items, ties)


def records(log: Log, rejects: Rejects) -> Iterator[Record]:
    """The log's events in the order of the file; what is none goes to ``rejects``. A stream."""
    convert = converter(log)
    describes = log.derive_items and log.layout.describes_items
    derived = DerivedItems(log.layout, log.settings, ties=log.ties) if describes else None

    def reject(where: str, why: BadRecord) -> None:
        rejects.add(log.name, where, why)

    for where, row in log.table.rows(reject):
        try:
            record = convert(where, row)
        except BadRecord as why:
            reject(where, why)
            continue
        if derived:
            record.about = derived.first_sight(record.item, record.ts, row)
        yield record


def converter(log: Log) -> Callable[[str, Row], Record]:
    """The function of (place, row) that makes a record of this layout, or raises :class:`BadRecord`."""
    layout, settings = log.layout, log.settings
    roles, types = layout.roles, settings.events.types
    user, item, parse_ts, ts = roles["user"], roles["item"], layout.time.parse, roles["ts"]
    session, basket, event_id = roles.get("session"), roles.get("basket"), roles.get("event_id")
    type_of, context_of, value_of = _type_reader(layout), _context_reader(layout), _value_reader(layout)
    user_id, item_id = _id_reader(layout, user), _id_reader(layout, item)
    stamp = f"{_fingerprint(log.table.path)}:" if log.event_ids else ""

    def convert(where: str, row: Row) -> Record:
        kind = type_of(row)
        event = validate_event(
            Event(
                parse_ts(row[ts]),
                user_id(row[user]),
                id_text(row[session]) if session is not None else None,
                item_id(row[item]),
                id_text(row[event_id]) if event_id is not None else stamp + where if stamp else None,
                value_of(kind, row),
                context_of(row),
            ),
            types[kind],
            log.now_ms,
            settings.events,
            settings.identity,
        )
        bought_in = id_text(row[basket]) if basket is not None else None
        if bought_in is not None and len(bought_in) > settings.events.max_id_length:
            raise BadRecord(reasons.TOO_MUCH_CONTEXT, "the basket is too long", f"context.{BASKET}")
        _check_utf8(bought_in, BASKET)
        return Record(
            event.ts, kind, profile_of(event), event.item_id, event.value, event.context, bought_in,
            event.session_id, event.event_id, where,
        )  # fmt: skip

    return convert


def _id_reader(layout: Layout, column: int) -> Callable[[Any], str | None]:
    if column not in layout.float_ids:
        return id_text

    def whole(value: Any) -> str | None:
        text = id_text(value)
        return text.removesuffix(".0") if text else text

    return whole


def _type_reader(layout: Layout) -> Callable[[Row], str]:
    """The event type of a row; without a type column a negative quantity is a return."""
    column, default, names = layout.roles.get("type"), layout.default_type, layout.names
    quantity = layout.roles.get("quantity") if default == "purchase" else None

    def typed(row: Row) -> str:
        found = names(row[column])  # type: ignore[index]
        if found is None:
            raise BadRecord(reasons.UNKNOWN_TYPE, f"{str(row[column])[:40]!r} is no event type", "type")  # type: ignore[index]
        return found

    def by_quantity(row: Row) -> str:
        return "return" if (number_of(_number_in(row, quantity, layout)) or 0) < 0 else default  # type: ignore[arg-type]

    if column is not None:
        return typed
    return by_quantity if quantity is not None else lambda _row: default


def _value_reader(layout: Layout) -> Callable[[str, Row], float | None]:
    columns, other = layout.value, layout.value.get("")

    def value_of(kind: str, row: Row) -> float | None:
        column = columns.get(kind, other)
        if column is None:
            return None
        given = _number_in(row, column, layout)
        if given is None or given == "":
            return None
        with suppress(TypeError, ValueError, OverflowError):
            if not isinstance(given, bool):
                return float(given)
        raise BadRecord(reasons.WRONG_TYPE, f"value {str(given)[:40]!r} is not a number", "value")

    return value_of if columns else lambda _kind, _row: None


def _number_in(row: Row, column: int, layout: Layout) -> Any:
    """The cell as numbers are written elsewhere; what is none as it is."""
    return with_point(row[column]) if column in layout.commas else row[column]


def _context_reader(layout: Layout) -> Callable[[Row], dict[str, Scalar] | None]:
    """The other columns; empty cells and what is no plain value are left out."""
    fields = layout.context

    def context_of(row: Row) -> dict[str, Scalar] | None:
        found: dict[str, Scalar] = {}
        for name, column, numeric in fields:
            value = row[column]
            if value is None or value == "":
                continue
            if numeric and isinstance(value, str):
                value = _number(value)
            if isinstance(value, str):
                _check_utf8(value, name)
            if isinstance(value, str | int) or (isinstance(value, float) and value - value == 0):
                found[name] = value
        return found or None

    return context_of if fields else lambda _row: None


def _check_utf8(text: str | None, name: str) -> None:
    """Text of a context's field; ids are looked at by the contract."""
    if text is not None and not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise not_utf8(error, f"context.{name}") from error


def _number(text: str) -> int | float | str:
    if is_name(text):
        return text
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def _fingerprint(path: Path) -> str:
    """The same for the same name and beginning, so that a replay repeated gives the same ids."""
    with path.open("rb") as file:
        return blake2b(file.read(_FINGERPRINTED), digest_size=6, key=path.name.encode()[:64]).hexdigest()
