"""Faults that are planted in views, states and logs: `headrace verify` names each of them, and ends at none."""

from collections.abc import Sequence
from copy import deepcopy

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings

from services.verify import comparison
from services.verify.completeness import check_place
from services.verify.offsets import Offsets
from services.verify.run import compare_folds
from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.deltas import decode_delta, encode, packed, unpacked
from shared.contracts.frames import encode_frame
from shared.contracts.routing import partition_of
from shared.contracts.settings import load_settings
from shared.contracts.topics import EXAMPLES, FRAMES, ITEM_DELTAS
from shared.core.tables.segments import pack, unpack
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.core.sequences import TIGHT, frame, frames
from tests.unit.verify.shops import SETTINGS, differing, found_in, shop_of, under
from tests.unit.verify.worker import Worker

KINDS = ("rec:", "sim:", "row:", "stat:", "item:", "trending:", "new:", "batch:", "model:ranker", "model:taste")
SPLIT = TIGHT.model_copy(update={"topics": TIGHT.topics.model_copy(update={"items_partitions": 2})})


@pytest.mark.parametrize("kept", [0, 40], ids=["nothing of it", "its version"])
def test_views_that_cannot_be_read_are_differences_and_no_end(
    grown: Worker, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "SHOWN", 1000)
    spoilt = []
    for held in (under(grown, kind) for kind in KINDS):
        spoilt.append(max(held, key=lambda key: len(held[key])))
        monkeypatch.setitem(grown.views.held, spoilt[-1], held[spoilt[-1]][:kept] + b"\xff\xfe")
    differences = found_in(grown).parts["views"].differences
    assert [key for key in spoilt if not any(text.startswith(f"{key}: cannot be read: ") for text in differences)] == []


def _change(worker: Worker, key: str) -> None:
    """A scope that is not named, a ZSET beside its list, and lists of a scope that there is none of."""
    if key == "scopes":
        worker.views.sets[key].discard("all")
    elif key.startswith("ztrending:"):
        worker.views.zsets[key] = worker.views.zsets[key] | {"i1": 10.0**9}
    else:
        prefix, _, _ = key.partition(":")
        worker.views.held[key] = worker.views.held[f"{prefix}:all"]


