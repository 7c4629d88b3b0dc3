"""Whatever a raw record holds, in whichever topic: it becomes rows or a dead letter, and is never lost or raised."""

import json
from dataclasses import dataclass, field
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.frames import Frame, decode_frame
from shared.contracts.reasons import REASONS
from shared.contracts.settings import load_settings
from shared.contracts.topics import DEAD_LETTER, FRAMES, ITEM, raw_topics, topic_name
from streams.intake.intake import Intake
from tests.unit.streams.polled import NOW, Polled

SETTINGS = load_settings()


@dataclass
class Sent:
    """A delivery that keeps what it is given."""

    frames: list[Frame] = field(default_factory=list)
    letters: list[tuple[bytes | None, dict[str, str]]] = field(default_factory=list)

    def produce(self, topic: str, value: bytes | None, **more: Any) -> None:
        if topic == topic_name(SETTINGS, FRAMES):
            self.frames.append(decode_frame(value or b""))
        else:
            assert topic == topic_name(SETTINGS, DEAD_LETTER)
            self.letters.append((value, dict(more["headers"])))


def as_json(document: dict[str, Any]) -> bytes:
    """As Python's own encoder writes it, NaN and lone surrogates included."""
    return json.dumps(document).encode()


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
fields = st.one_of(scalars, st.lists(scalars, max_size=2), st.dictionaries(st.text(max_size=3), scalars, max_size=2))
names = st.sampled_from(["user_id", "session_id", "item_id", "ts", "value", "context", "event_id", "v", "categories"])
likely = st.fixed_dictionaries({"user_id": st.just("u"), "item_id": st.just("i"), "ts": st.just(NOW)})
documents = st.builds(lambda good, more: good | more, likely, st.dictionaries(names, fields, max_size=3))
values = st.one_of(st.none(), st.binary(max_size=40), fields.map(repr).map(str.encode), documents.map(as_json))
PLACE = ("source", "source_partition", "source_offset")
topics = st.sampled_from(sorted(raw_topics(SETTINGS)))
keys = st.one_of(st.none(), st.binary(max_size=4), st.text(max_size=4).map(lambda t: t.encode(errors="replace")))


@given(st.lists(st.tuples(topics, values, keys), min_size=1, max_size=5))
def test_every_record_is_accounted_for_once(poison: list[tuple[str, bytes | None, bytes | None]]) -> None:
    sent = Sent()
    intake = Intake(SETTINGS, cast("Any", sent))
    raw = [Polled(topic, offset, value, key) for offset, (topic, value, key) in enumerate(poison)]
    intake.take(cast("Any", raw))
    intake.send()
    framed = [
        (frame.sources[source], partition, offset)
        for frame in sent.frames
        for source, partition, offset in zip(*(frame.column(name).tolist() for name in PLACE), strict=True)
    ]
    buried = {(h["topic"], int(h["partition"]), int(h["offset"])): (v, h["reason"]) for v, h in sent.letters}
    assert len(buried) == len(sent.letters)
    item = topic_name(SETTINGS, ITEM)
    for offset, (topic, value, _) in enumerate(poison):
        place = (topic, 0, offset)
        times = framed.count(place)
        if place in buried:
            assert times == 0
            assert buried[place][0] == value
            assert buried[place][1] in REASONS
        else:
            assert times == (SETTINGS.topics.frames_partitions if topic == item else 1)
