"""A batch that is read at once comes to the same frames and dead letters as record by record, byte for byte."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.frames import decode_frame
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import FRAMES, ITEM, USER, raw_topics, topic_name
from shared.core.frames import batch_frames, framing
from shared.core.texts import id_numbers
from streams.intake import intake
from streams.intake.intake import Intake
from tests.unit.streams.polled import NOW, Polled

Stamp = tuple[int, int]
TIMED = TIMESTAMP_CREATE_TIME, NOW
SHOPS = {
    "as it comes": load_settings(),
    "secret": load_settings(identity={"user_secret": "s3cret"}),
    "aliases": load_settings(identity={"aliases": {"i1": "i2", "i2": "i3", "u1": "u2"}}),
    "short": load_settings(events={"max_id_length": 8, "max_record_bytes": 1000}, topics={"frames_partitions": 1}),
}


def raw(topic: str, at: int, value: bytes | None, key: bytes | None = None, stamp: Stamp = TIMED) -> Polled:
    return Polled(topic, at, value, key, stamp, at % 3)


@dataclass
class Sent:
    """A delivery that keeps what it is given, by topic and partition."""

    records: dict[tuple[str, int], list[Any]] = field(default_factory=dict)

    def produce(self, topic: str, value: bytes | None, *, partition: int = -1, **more: Any) -> None:
        self.records.setdefault((topic, partition), []).append((value, more))


def outcome(
    shop: Settings, batches: list[list[Polled]], at_once: int
) -> tuple[list[Any], dict[tuple[str, int], list[Any]]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "AT_ONCE", at_once)
        sent = Sent()
        taker = Intake(shop, cast("Any", sent))
        reached = []
        for batch in batches:
            reached.append(taker.take(cast("Any", batch)))
            taker.send()
    return reached, sent.records


def same(shop: Settings, batches: list[list[Polled]]) -> dict[tuple[str, int], list[Any]]:
    one_by_one = outcome(shop, batches, 1 << 30)
    assert outcome(shop, batches, 1) == one_by_one
    return one_by_one[1]


ids = st.sampled_from(
    ["u1", "u2", "i1", "i2", "i3", "u 4", "x" * 8, "x" * 9, " u1", "u1 ", "", "é", 'q"', "\\", "\x7f", "~"]
)
numbers = st.one_of(
    st.sampled_from(
        ["0", "00", "01", "-0", "1.", ".5", "0.0", "1e3", "1E3", "1.5", "+1", "NaN", "null", "true", "1" * 15]
    ),
    st.sampled_from(["9" * 16, "123456789012345.1", "0.123456789012345", "12.34567890123456", "1" * 40, '"1"', "1 "]),
    st.integers(-(10**17), 10**17).map(str),
    st.decimals(0, 10**9, places=4, allow_nan=False).map(str),
)
times = st.one_of(
    st.sampled_from([NOW, NOW + 600_000, NOW + 600_001, 946_684_800_000, 946_684_799_999]).map(str), numbers
)
texts = st.one_of(ids.map(json.dumps), ids.map(lambda text: msgspec.json.encode(text).decode()), numbers)
blanks = st.sampled_from(["", "", "", " ", "  ", "\n", "\t"])
common = st.just(("user_id", '"u1"')), st.just(("item_id", '"i1"')), st.just(("ts", str(NOW)))
optional = st.one_of(
    st.tuples(st.sampled_from(["event_id", "session_id", "rec_id", "user_id", "item_id", "category"]), texts),
    st.tuples(st.just("value"), numbers),
    st.tuples(st.just("ts"), times),
    st.tuples(st.just("v"), st.sampled_from(["1", "1", "2", "1.0", "01", "true", '"1"'])),
    st.tuples(
        st.sampled_from(["context", "unknown", "usér_id", "user\\u005fid"]),
        st.sampled_from(["{}", '{"a":1}', "[1]", "7"]),
    ),
)


@st.composite
def almost_plain(draw: st.DrawFn) -> bytes:
    """An event with this and that about it."""
    fields = [draw(one) for one in common] + draw(st.lists(optional, max_size=4))
    if draw(st.booleans()):
        fields = list(dict(fields).items())
    fields = draw(st.permutations(fields))
    gap, colon = draw(blanks), draw(blanks)
    text = "{" + f",{gap}".join(f'"{name}":{colon}{value}' for name, value in fields) + "}"
    cut = draw(st.one_of(st.none(), st.integers(0, len(text))))
    if cut is not None and draw(st.booleans()):
        text = (
            text[:cut]
            + draw(st.sampled_from(["", "}", '"', ",", " ", "\\", "é"]))
            + text[cut + draw(st.integers(0, 1)) :]
        )
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "latin-1"])))


@st.composite
def plain(draw: st.DrawFn) -> bytes:
    """As producers write them."""
    name = st.integers(0, 40)
    event: dict[str, Any] = {"user_id": f"u{draw(name)}", "item_id": f"i{draw(name)}", "ts": NOW - draw(name)}
    for more in ("event_id", "session_id", "rec_id"):
        if draw(st.booleans()):
            event[more] = f"{more[0]}-{draw(name)}"
    if draw(st.booleans()):
        event["value"] = draw(st.integers(0, 10**6)) / 100
    return msgspec.json.encode(event) if draw(st.booleans()) else json.dumps(event).encode()


garbage = st.one_of(
    st.none(), st.binary(max_size=20), st.sampled_from([b"", b"{", b"}", b"{}", b"[]", b"null", b"x" * 3000])
)
item_records = ids.map(lambda item: json.dumps({"item_id": item, "title": item * 3}).encode())
user_records = ids.map(lambda user: json.dumps({"user_id": user}).encode())
likely = st.sampled_from(["view", "purchase", "prefer", "identify", "search"])
stamps = st.sampled_from(
    [(TIMESTAMP_CREATE_TIME, NOW)] * 4 + [(TIMESTAMP_NOT_AVAILABLE, NOW), (TIMESTAMP_CREATE_TIME, 0)]
)
keys = st.one_of(st.none(), st.binary(max_size=3), ids.map(str.encode))
records = st.one_of(
    st.tuples(likely, plain()),
    st.tuples(likely, plain()),
    st.tuples(likely, almost_plain()),
    st.tuples(st.just("view"), almost_plain()),
    st.tuples(st.sampled_from(sorted(raw_topics(load_settings()))), st.one_of(garbage, plain())),
    st.tuples(st.just(ITEM), st.one_of(item_records, st.none())),
    st.tuples(st.just(USER), st.one_of(user_records, st.none())),
)
batches = st.lists(st.lists(st.tuples(records, keys, stamps), min_size=1, max_size=12), min_size=1, max_size=3)


@pytest.mark.parametrize("name", SHOPS)
@given(batches, st.sampled_from([4_000_000, 100, 20]), st.sampled_from([100_000, 3]))
@settings(max_examples=300)
def test_it_comes_to_the_same(name: str, drawn: list[list[Any]], largest: int, known: int) -> None:
    shop, at = SHOPS[name], 0
    polled: list[list[Polled]] = []
    for batch in drawn:
        polled.append([])
        for (topic, value), key, stamp in batch:
            polled[-1].append(raw(topic_name(shop, topic), at, value, key, stamp))
            at += 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "LARGEST_FRAME", largest)
        patch.setattr(batch_frames, "LARGEST_FRAME", largest)
        patch.setattr(intake, "IDS_KNOWN", known)
        patch.setattr(id_numbers, "FIRST_ROOM", 1)
        same(shop, polled)


def test_a_frame_has_no_more_rows_than_items_can_be_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = SHOPS["short"]
    events = [msgspec.json.encode({"user_id": f"u{n % 7}", "item_id": f"i{n}", "ts": NOW}) for n in range(200)]
    batch = [raw("view", n, event) for n, event in enumerate(events)]
    monkeypatch.setattr(framing, "LARGEST_DELTA", 30 * framing.LARGEST_DELTA // framing.most_rows(shop))
    most = framing.most_rows(shop)
    assert most <= 30
    sent = outcome(shop, [batch], 1)[1][topic_name(shop, FRAMES), 0]
    frames = [decode_frame(value) for value, _ in sent]
    assert [frame.n for frame in frames[:-1]] == [most] * (len(frames) - 1)
    offsets = [offset for frame in frames for offset in frame.column("source_offset").tolist()]
    assert offsets == list(range(200))


def test_what_producers_send_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []
    monkeypatch.setattr(Intake, "_take_one", lambda _self, n, *_: left.append(n))
    event = {
        "user_id": "u",
        "item_id": "i",
        "event_id": "e",
        "session_id": "s",
        "rec_id": "r",
        "value": 2.5,
        "ts": NOW,
        "v": 1,
    }
    sent = [msgspec.json.encode(event), json.dumps(event).encode(), msgspec.json.encode(event | {"context": {}})]
    messages = [raw("view", n, sent[n % 3]) for n in range(3 * intake.AT_ONCE)]
    Intake(SHOPS["as it comes"], cast("Any", Sent())).take(cast("Any", messages))
    assert left == list(range(2, len(messages), 3))


def test_frames_are_made_when_events_are_read_at_once() -> None:
    """So that the law is one of something."""
    shop = SHOPS["as it comes"]
    events = [msgspec.json.encode({"user_id": f"u{n % 7}", "item_id": f"i{n % 5}", "ts": NOW}) for n in range(200)]
    sent = same(shop, [[raw("view", n, event) for n, event in enumerate(events)]])
    assert {topic for topic, _ in sent} == {topic_name(shop, FRAMES)}
