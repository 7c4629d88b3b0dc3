"""The event, as producers send it: JSON in UTF-8, one per Kafka record, the topic names the type.

Unknown fields are ignored, an unknown version is refused. Validation is one pass of msgspec (types, bounds of
numbers) and a few checks that need settings; what fails is a :class:`BadRecord` with a reason from a closed list.
"""

import re
from math import isfinite
from typing import Any, Protocol, TypeVar

import msgspec

from shared.contracts import reasons
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.event_types import CATEGORICAL, TOLD, EventType, Meaning
from shared.contracts.identity import SESSION_PREFIX, canonical_item, is_plain, normalise
from shared.contracts.sections import EventSettings, IdentitySettings

EVENT_VERSION = 1

Scalar = str | int | float | bool | None


class Event(msgspec.Struct, omit_defaults=True, gc=False):
    """One event of one user (or, before login, of one session) about one item.

    ``ts`` is epoch milliseconds. ``value`` is a price, rating or dwell time. ``context`` is flat: device, country,
    surface, referrer, … ``rec_id`` names the answer that showed the item. ``category`` is what one prefers or avoids.
    """

    ts: int
    user_id: str | None = None
    session_id: str | None = None
    item_id: str | None = None
    event_id: str | None = None
    value: float | None = None
    context: dict[str, Scalar] | None = None
    rec_id: str | None = None
    category: str | None = None
    v: int = EVENT_VERSION


_DECODER = msgspec.json.Decoder(Event)
_FIELD = re.compile(r"`\$\.([^`]+)`")
_MISSING = re.compile(r"missing required field `([^`]+)`")
_BYTE = re.compile(r"\(byte (\d+)\)")
KNOWN_IDS = 100_000
_INT64 = 1 << 63  # what MessagePack, JSON parsers and other languages hold


def decode_event(raw: bytes | None, max_bytes: int) -> Event:
    """Bytes → :class:`Event`; types and JSON only. Raises :class:`BadRecord`."""
    if raw and len(raw) <= max_bytes and raw.isascii():  # is UTF-8 as it stands
        try:
            return _DECODER.decode(raw)
        except DECODE_ERRORS as error:
            raise bad_json(error, raw) from error
    text = checked_text(raw, max_bytes)
    try:
        return _DECODER.decode(text)
    except DECODE_ERRORS as error:
        raise bad_json(error, text.encode()) from error


def checked_text(raw: bytes | None, max_bytes: int) -> str:
    """A record must have a value of bounded size in UTF-8, also in the fields that we ignore."""
    if not raw:
        raise BadRecord(reasons.EMPTY, "the record has no value")
    if len(raw) > max_bytes:
        raise BadRecord(reasons.TOO_LARGE, f"{len(raw)} bytes, {max_bytes} at most")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise bad_json(error, raw) from error


class Versioned(Protocol):
    """A record that says its version."""

    v: int


Record = TypeVar("Record", bound=Versioned)


def decode_record(decoder: msgspec.json.Decoder[Record], raw: bytes, max_bytes: int, version: int) -> Record:
    """Bytes → a record of a known version; types and JSON only. Raises :class:`BadRecord`."""
    text = checked_text(raw, max_bytes)
    try:
        record = decoder.decode(text)
    except DECODE_ERRORS as error:
        raise bad_json(error, raw) from error
    if record.v != version:
        raise BadRecord(reasons.UNKNOWN_VERSION, f"v is {record.v}, known is {version}", "v")
    return record


def bad_json(error: Exception, raw: bytes) -> BadRecord:
    """The verdict behind one of :data:`DECODE_ERRORS`, with the field it is about."""
    if isinstance(error, UnicodeDecodeError):
        return BadRecord(reasons.NOT_UTF8, f"byte {error.start} is not UTF-8")
    if isinstance(error, RecursionError):
        return BadRecord(reasons.MALFORMED, "nested too deeply")
    what = str(error)
    if missing := _MISSING.search(what):
        return BadRecord(reasons.MISSING_FIELD, what, missing.group(1))
    if isinstance(error, msgspec.ValidationError):
        field = _FIELD.search(what)
        reason = reasons.NOT_FINITE if what.startswith("Number out of range") else reasons.WRONG_TYPE
        return BadRecord(reason, what, field.group(1) if field else None)
    if _at_nan(what, raw):
        return BadRecord(reasons.NOT_FINITE, "NaN and Infinity are not JSON numbers")
    return BadRecord(reasons.MALFORMED, what)


