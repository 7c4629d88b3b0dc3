"""Frames written by hand for tests of the core."""

from dataclasses import dataclass

import numpy as np

from shared.contracts.frames import COLUMNS, FRAME_VERSION, NONE, Frame
from shared.core.tables.interning import order_key
from shared.core.texts.carried_ids import ids_of

DAY = 86_400_000
START = 1_700_000_000_000


@dataclass(frozen=True)
class Row:
    """One row; ``at`` are minutes after START, ``offset`` the raw record's (a running number if None)."""

    user: str | None
    item: str | None
    at: float = 0.0
    kind: str = "view"
    offset: int | None = None
    event_id: str | None = None
    record: bytes | None = None
    value: float | None = None
    context: bytes | None = None
    session: str | None = None


def frame_of(rows: list[Row], first_offset: int = 0, topic: str = "view", partition: int = 0) -> Frame:
    """The frame that ingest would have made of these rows."""
    tables: dict[str, dict[str, int]] = {"kind": {}, "user": {}, "item": {}, "session": {}}
    records: list[bytes] = []
    contexts: dict[bytes, int] = {}

    def index(table: str, text: str | None) -> int:
        return NONE if text is None else tables[table].setdefault(text, len(tables[table]))

    columns: dict[str, list[float]] = {name: [] for name in COLUMNS}
    for number, row in enumerate(rows):
        ts = START + round(row.at * 60_000)
        if row.record is not None:
            records.append(row.record)
        values = {
            "source": 0,
            "source_partition": partition,
            "source_offset": first_offset + number if row.offset is None else row.offset,
            "arrived": ts,
            "kind": index("kind", row.kind),
            "key": order_key(row.event_id) if row.event_id else 0,
            "user": index("user", row.user),
            "item": index("item", row.item),
            "ts": ts,
            "value": float("nan") if row.value is None else row.value,
            "session": index("session", row.session),
            "context": NONE if row.context is None else contexts.setdefault(row.context, len(contexts)),
            "rec": NONE,
            "record": len(records) - 1 if row.record is not None else NONE,
        }
        for name, value in values.items():
            columns[name].append(value)
    return Frame(
        v=FRAME_VERSION,
        n=len(rows),
        sources=[topic],
        kinds=list(tables["kind"]),
        users=ids_of(list(tables["user"])),
        items=ids_of(list(tables["item"])),
        sessions=list(tables["session"]),
        contexts=list(contexts),
        recs=[],
        records=records,
        columns={name: np.array(columns[name], dtype=dtype).tobytes() for name, dtype in COLUMNS.items()},
    )
