"""What a batch model says becomes views, a null removes one, the bad is a dead letter, a lost Redis gets all again."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from shared.contracts.settings import load_settings
from shared.contracts.skips import SKIP_VERSION, Skip, encode_skip, skip_key
from shared.contracts.topics import BATCH_LIST, SKIPS
from shared.contracts.views import Keys, decode_view
from streams.hosting.fold import Fold, arrived_ms
from streams.steps import batch_lists
from streams.steps.batch_lists import BatchListsStep
from streams.steps.ports import Ports

SETTINGS = load_settings()
KEYS = Keys(SETTINGS)
ANN = b'{"user_id":"ann","items":["x","y"],"scores":[2,1],"ts":5}'


class Views:
    """Remembers what was written and removed, in order."""

    def __init__(self) -> None:
        self.done: list[tuple[str, ...]] = []
        self.written: list[tuple[str, bytes, int]] = []

    def write(self, keys: list[str], payloads: list[bytes], ttl_s: int) -> int:
        self.written += [(key, payload, ttl_s) for key, payload in zip(keys, payloads, strict=True)]
        self.done += [("write", key) for key in keys]
        return 0

    def remove(self, keys: list[str], version: str) -> None:
        self.done += [("remove", key, version) for key in keys]


class Letters:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def produce(self, topic: str, value: bytes | None, *, key: bytes | None, headers: list[tuple[str, bytes]]) -> None:
        self.sent.append(dict(headers) | {"topic": topic, "value": value, "key": key})


class Log:
    """The topic: (key, value) by offset."""

    def __init__(self, records: list[tuple[bytes, bytes | None]]) -> None:
        self.records = records
        self.skips: dict[bytes, bytes] = {}

    def latest(self, topic: str, _partition: int, prefix: bytes) -> dict[bytes, bytes]:
        assert topic == SKIPS
        return {key: value for key, value in self.skips.items() if key.startswith(prefix)}

    def bounds(self, _topic: str, _partition: int) -> tuple[int, int]:
        return 0, len(self.records)

    def messages(self, _topic: str, _partition: int, start: int, end: int, *, contiguous: bool) -> Iterator[Any]:
        assert not contiguous
        for n, (key, value) in list(enumerate(self.records))[start:end]:
            yield SimpleNamespace(
                offset=lambda n=n: n,
                key=lambda key=key: key,
                value=lambda value=value: value,
                timestamp=lambda: (1, 1_767_225_600_000),
            )


class Stage:
    def __init__(self, records: list[tuple[bytes, bytes | None]] | None = None) -> None:
        self.views, self.letters, none = Views(), Letters(), cast("Any", None)
        self.ports = Ports(SETTINGS, cast("Any", self.letters), cast("Any", self.views), KEYS, none)
        self.log = Log(records or [])
        self.step = BatchListsStep(0, self.ports, lambda _: cast("Any", self.log))

    def take(self, offset: int, key: bytes, value: bytes, *, replayed: bool = False) -> None:
        self.step.apply_keyed(offset, key, value, arrived=1_767_225_600_000, replayed=replayed)
        self.step.publish()

    def tick(self) -> None:
        self.step.tick(0)


def test_a_list_becomes_a_view_that_ends() -> None:
    stage = Stage()
    stage.take(7, b"ann", ANN)
    [(key, payload, ttl_s)] = stage.views.written
    view = decode_view(payload)
    assert (key, ttl_s) == ("batch:ann", SETTINGS.lists.ttl_s)
    assert (view.at, view.ts, view.source, view.user_id) == ("000001-0000000000000007", 5, "batch", "ann")
    assert (view.items, view.scores, view.why) == (["x", "y"], [2.0, 1.0], ["batch", "batch"])
    assert stage.step.offset == 7


def test_a_guest_of_the_longest_session_may_have_one() -> None:
    stage, guest = Stage(), f"session:{'s' * 256}"
    stage.take(0, guest.encode(), b'{"user_id":"%s","items":["x"]}' % guest.encode())
    assert [key for key, _, _ in stage.views.written] == [f"batch:{guest}"]


def test_without_scores_the_ranks_are_them() -> None:
    stage = Stage()
    stage.take(0, b"ann", b'{"user_id":"ann","items":["x","y"]}')
    assert decode_view(stage.views.written[0][1]).scores == [1.0, 0.909091]


def test_a_null_removes_it_as_of_its_place_in_the_topic() -> None:
    stage = Stage()
    stage.step.apply_keyed(3, b"ann", ANN, arrived=0, replayed=False)
    stage.step.apply_keyed(4, b" ann ", b"", arrived=0, replayed=False)
    assert stage.views.done == [("write", "batch:ann"), ("remove", "batch:ann", "000001-0000000000000004")]


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (b"ann", b"{", "malformed-json"),
        (b"bob", ANN, "wrong-type"),
        (b"", ANN, "empty"),
        (b"", b"", "empty"),
        (b"\xff", b"", "not-utf8"),
        (b"ann", b'{"user_id":"ann","items":[]}', "missing-field"),
    ],
)
def test_what_is_bad_is_a_dead_letter_once(key: bytes, value: bytes, reason: str) -> None:
    stage = Stage([(key, value or None)])
    stage.take(0, key, value)
    (letter,) = stage.letters.sent
    assert (letter["topic"], letter["value"], letter["key"]) == ("dead-letter", value or None, key or None)
    assert (letter["reason"], letter["offset"], letter["timestamp"]) == (reason, "0", "1767225600000")
    stage.step.republish()
    stage.tick()
    stage.take(0, key, value, replayed=True)
    assert len(stage.letters.sent) == 1
    assert not stage.views.done


def test_a_record_that_is_read_from_the_log_has_its_time() -> None:
    """So do those that Faust hands on, in seconds: the host's tests see what a step hears."""
    stage = Stage([(b"ann", b"{")])
    fold = Fold(stage.ports, cast("Any", stage.log), {(BATCH_LIST, 0): frozenset()})
    fold.read(stage.step, (BATCH_LIST, 0), 0, 1)
    assert [letter["timestamp"] for letter in stage.letters.sent] == ["1767225600000"]
    assert [arrived_ms(time) for time in (None, -1.0, 1_767_225_600.007 * 1000)] == [0, 0, 1_767_225_600_007]