@pytest.mark.parametrize(
    "key", ["scopes", "ztrending:all", "trending:category:gone", "trending@1h:category:gone", "popular:category:gone"]
)
def test_lists_of_scopes_are_all_that_there_is_and_no_more(
    grown: Worker, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("held", "sets", "zsets"):
        monkeypatch.setattr(grown.views, name, deepcopy(getattr(grown.views, name)))
    _change(grown, key)
    assert differing(grown) == {"trending"}


def test_a_trending_list_that_cannot_be_read_is_told_once(grown: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(grown.views.held, "trending:all", b"\xff")
    told = found_in(grown).parts["views"].differences
    assert [text.partition(": ")[0] for text in told] == ["trending:all"]


def test_lists_of_scopes_that_are_gone_are_read_together(grown: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    held = grown.views.held | {f"popular:category:gone{n}": grown.views.held["popular:all"] for n in range(9)}
    monkeypatch.setattr(grown.views, "held", held)
    asked: list[int] = []

    def read(keys: Sequence[str]) -> list[bytes | None]:
        asked.append(sum(key.startswith("popular:category:gone") for key in keys))
        return [held.get(key) for key in keys]

    monkeypatch.setattr(grown.views, "read", read)
    assert differing(grown) == {"trending"}
    assert [count for count in asked if count] == [9]


@pytest.mark.parametrize("key", ["scopes", "unavailable", "ztrending:all"])
def test_a_key_that_holds_another_kind_is_a_difference_and_no_end(
    young: Worker, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(young.views.held, key, b"a text")
    said = f"{key}: cannot be read: wrong-type: {key} holds what is of another kind"
    assert found_in(young).parts["views"].differences == [said]


@pytest.mark.parametrize("key", ["scopes", "unavailable"])
def test_so_it_is_where_the_version_of_the_set_is_gone(
    young: Worker, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(young.views.held, key, b"a text")
    monkeypatch.delitem(young.views.versions, f"{key}-at")
    said = f"{key}: cannot be read: wrong-type: {key} holds what is of another kind"
    assert found_in(young).parts["views"].differences == [said]


@pytest.mark.parametrize("key", ["scopes-at", "unavailable-at"])
def test_a_set_whose_version_is_ahead_of_the_log_is_found(
    young: Worker, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker may change it any more."""
    monkeypatch.setitem(young.views.versions, key, "000001-9000000000000000")
    assert differing(young) == {"trending"}


def test_keys_that_live_for_ever_and_should_not_or_the_other_way_round_are_found(
    young: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = sorted(key for key in young.views.held if key.startswith(("rec:", "batch:")))
    going = {"row:i1", "trending@1h:all", *users[1:-1]}
    monkeypatch.setattr(young.views, "going", going)
    found = found_in(young).parts["lifetimes"].differences
    assert {text.split(": ")[0] for text in found} == {"row:i1", "trending@1h:all", users[0], users[-1]}


def test_no_list_stands_of_who_was_forgotten_or_never_came() -> None:
    worker = Worker(load_settings(topics={"frames_partitions": 1, "items_partitions": 1}))
    worker.turn(0, frame_of([Row("ann", "i1"), Row("bob", "i2"), Row("ann", None, kind="user")]))
    worker.refresh()
    assert differing(worker) == set()
    raw = worker.views.held["rec:bob"]
    worker.views.held |= {f"rec:{name}": raw for name in ("ann", "nobody")}
    assert found_in(worker).parts["lists"].differences == [
        "rec:ann: should not be there",
        "rec:nobody: should not be there",
    ]


def test_no_view_stands_of_an_item_that_the_catalogue_took_away() -> None:
    worker = Worker(SETTINGS)
    lamp = Row(None, "lamp", kind="item", record=ENCODER.encode(ItemRecord(item_id="lamp")))
    worker.turn(partition_of("lamp", 2), frame_of([lamp]))
    worker.refresh()
    raw = worker.views.held["item:lamp"]
    worker.turn(partition_of("lamp", 2), frame_of([Row(None, "lamp", kind="item")], first_offset=1))
    worker.refresh()
    assert differing(worker) == set()
    worker.views.held["item:lamp"] = raw
    assert found_in(worker).parts["items"].differences == ["item:lamp: should not be there"]


@pytest.mark.parametrize(("prefix", "part"), [("sim:", "rows"), ("row:", "ranking rows"), ("stat:", "item numbers")])
def test_what_is_said_of_an_item_and_stands_still_is_found_without_a_refresh(prefix: str, part: str) -> None:
    """Which would have it written again. What waits to be written is not found."""
    worker = Worker(load_settings(topics={"frames_partitions": 1, "items_partitions": 1}))
    worker.turn(0, frame_of([Row("ann", "i1"), Row("ann", "i2")]))
    before = worker.views.held[f"{prefix}i1"]
    worker.turn(0, frame_of([Row("bob", "i1"), Row("bob", "i2")], first_offset=2))
    assert current(worker) == {}
    worker.views.held[f"{prefix}i1"] = before
    assert current(worker) == {part: [f"{prefix}i1 is current: expected True, found False"]}
    for step in worker.items:
        step._core.mark_all_dirty()
    assert current(worker) == {}


@settings(max_examples=20)
@given(frames=frames, folded=frame)
def test_what_waits_to_be_written_is_no_difference(frames: list[list[Row]], folded: list[Row]) -> None:
    worker = Worker(SPLIT)
    for number, rows in enumerate(frames):
        worker.turn(0, frame_of(rows, first_offset=50 * number))
    worker.log.produce("frames", encode_frame(frame_of(folded, first_offset=50 * len(frames))))
    worker.fold()
    found = current(worker)
    assert {part: found[part] for part in ("rows", "ranking rows", "item numbers") if part in found} == {}


def current(worker: Worker) -> dict[str, list[str]]:
    """What differs of what stands, before a refresh."""
    shop = worker.shop()
    shop.refreshed = False
    compare_folds(shop, lambda _: None)
    return {name: part.differences for name, part in shop.findings.parts.items() if part.differing}


def test_a_user_whose_events_stand_in_two_partitions_is_found() -> None:
    worker, theirs = Worker(SETTINGS), partition_of("ann", 2)
    worker.turn(theirs, frame_of([Row("ann", "i1")], partition=theirs))
    assert found_in(worker).parts["frames"].differences == []
    worker.turn(1 - theirs, frame_of([Row("ann", "i2")], partition=1 - theirs))
    found = found_in(worker).parts["frames"].differences
    assert found == [f"partition of the user 'ann': expected {theirs}, found {1 - theirs}"]


def test_a_delta_that_no_frame_made_is_found() -> None:
    worker = shop_of(5, 3)
    delta = decode_delta(unpacked(worker.log.records["item-deltas", 0][0])[0])
    frames = worker.log.records["frames", 1]
    frames.append(encode_frame(frame_of([], partition=1)))  # it changes nothing
    invented = msgspec.structs.replace(delta, partition=1, offset=len(frames) - 1)
    worker.log.produce("item-deltas", packed([encode(invented)]), partition=0)
    worker.refresh()
    found = found_in(worker).parts["deltas"].differences
    assert found == [f"delta of frames/1 offset {len(frames) - 1} for item-deltas/0: should not be there"]


def test_a_state_that_includes_what_the_log_does_not_hold_is_found(
    grown: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = grown.ports.topic(EXAMPLES), 0
    kept = grown.log.records[place][:-1]
    monkeypatch.setitem(grown.log.records, place, kept)
    assert (
        f"record {len(kept)} of examples/0, which is in its state: missing"
        in found_in(grown).parts["states"].differences
    )


def test_what_is_behind_is_said(grown: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = ("item-deltas", 1)
    monkeypatch.setattr(grown.log, "committed", lambda *place: grown.log.bounds(*place)[1] - (place == behind))
    assert found_in(grown).not_compared == ["what item-deltas/1 says last: 1 records are behind"]


def test_raw_records_that_wait_are_behind_and_those_that_were_passed_over_are_missing() -> None:
    worker = Worker(SETTINGS)
    for _ in range(5):
        worker.log.produce("view", b"{}")
    shop = worker.shop()
    accounted = Offsets()
    accounted.update(np.array([0, 2, 3]))
    check_place(shop, ("view", 0), 3, accounted)
    assert shop.findings.parts["raw records"].differences == [
        "view/0 offset 1 accounted for: expected True, found False"
    ]
    assert shop.findings.not_compared == ["view/0: 1 records are behind"], "one of both stands in frames already"


def _one_later(raw: bytes, column: str) -> bytes:
    """A segment in which the values of a column, or of its list, stand one row further on, the last one first."""
    segment = unpack(raw)
    if column == "entries":
        entries = segment.values[column]
        return pack({}, segment.start, **segment.values | {column: [entries[-1], *entries[:-1]]})
    columns = {name: segment.column(name) for name in segment.packed}
    return pack(columns | {column: np.roll(columns[column], 1)}, segment.start, **segment.values)


def test_records_that_are_held_of_a_topic_that_was_made_anew_are_found() -> None:
    worker, accounted = Worker(SETTINGS), Offsets()
    worker.log.produce("view", b"{}")
    accounted.update(np.arange(7))
    shop = worker.shop()
    check_place(shop, ("view", 0), 7, accounted)
    assert shop.findings.parts["raw records"].differences == [
        "view/0 offset 6 in frames or dead-letter, though the topic ends at 1: should not be there"
    ]


@pytest.mark.parametrize(
    ("topic", "table", "column"),
    [
        (FRAMES, "users", "last_seen"),
        (FRAMES, "items", "last_seen"),
        (FRAMES, "histories", "minute"),
        (ITEM_DELTAS, "items", "last_seen"),
        (ITEM_DELTAS, "catalogue-ids", "last_seen"),
        (ITEM_DELTAS, "context-842774a99714c6b3", "last_seen"),
        (ITEM_DELTAS, "context-842774a99714c6b3", "keys"),
        (ITEM_DELTAS, "scopes-categories", "entries"),
        (ITEM_DELTAS, "new", "entries"),
    ],
)
def test_who_leaves_next_is_part_of_the_state(
    young: Worker, topic: str, table: str, column: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = young.kept()[topic, 0]
    taken = step.take()
    changed = taken | {f"{table}/0": _one_later(taken[f"{table}/0"], column)}
    monkeypatch.setattr(step, "take", lambda: changed)
    assert differing(young) == {"states"}


@pytest.mark.parametrize(("column", "more"), [("minute_events", 1), ("heard", -1)])
def test_events_of_the_minute_and_the_next_event_id_s_place_are_too(column: str, more: int) -> None:
    worker = Worker(
        load_settings(topics={"frames_partitions": 1, "items_partitions": 1}, profiles={"dedupe_window": 2})
    )
    worker.turn(0, frame_of([Row("ann", f"i{n}", event_id=f"{n}") for n in range(3)]))
    worker.refresh()
    assert differing(worker) == set()
    state = worker.profiles[0]._core.state
    {"heard": state.recent.entered, "minute_events": state.minute_events}[column][0] += more
    assert differing(worker) == {"states"}
