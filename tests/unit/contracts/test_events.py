import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.event_types import EventType
from shared.contracts.events import Event, Judge, decode_event, encode_event, profile_of, validate_event
from shared.contracts.reasons import REASONS
from shared.contracts.sections import EventSettings, IdentitySettings

NOW = 1_800_000_000_000
RULES = EventSettings()
GOOD: dict[str, Any] = {"user_id": "u", "item_id": "i", "ts": NOW}


def read(raw: bytes | None, kind: EventType | None = None) -> Event:
    event = decode_event(raw, RULES.max_record_bytes)
    return validate_event(event, kind or EventType(), NOW, RULES, IdentitySettings())


def verdict(raw: bytes | None) -> tuple[str, str | None]:
    with pytest.raises(BadRecord) as caught:
        read(raw)
    assert caught.value.detail
    return caught.value.reason, caught.value.field


def with_fields(**fields: object) -> bytes:
    return json.dumps(GOOD | fields).encode()


def number(field: str, text: str) -> bytes:
    """A number that json.dumps does not write."""
    return with_fields(**{field: "@"}).replace(b'"@"', text.encode())


def nested(opening: bytes, closing: bytes) -> bytes:
    return b'{"user_id":"u","item_id":"i","ts":1,"x":' + opening * 100_000 + b"1" + closing * 100_000 + b"}"