def test_a_lost_redis_gets_all_again_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_lists, "RECORDS_PER_TICK", 2)
    records = [
        (b"ann", ANN),
        (b"bob", ANN.replace(b"ann", b"bob")),
        (b"ann", None),
        (b"eve", ANN.replace(b"ann", b"eve")),
    ]
    stage = Stage(cast("Any", records))
    stage.step.skip(2)  # eve's is still to come by itself
    assert stage.step.settled
    stage.step.republish()
    assert not stage.step.settled
    stage.tick()
    assert not stage.step.settled
    stage.tick()
    assert stage.step.settled
    assert [done[:2] for done in stage.views.done] == [
        ("write", "batch:ann"),
        ("write", "batch:bob"),
        ("remove", "batch:ann"),
    ]


def test_a_record_that_a_person_left_out_stays_left_out_when_redis_was_lost() -> None:
    stage = Stage([(b"ann", ANN), (b"ann", ANN.replace(b"x", b"z")), (b"bob", None)])
    stage.take(0, b"ann", ANN)
    stage.step.skip(1)
    place = (BATCH_LIST, 0, 1)
    stage.log.skips = {skip_key(*place): encode_skip(Skip(SKIP_VERSION, *place, why="it ends workers", at_ms=0))}
    stage.step.republish()
    stage.tick()
    assert [decode_view(payload).items for _, payload, _ in stage.views.written] == [["x", "y"]] * 2


def test_nothing_is_written_while_the_generation_is_rebuilt() -> None:
    stage = Stage()
    stage.ports.silent = True
    stage.take(0, b"ann", ANN)
    stage.take(1, b"ann", b"")
    stage.take(2, b"ann", b"{")
    assert not stage.views.done
    assert not stage.letters.sent, "that was done by the generation before"
    assert stage.step.offset == 2
