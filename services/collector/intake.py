"""The body of a request → events ready to send, all of them or none. Pure: the clock and the ids are parameters."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus

import msgspec

from services.web.outbox import Accepted
from shared.contracts import reasons
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.event_types import EventType
from shared.contracts.events import Event, bad_json, profile_of, validate_event
from shared.contracts.settings import Settings

NO_TIME = -(1 << 63)
_INDEX = re.compile(r"`\$\[(\d+)\]")


class Sent(Event, omit_defaults=True, gc=False, kw_only=True):
    """An event as the collector takes it: with its type, and without a time where the collector's own will do."""

    type: str
    ts: int = NO_TIME


_ONE = msgspec.json.Decoder(Sent)
_MANY = msgspec.json.Decoder(list[Sent])
_ENCODER = msgspec.json.Encoder()


class Refused(Exception):  # noqa: N818 - it becomes an answer
    """The request is refused as a whole. ``index`` is the event's place in the array."""

    def __init__(
        self, status: HTTPStatus, reason: str, detail: str, field: str | None = None, index: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.reason, self.detail, self.field, self.index = status, reason, detail, field, index


def take(body: bytes, settings: Settings, now_ms: int, new_id: Callable[[], str]) -> list[Accepted]:
    """One event or an array of them. Raises :class:`Refused`, naming the field and the index."""
    sent, is_array = _decode(body)
    if len(sent) > settings.collector.max_batch:
        raise Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            reasons.TOO_LARGE,
            f"{len(sent)} events, {settings.collector.max_batch} at most",
        )
    return [_accept(one, n if is_array else None, settings, now_ms, new_id) for n, one in enumerate(sent)]


def _decode(body: bytes) -> tuple[list[Sent], bool]:
    is_array = body.lstrip()[:1] == b"["
    try:
        text = body.decode()  # all of it is to be UTF-8, also what is ignored
        return (_MANY.decode(text), True) if is_array else ([_ONE.decode(text)], False)
    except DECODE_ERRORS as error:
        verdict = bad_json(error, body) if body else BadRecord(reasons.EMPTY, "the request has no body")
        place = _INDEX.search(str(error))
        right_json = isinstance(error, msgspec.ValidationError)
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY if right_json else HTTPStatus.BAD_REQUEST,
            verdict.reason,
            verdict.detail,
            verdict.field or _field_in_array(str(error)),
            int(place[1]) if place else None,
        ) from error


def _field_in_array(text: str) -> str | None:
    found = re.search(r"`\$\[\d+\]\.([^`]+)`", text)
    return found[1] if found else None


def _accept(sent: Sent, index: int | None, settings: Settings, now_ms: int, new_id: Callable[[], str]) -> Accepted:
    types: Mapping[str, EventType] = settings.events.types
    event = Event(
        now_ms if sent.ts == NO_TIME else sent.ts,
        sent.user_id,
        sent.session_id,
        sent.item_id,
        new_id() if sent.event_id is None else sent.event_id,
        sent.value,
        sent.context,
        sent.rec_id,
        sent.category,
        sent.v,
    )
    try:
        if sent.type not in types:
            known = ", ".join(types)
            raise BadRecord(reasons.UNKNOWN_TYPE, f"{sent.type[:64]!r} is no event type; known: {known}", "type")  # noqa: TRY301
        validate_event(event, types[sent.type], now_ms, settings.events, settings.identity)
        value = _ENCODER.encode(event)
        if len(value) > settings.events.max_record_bytes:
            raise BadRecord(reasons.TOO_LARGE, f"the event has {len(value)} bytes")  # noqa: TRY301
    except BadRecord as why:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, why.reason, why.detail, why.field, index) from why
    return Accepted(sent.type, str(event.event_id), profile_of(event).encode(), value)