BAD = {
    "null": (None, reasons.EMPTY, None),
    "empty": (b"", reasons.EMPTY, None),
    "5 MB": (b"x" * 5_000_000, reasons.TOO_LARGE, None),
    "bad UTF-8 in a field": (b'{"user_id":"\xff\xfe","item_id":"i","ts":1800000000000}', reasons.NOT_UTF8, None),
    "bad UTF-8 in an ignored field": (with_fields(x="@").replace(b"@", b"\xff"), reasons.NOT_UTF8, None),
    "an encoded surrogate": (with_fields(user_id="@").replace(b"@", b"\xed\xa0\x80"), reasons.NOT_UTF8, None),
    "bytes": (b"\xff\xfe\x00", reasons.NOT_UTF8, None),
    "cut": (b'{"user_id": "u", ', reasons.MALFORMED, None),
    "white space": (b" \n", reasons.MALFORMED, None),
    "byte order mark": (b"\xef\xbb\xbf" + with_fields(), reasons.MALFORMED, None),
    "two documents": (with_fields() + b"{}", reasons.MALFORMED, None),
    "raw control character": (with_fields(user_id="@").replace(b"@", b"\x00"), reasons.MALFORMED, None),
    "lone surrogate in user": (with_fields(user_id="\ud800"), reasons.MALFORMED, None),
    "lone surrogate in event_id": (with_fields(event_id="\udc00\ud800"), reasons.MALFORMED, None),
    "lone surrogate in context": (with_fields(context={"\ud800": "\udfff"}), reasons.MALFORMED, None),
    "word": (number("value", "nope"), reasons.MALFORMED, None),
    "NaN beside the fault": (number("value", "tru").replace(b'"u"', b'"u: NaN"'), reasons.MALFORMED, None),
    "deep lists": (nested(b"[", b"]"), reasons.MALFORMED, None),
    "deep objects": (nested(b'{"a":', b"}"), reasons.MALFORMED, None),
    "NaN": (number("value", "NaN"), reasons.NOT_FINITE, None),
    "Infinity": (number("value", "Infinity"), reasons.NOT_FINITE, None),
    "-Infinity": (number("value", "-Infinity"), reasons.NOT_FINITE, None),
    "NaN in an ignored field": (number("x", "NaN"), reasons.NOT_FINITE, None),
    "1e999": (number("value", "1e999"), reasons.NOT_FINITE, "value"),
    "ts 1e999": (number("ts", "1e999"), reasons.NOT_FINITE, "ts"),
    "10^400": (number("value", "1" + "0" * 400), reasons.NOT_FINITE, "value"),
    "2^63 in context": (with_fields(context={"a": 1 << 63}), reasons.NOT_FINITE, "context.a"),
    "JSON null": (b"null", reasons.WRONG_TYPE, None),
    "array": (b"[]", reasons.WRONG_TYPE, None),
    "deep array": (b"[" * 100_000, reasons.WRONG_TYPE, None),
    "ts as text": (with_fields(ts="2026-01-01"), reasons.WRONG_TYPE, "ts"),
    "ts as float": (with_fields(ts=1.5), reasons.WRONG_TYPE, "ts"),
    "ts as bool": (with_fields(ts=True), reasons.WRONG_TYPE, "ts"),
    "ts null": (with_fields(ts=None), reasons.WRONG_TYPE, "ts"),
    "user as number": (with_fields(user_id=5), reasons.WRONG_TYPE, "user_id"),
    "value as text": (with_fields(value="NaN"), reasons.WRONG_TYPE, "value"),
    "v as text": (with_fields(v="1"), reasons.WRONG_TYPE, "v"),
    "nested context": (with_fields(context={"a": {"b": 1}}), reasons.WRONG_TYPE, "context[...]"),
    "no ts": (b'{"user_id": "u", "item_id": "i"}', reasons.MISSING_FIELD, "ts"),
    "no item": (with_fields(item_id=None), reasons.MISSING_FIELD, "item_id"),
    "no user": (with_fields(user_id=None), reasons.MISSING_USER, "user_id"),
    "empty user": (with_fields(user_id=""), reasons.ID_EMPTY, "user_id"),
    "blank item": (with_fields(item_id=" \t"), reasons.ID_EMPTY, "item_id"),
    "empty event_id": (with_fields(event_id=""), reasons.ID_EMPTY, "event_id"),
    "empty rec_id": (with_fields(rec_id=""), reasons.ID_EMPTY, "rec_id"),
    "10 k-long user": (with_fields(user_id="x" * 10_000), reasons.ID_TOO_LONG, "user_id"),
    "10 k-long session": (with_fields(session_id="x" * 10_000), reasons.ID_TOO_LONG, "session_id"),
    "10 k-long event_id": (with_fields(event_id="x" * 10_000), reasons.ID_TOO_LONG, "event_id"),
    "control character": (with_fields(user_id="a\x00b"), reasons.ID_UNPRINTABLE, "user_id"),
    "line end in event_id": (with_fields(event_id="a\nb"), reasons.ID_UNPRINTABLE, "event_id"),
    "negative ts": (with_fields(ts=-5), reasons.TIMESTAMP_TOO_OLD, "ts"),
    "seconds": (with_fields(ts=NOW // 1000), reasons.TIMESTAMP_TOO_OLD, "ts"),
    "far future": (with_fields(ts=NOW * 2), reasons.TIMESTAMP_IN_FUTURE, "ts"),
    "10^30": (number("ts", "1" + "0" * 30), reasons.TIMESTAMP_IN_FUTURE, "ts"),
    "unknown version": (with_fields(v=2), reasons.UNKNOWN_VERSION, "v"),
    "version 2^80": (number("v", str(1 << 80)), reasons.UNKNOWN_VERSION, "v"),
    "17 context fields": (with_fields(context={str(n): n for n in range(17)}), reasons.TOO_MUCH_CONTEXT, "context"),
    "long context": (with_fields(context={"a": "x" * 300}), reasons.TOO_MUCH_CONTEXT, "context.a"),
}


@pytest.mark.parametrize(("raw", "reason", "field"), BAD.values(), ids=BAD.keys())
def test_bad_events_have_their_precise_reason(raw: bytes | None, reason: str, field: str | None) -> None:
    assert verdict(raw) == (reason, field)


def test_seconds_are_told_apart_from_milliseconds() -> None:
    with pytest.raises(BadRecord, match="are these seconds"):
        read(with_fields(ts=NOW // 1000))


def test_a_full_event_is_read_and_its_ids_are_normalised() -> None:
    event = read(
        with_fields(
            user_id=" u1 ", session_id="s", item_id="cafe\u0301", event_id="e", value=3, context={"a": None}, rec_id="r"
        )
    )
    assert (event.user_id, event.session_id, event.item_id) == ("u1", "s", "café")
    assert (event.event_id, event.value, event.context, event.rec_id) == ("e", 3.0, {"a": None}, "r")


def test_unknown_fields_are_ignored() -> None:
    assert read(with_fields(colour={"deep": [1, 2]})) == read(with_fields())


def test_a_session_alone_is_a_user_of_its_own() -> None:
    assert profile_of(read(with_fields(user_id=None, session_id="s"))) == "session:s"
    assert profile_of(read(with_fields(session_id="s"))) == "u"


def test_a_type_without_item() -> None:
    assert read(with_fields(item_id=None), EventType(needs_item=False)).item_id is None


def test_the_clock_of_the_broker_bounds_the_future() -> None:
    assert read(with_fields(ts=NOW + RULES.future_tolerance_ms))
    assert verdict(with_fields(ts=NOW + RULES.future_tolerance_ms + 1))[0] == reasons.TIMESTAMP_IN_FUTURE
    assert read(with_fields(ts=RULES.min_ts_ms))
    assert verdict(with_fields(ts=RULES.min_ts_ms - 1))[0] == reasons.TIMESTAMP_TOO_OLD


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
json_like = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=3), scalars, max_size=3)
FIELDS = sorted(Event.__struct_fields__)


def check(bad: BadRecord) -> None:
    """The reason is a metric label, both go into headers."""
    assert bad.reason in REASONS
    bad.detail.encode()


def read_or_refuse(raw: bytes) -> None:
    """What is accepted can be written in every form that it is passed on in."""
    try:
        event = read(raw)
    except BadRecord as bad:
        check(bad)
    else:
        msgspec.msgpack.encode(event)
        assert read(msgspec.json.encode(event)) == event
        profile_of(event).encode()


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_a_bad_record(raw: bytes) -> None:
    read_or_refuse(raw)


@given(st.dictionaries(st.sampled_from(FIELDS), json_like), st.booleans())
def test_any_json_is_an_event_or_a_bad_record(fields: dict[str, object], whole: bool) -> None:
    read_or_refuse(json.dumps((GOOD | fields) if whole else fields).encode())


@given(st.sampled_from([raw for raw, _, _ in BAD.values() if raw and len(raw) < 1000]), st.data())
def test_flipped_bytes_are_an_event_or_a_bad_record(raw: bytes, data: st.DataObject) -> None:
    damaged = bytearray(raw)
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=4)):
        damaged[place] = data.draw(st.integers(0, 255))
    read_or_refuse(bytes(damaged))


