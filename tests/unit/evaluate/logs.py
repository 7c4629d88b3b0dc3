"""Small logs with known answers, written as lines of ``user item`` one minute apart."""

from collections.abc import Sequence

from services.evaluate.event_log import EventLog
from services.evaluate.loading import event_log
from services.producers.records import Record
from shared.contracts.catalogue import ItemRecord

BEGIN = 1_700_006_400_000  # midnight
MINUTE = 60_000


def record(user: str, item: str, minute: float, kind: str = "view", **more: object) -> Record:
    return Record(BEGIN + int(minute * MINUTE), kind, user, item, **more)  # type: ignore[arg-type]


def of(
    records: Sequence[Record],
    categories: dict[str, list[str]] | None = None,
    *,
    ahead: bool = True,
    baskets: bool = False,
) -> EventLog:
    catalogue = {item: ItemRecord(item, categories=kinds) for item, kinds in (categories or {}).items()}
    return event_log("log", records, catalogue, ahead=ahead, baskets=baskets)


def lines(*events: str, categories: dict[str, list[str]] | None = None) -> EventLog:
    """``"u a"``: one event; the n-th happens in minute n."""
    pairs = [event.split() for event in events]
    return of([record(user, item, minute) for minute, (user, item) in enumerate(pairs)], categories)


def checkerboard(users: int, visits: int = 4) -> EventLog:
    """Even users see items a0 … a3, odd ones b0 … b3, one after the other: whoever has seen one sees the others."""
    return of(
        [
            record(f"u{user:03d}", f"{'ab'[user % 2]}{(visit + user // 2) % 4}", user * visits + visit)
            for user in range(users)
            for visit in range(visits)
        ]
    )
