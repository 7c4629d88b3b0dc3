"""One event of a log, whatever the log looked like: what replay publishes and what an evaluation reads."""

import msgspec

from shared.contracts.events import Event, Scalar
from shared.contracts.identity import SESSION_PREFIX

UNPACED = -1
BASKET = "basket"  # the field of an event's context that names what was bought together


class Record(msgspec.Struct, gc=False, array_like=True):
    """``ts`` is epoch ms; ids are normalised; ``where`` is the line (or row) of the file, for a person.

    ``about`` is the catalogue record (JSON) that this row gave of its item, where the row was the first to name it, or
    is of an earlier time than those before it that did.
    """

    ts: int
    type: str
    user: str
    item: str | None
    value: float | None = None
    context: dict[str, Scalar] | None = None
    basket: str | None = None
    session: str | None = None
    event_id: str | None = None
    where: str = ""
    about: bytes | None = None


class Outgoing(msgspec.Struct, gc=False):
    """What a publisher sends: ``kind`` is an event type, `item` or `batch-list`; ``at`` (epoch ms of the log) paces it;
    ``partition`` -1: by the key.
    """

    kind: str
    key: bytes
    value: bytes | None
    at: int
    partition: int = -1


_ENCODER = msgspec.json.Encoder()


def encode(record: Record, shift_ms: int = 0) -> bytes:
    """The record as the JSON of an :class:`Event`, moved by ``shift_ms``; the basket travels in the context. A guest is
    named by the session alone.
    """
    context = record.context
    guest = record.session is not None and record.user == SESSION_PREFIX + record.session
    if record.basket is not None:
        context = {**(context or {}), BASKET: record.basket}
    return _ENCODER.encode(
        Event(
            record.ts + shift_ms,
            None if guest else record.user,
            record.session,
            record.item,
            record.event_id,
            record.value,
            context,
        )
    )