def test_our_own_producers_write_what_is_read() -> None:
    assert read(encode_event(GOOD)).user_id == "u"


ids = st.none() | st.sampled_from(
    ["u", " u", "u ", "a\x7f", "é", "e\u0301", "x" * 257, "x" * 256, "", "old", "\u2003u"]
)
told = st.fixed_dictionaries(
    {"ts": st.sampled_from([NOW, NOW + 10**9, 5])},
    optional={"user_id": ids, "item_id": ids, "session_id": ids, "event_id": ids, "rec_id": ids}
    | {"value": st.none() | st.floats(allow_nan=False), "v": st.sampled_from([1, 2]), "context": st.just({"a": "b"})},
)


@given(st.lists(told, max_size=6), st.booleans())
def test_a_judge_finds_what_decoding_and_validating_find(many: list[dict[str, object]], trim: bool) -> None:
    rules, kinds = EventSettings(), EventSettings().types
    identity = IdentitySettings(trim=trim, aliases={"old": "new"})
    judge = Judge(rules, identity)

    def by_parts(raw: bytes) -> Event:
        return validate_event(decode_event(raw, rules.max_record_bytes), kinds["view"], NOW, rules, identity)

    for fields in [*many, *many]:
        raw = msgspec.json.encode(fields)
        found: list[object] = []
        for one in (by_parts, lambda raw: judge.event(raw, kinds["view"], NOW)):
            try:
                found.append(one(raw))
            except BadRecord as verdict:
                found.append((verdict.reason, verdict.detail, verdict.field))
        assert found[0] == found[1]
