"""A replay: files → one log in the order of time → messages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.producers.catalogue import encode_item, item_records, open_items
from services.producers.layouts import Wanted
from services.producers.ordering import Ordered, in_order, merged
from services.producers.reading import FAR_FUTURE_MS, Log, open_log, records
from services.producers.records import UNPACED, Outgoing, Record, encode
from services.producers.rejects import Rejects
from shared.contracts.settings import Settings
from shared.contracts.topics import ITEM


@dataclass(frozen=True)
class Options:
    """What is to be replayed. ``item_columns``: field → columns of ``items``. ``shifted``: event times are moved to
    now. ``ties``: of an item's rows all of the earliest time describe it, instead of the first of them in the file.
    """

    files: Sequence[Path]
    items: Path | None = None
    item_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    wanted: Wanted = field(default_factory=Wanted)
    delimiter: str | None = None
    limit: int | None = None
    shifted: bool = False
    derive_items: bool = True
    event_ids: bool = False
    ties: bool = False


@dataclass(frozen=True)
class Replay:
    """Files that were understood and gone through once: ``events`` may be read."""

    logs: tuple[Log, ...]
    events: Ordered
    items: int


def prepare(options: Options, settings: Settings, now_ms: int, rejects: Rejects) -> Replay:
    """Open, check and order everything; what is bad is in ``rejects`` afterwards. Nothing is sent yet."""
    logs = open_logs(options, settings, now_ms)
    ordered = merged([_order(log, rejects) for log in logs]).limited(options.limit)
    return Replay(logs, ordered, sum(1 for _ in catalogue(options, settings, rejects)))


def open_logs(options: Options, settings: Settings, now_ms: int) -> tuple[Log, ...]:
    """Raises :class:`UnreadableLog`."""
    rules = settings.events.model_copy(update={"min_ts_ms": 0} if options.shifted else {})
    checked = settings.model_copy(update={"events": rules})  # a log that will be moved may be as old as it likes
    return tuple(
        open_log(
            path,
            checked,
            options.wanted,
            delimiter=options.delimiter,
            now_ms=FAR_FUTURE_MS if options.shifted else now_ms,
            event_ids=options.event_ids,
            derive_items=options.derive_items and options.items is None,
            ties=options.ties,
        )
        for path in options.files
    )


def _order(log: Log, rejects: Rejects) -> Ordered:
    return in_order(lambda again: records(log, Rejects() if again else rejects))


def catalogue(options: Options, settings: Settings, rejects: Rejects) -> Iterator[Outgoing]:
    """The items of the items file, to be sent before the events."""
    if options.items is None:
        return
    table, layout = open_items(options.items, options.delimiter, options.item_columns)
    for record in item_records(table, layout, settings, rejects):
        yield Outgoing(ITEM, record.item_id.encode(), encode_item(record), UNPACED)


def messages(events: Iterator[Record], shift_ms: int) -> Iterator[Outgoing]:
    """The events, moved in time; before each the catalogue record that it brings."""
    for record in events:
        if record.about is not None:
            yield Outgoing(ITEM, (record.item or "").encode(), record.about, UNPACED)
        yield Outgoing(record.type, record.user.encode(), encode(record, shift_ms), record.ts)
