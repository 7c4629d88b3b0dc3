"""Logs of any layout that ``headrace replay`` reads → one :class:`EventLog`."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
import orjson

from services.evaluate.event_log import NONE, EventLog
from services.producers.catalogue import item_records, open_items
from services.producers.records import Record
from services.producers.rejects import Rejects
from services.producers.replay import Options, prepare
from shared.contracts.catalogue import ItemRecord
from shared.contracts.errors import HeadraceError
from shared.contracts.event_types import Meaning
from shared.contracts.settings import Settings
from shared.core.kernel import Floats, Ints, Longs

NOT_LEARNED = (Meaning.RELEASE, Meaning.REFUSE, Meaning.NOTE)
_ITEM = msgspec.json.Decoder(ItemRecord)


@dataclass(frozen=True)
class Loaded:
    """``left_out``: event type → how many of it are no target and not learned."""

    log: EventLog
    left_out: dict[str, int]


def load(options: Options, settings: Settings, rejects: Rejects, *, upto: float = 1.0, baskets: bool = False) -> Loaded:
    """Raises :class:`HeadraceError` if nothing can be evaluated. What is bad is in ``rejects`` afterwards.

    ``upto``: only this share of the log, from its beginning. ``baskets``: a basket happens as a whole, at the time of
    its last event.
    """
    old_too = replace(options, shifted=True, ties=True)  # a log of any age is as good as another
    records, described, others = _learned(prepare(old_too, settings, 0, rejects).events.read(), settings)
    records.sort(key=_order)  # before the cut, which may fall among events of one time
    records = records[: int(len(records) * upto)]
    if not records:
        raise HeadraceError("no event to evaluate in these files" + (": every row is bad" if rejects.count else ""))
    catalogue = _catalogue(options, settings, {record.item for record in records}, described)
    name = "+".join(path.name for path in options.files)
    left_out = Counter(kind for ts, kind in others if upto == 1.0 or ts <= records[-1].ts)
    log = event_log(name, records, catalogue, ahead=options.items is not None, baskets=baskets)
    return Loaded(log, dict(sorted(left_out.items())))


def _order(record: Record) -> tuple[int, str, str, str, float, str, str]:
    """Time, user, item; what is left after that must not depend on the order of the file either."""
    value = -math.inf if record.value is None else record.value
    return record.ts, record.user, record.item or "", record.type, value, record.basket or "", record.session or ""


def _learned(
    records: Iterator[Record], settings: Settings
) -> tuple[list[Record], dict[str, bytes], list[tuple[int, str]]]:
    """Of records in the order of time: those that are learned, what the first of all says of each item (of several of
    one time the least text, whatever their order), and (ts, type) of those that are left out.
    """
    kept: list[Record] = []
    described: dict[str, tuple[int, bytes]] = {}
    left_out: list[tuple[int, str]] = []
    for record in records:
        if record.item is not None and record.about is not None:
            said = record.ts, record.about
            described[record.item] = min(described.get(record.item, said), said)
        if record.item is None or settings.events.types[record.type].meaning in NOT_LEARNED:
            left_out.append((record.ts, record.type))
        else:
            kept.append(record)
    return kept, {item: about for item, (_, about) in described.items()}, left_out


def _catalogue(
    options: Options, settings: Settings, named: set[str | None], described: dict[str, bytes]
) -> dict[str, ItemRecord]:
    """Item id → record: of a file of items the last of each; else what rows ``described``, of those ``named``."""
    if options.items is not None:
        table, layout = open_items(options.items, options.delimiter, options.item_columns)
        return {record.item_id: record for record in item_records(table, layout, settings, Rejects())}
    return {item: _ITEM.decode(about) for item, about in described.items() if item in named}


def event_log(
    name: str, records: Sequence[Record], catalogue: dict[str, ItemRecord], *, ahead: bool, baskets: bool
) -> EventLog:
    """Records in the order of time → columns, ordered by (time, user, item); with ``baskets`` by (time of the basket,
    user, basket, item).
    """
    user, users = _numbered([record.user for record in records])
    item, items = _numbered([record.item or "" for record in records], catalogue)
    kind, kinds = _numbered([record.type for record in records])
    basket, _ = _numbered([record.basket for record in records])
    session, _ = _numbered([record.session for record in records])
    context, contexts = _numbered([_context(record) for record in records])
    ts: Longs = np.array([record.ts for record in records], dtype=np.int64)
    value: Floats = np.array([record.value for record in records], dtype=np.float64)  # None becomes NaN
    order = np.lexsort((item, user, ts))
    if baskets:
        ts = basket_times(ts, user, basket)
        order = np.lexsort((item, basket, user, ts))
    return EventLog(
        name, ts[order], user[order], item[order], kind[order], value[order], basket[order], session[order],
        context[order], users, items, kinds, [text.encode() for text in contexts],
        {number: catalogue[id_] for number, id_ in enumerate(items) if id_ in catalogue}, ahead,
    )  # fmt: skip


def _numbered(texts: Sequence[str | None], more: Sequence[str] | dict[str, ItemRecord] = ()) -> tuple[Ints, list[str]]:
    """The number of each text in the ascending list of all of them; :data:`NONE` for None."""
    known = sorted({text for text in texts if text is not None} | set(more))
    number: dict[str | None, int] = {text: n for n, text in enumerate(known)}
    return np.array([number.get(text, NONE) for text in texts], dtype=np.int32), known


def _context(record: Record) -> str | None:
    return orjson.dumps(record.context, option=orjson.OPT_SORT_KEYS).decode() if record.context else None


def basket_times(ts: Longs, user: Ints, basket: Ints) -> Longs:
    """Each event's time, or the time of the last event of its user's basket: int64[n]."""
    _, which = np.unique(user.astype(np.int64) * (int(basket.max()) + 2) + basket, return_inverse=True)
    last = np.full(which.max() + 1, np.iinfo(np.int64).min)
    np.maximum.at(last, which, ts)
    return np.where(basket == NONE, ts, last[which])