def _at_nan(what: str, raw: bytes) -> bool:
    """Whether the parser stumbled over NaN or Infinity, which Python's and others' encoders write."""
    place = _BYTE.search(what)
    return place is not None and raw[int(place.group(1)) :].startswith((b"NaN", b"Infinity"))


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
    if event.category is not None:
        event.category = normalise(event.category, "category", identity, longest)
    _check_needs(event, kind)
    _check_text(event.event_id, "event_id", longest)
    _check_text(event.rec_id, "rec_id", longest)
    if event.value is not None and not isfinite(event.value):
        raise BadRecord(reasons.NOT_FINITE, f"value is {event.value}", "value")
    _check_context(event.context, rules)
    return event


class Judge:
    """:func:`decode_event` and :func:`validate_event` of one event after the other, quicker: ids that were found right
    as they are need not be looked at again. Of users' and of items' ids at most :data:`KNOWN_IDS` each are remembered.
    """

    def __init__(self, rules: EventSettings, identity: IdentitySettings) -> None:
        self._rules, self._identity = rules, identity
        self._longest, self._most_bytes = rules.max_id_length, rules.max_record_bytes
        self._min_ts, self._tolerance = rules.min_ts_ms, rules.future_tolerance_ms
        self._users: set[str] = set()
        self._items: set[str] = set()

    def event(self, raw: bytes | None, kind: EventType, now_ms: int) -> Event:
        """The event with its ids normalised, or :class:`BadRecord`. ``now_ms`` is the broker's time of the record."""
        event = decode_event(raw, self._most_bytes)
        user, item, key = event.user_id, event.item_id, event.event_id
        if (
            (user in self._users or self._find_right(user, self._users))
            and (item in self._items or self._find_right(item, self._items))
            and (key is None or (0 < len(key) <= self._longest and key.isprintable()))
            and self._min_ts <= event.ts <= now_ms + self._tolerance
            and (event.value is None or isfinite(event.value))
            and event.session_id is None
            and event.rec_id is None
            and event.context is None
            and event.category is None
            and kind.meaning not in TOLD
            and event.v == EVENT_VERSION
        ):
            return event
        return validate_event(event, kind, now_ms, self._rules, self._identity)

    def _find_right(self, given: str | None, known: set[str]) -> bool:
        """Whether an id is right as it is; then it is remembered."""
        if given is None or given in self._identity.aliases or not is_plain(given, self._longest):
            return False
        if len(known) >= KNOWN_IDS:
            known.clear()
        known.add(given)
        return True


def _check_needs(event: Event, kind: EventType) -> None:
    """What a type cannot do without, beside its item."""
    if kind.meaning in CATEGORICAL and event.category is None:
        raise BadRecord(reasons.MISSING_FIELD, "category is not given", "category")
    if kind.meaning is Meaning.IDENTIFY:
        for field in ("user_id", "session_id"):
            if getattr(event, field) is None:
                raise BadRecord(reasons.MISSING_FIELD, f"{field} is not given", field)


def _check_text(text: str | None, field: str, longest: int) -> None:
    """Ids that are taken as they are."""
    if text is None:
        return
    if not text:
        raise BadRecord(reasons.ID_EMPTY, f"{field} is empty", field)
    if len(text) > longest:
        raise BadRecord(reasons.ID_TOO_LONG, f"{field} has {len(text)} characters, {longest} at most", field)
    if not text.isprintable():
        raise BadRecord(reasons.ID_UNPRINTABLE, f"{field} has characters that cannot be printed", field)


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
        check_number(value, f"context.{name[:32]}")


def check_number(value: Scalar, field: str) -> None:
    """JSON's integers have no bound; everybody else's have."""
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise BadRecord(reasons.NOT_FINITE, f"{field} is beyond 64 bits", field)


def profile_of(event: Event) -> str:
    """Whose profile the event belongs to: the user's, or before login the session's."""
    return event.user_id if event.user_id is not None else f"{SESSION_PREFIX}{event.session_id}"


def encode_event(fields: dict[str, Any]) -> bytes:
    """What a producer of ours sends; validated again at ingest like everybody's."""
    return msgspec.json.encode(fields)
