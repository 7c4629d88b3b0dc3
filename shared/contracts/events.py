"""The event, as producers send it: JSON in UTF-8, one per Kafka record, the topic names the type.

Unknown fields are ignored, an unknown version is refused. Validation is one pass of msgspec (types, bounds of
numbers) and a few checks that need settings; what fails is a :class:`BadRecord` with a reason from a closed list.
"""

import re
from math import isfinite
from typing import Any

import msgspec

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.event_types import EventType
from shared.contracts.identity import canonical_item, normalise
from shared.contracts.settings import EventSettings, IdentitySettings

EVENT_VERSION = 1
SESSION_PREFIX = "session:"

Scalar = str | int | float | bool | None


class Event(msgspec.Struct, omit_defaults=True, gc=False):
    """One event of one user (or, before login, of one session) about one item.

    ``ts`` is epoch milliseconds. ``value`` is a price, rating or dwell time. ``context`` is flat: device, country,
    surface, referrer, … ``rec_id`` names the answer that showed the item.
    """

    ts: int
    user_id: str | None = None
    session_id: str | None = None
    item_id: str | None = None
    event_id: str | None = None
    value: float | None = None
    context: dict[str, Scalar] | None = None
    rec_id: str | None = None
    v: int = EVENT_VERSION


_DECODER = msgspec.json.Decoder(Event)
_FIELD = re.compile(r"`\$\.([^`]+)`")
_MISSING = re.compile(r"missing required field `([^`]+)`")


def decode_event(raw: bytes | None, max_bytes: int) -> Event:
    """Bytes → :class:`Event`; types and JSON only. Raises :class:`BadRecord`."""
    check_bytes(raw, max_bytes)
    try:
        return _DECODER.decode(raw)  # type: ignore[arg-type]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_json(error, raw) from error  # type: ignore[arg-type]


def check_bytes(raw: bytes | None, max_bytes: int) -> None:
    """A record must have a value of bounded size."""
    if not raw:
        raise BadRecord(reasons.EMPTY, "the record has no value")
    if len(raw) > max_bytes:
        raise BadRecord(reasons.TOO_LARGE, f"{len(raw)} bytes, {max_bytes} at most")


def bad_json(error: Exception, raw: bytes) -> BadRecord:
    """The verdict behind a msgspec error, with the field it is about."""
    try:
        raw.decode()
    except UnicodeDecodeError as wrong:
        return BadRecord(reasons.NOT_UTF8, f"byte {wrong.start} is not UTF-8")
    text = str(error)
    if missing := _MISSING.search(text):
        return BadRecord(reasons.MISSING_FIELD, text, missing.group(1))
    if "out of range" in text.lower() and not isinstance(error, msgspec.ValidationError):
        return BadRecord(reasons.NOT_FINITE, text)
    if isinstance(error, msgspec.ValidationError):
        field = _FIELD.search(text)
        return BadRecord(reasons.WRONG_TYPE, text, field.group(1) if field else None)
    if _has_nan(raw):
        return BadRecord(reasons.NOT_FINITE, "NaN and Infinity are not JSON numbers")
    return BadRecord(reasons.MALFORMED, text)


def _has_nan(raw: bytes) -> bool:
    """Whether the text would be JSON but for NaN or Infinity, which Python's and others' encoders write."""
    return re.search(rb"[:\[,]\s*-?(NaN|Infinity)\b", raw) is not None


def validate_event(
    event: Event, kind: EventType, now_ms: int, rules: EventSettings, identity: IdentitySettings
) -> Event:
    """The event with its ids normalised, or :class:`BadRecord`. ``now_ms`` is the broker's time of the record."""
    if event.v != EVENT_VERSION:
        raise BadRecord(reasons.UNKNOWN_VERSION, f"v is {event.v}, known is {EVENT_VERSION}", "v")
    _check_time(event.ts, now_ms, rules)
    longest = rules.max_id_length
    if event.user_id is not None:
        event.user_id = normalise(event.user_id, "user_id", identity, longest)
    if event.session_id is not None:
        event.session_id = normalise(event.session_id, "session_id", identity, longest)
    if event.user_id is None and event.session_id is None:
        raise BadRecord(reasons.MISSING_USER, "neither user_id nor session_id is given", "user_id")
    if event.item_id is not None:
        event.item_id = canonical_item(normalise(event.item_id, "item_id", identity, longest), identity)
    elif kind.needs_item:
        raise BadRecord(reasons.MISSING_FIELD, "item_id is not given", "item_id")
    for field in ("event_id", "rec_id"):
        given = getattr(event, field)
        if given is not None and not 0 < len(given) <= longest:
            raise BadRecord(
                reasons.ID_TOO_LONG if given else reasons.ID_EMPTY, f"{field}: 1–{longest} characters", field
            )
    if event.value is not None and not isfinite(event.value):
        raise BadRecord(reasons.NOT_FINITE, f"value is {event.value}", "value")
    _check_context(event.context, rules)
    return event


def _check_time(ts: int, now_ms: int, rules: EventSettings) -> None:
    if ts < rules.min_ts_ms:
        hint = "; are these seconds? ts is in milliseconds" if 0 < ts < rules.min_ts_ms else ""
        raise BadRecord(reasons.TIMESTAMP_TOO_OLD, f"ts {ts} is before {rules.min_ts_ms}{hint}", "ts")
    if ts > now_ms + rules.future_tolerance_ms:
        raise BadRecord(reasons.TIMESTAMP_IN_FUTURE, f"ts {ts} is {ts - now_ms} ms ahead of the broker", "ts")


def _check_context(context: dict[str, Scalar] | None, rules: EventSettings) -> None:
    if context is None:
        return
    if len(context) > rules.max_context_fields:
        raise BadRecord(
            reasons.TOO_MUCH_CONTEXT, f"{len(context)} fields, {rules.max_context_fields} at most", "context"
        )
    for name, value in context.items():
        if len(name) > rules.max_id_length or (isinstance(value, str) and len(value) > rules.max_id_length):
            raise BadRecord(reasons.TOO_MUCH_CONTEXT, f"{name[:32]!r} is too long", f"context.{name[:32]}")


def profile_of(event: Event) -> str:
    """Whose profile the event belongs to: the user's, or before login the session's."""
    return event.user_id if event.user_id is not None else f"{SESSION_PREFIX}{event.session_id}"


def encode_event(fields: dict[str, Any]) -> bytes:
    """What a producer of ours sends; validated again at ingest like everybody's."""
    return msgspec.json.encode(fields)
