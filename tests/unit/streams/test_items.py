"""The items step's shell: what is told of the catalogue."""

import pytest

from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.frames import encode_frame
from shared.contracts.settings import load_settings
from shared.contracts.topics import FRAMES
from shared.contracts.views import decode_view
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.verify.shops import differing
from tests.unit.verify.worker import LATER, Worker

SETTINGS = load_settings(topics={"frames_partitions": 1, "items_partitions": 1})
LAMP = Row(None, "lamp", kind="item", record=ENCODER.encode(ItemRecord("lamp", title="Lamp")))


def test_a_change_is_named_once_its_view_stands_or_is_gone() -> None:
    worker = Worker(SETTINGS)
    worker.turn(0, frame_of([LAMP, Row("u", "lamp")]))
    assert worker.views.changes == [("lamp", True)]
    worker.turn(0, frame_of([Row("u", "lamp", 1)], first_offset=2))
    assert len(worker.views.changes) == 1
    worker.turn(0, frame_of([Row(None, "lamp", kind="item")], first_offset=3))
    assert worker.views.changes == [("lamp", True), ("lamp", False)]


def test_no_view_stays_of_what_left_the_catalogue_at_its_bound() -> None:
    """A catalogue larger than the bound, or one that changes for years: Redis kept every item for ever."""
    worker = Worker(load_settings(topics=SETTINGS.topics.model_dump(), cooccurrence={"max_items": 16}))
    for n in range(40):
        record = ENCODER.encode(ItemRecord(f"i{n}", title="Lamp"))
        worker.turn(0, frame_of([Row(None, f"i{n}", kind="item", record=record)], first_offset=n, topic="item"))
    worker.refresh()
    held = {f"item:i{n}" for n in range(40 - len(worker.items[0]._core.catalogue.ids), 40)}
    assert len(held) <= 16
    assert {key for key in worker.views.held if key.startswith("item:")} == held
    assert {("i0", False), ("i1", False)} <= set(worker.views.changes), "who holds items in memory hears of it"
    assert differing(worker) == set()
    worker.views.held["item:i0"] = worker.views.held["item:i39"]
    assert differing(worker) == {"items"}


def test_what_a_new_item_changes_is_written_at_the_next_pulse() -> None:
    worker = Worker(SETTINGS)
    lamp = Row(None, "lamp", kind="item", record=ENCODER.encode(ItemRecord("lamp", categories=["lamps"])))
    worker.turn(0, frame_of([lamp, Row("u", "lamp"), Row("u", "rug", 1)]))
    [step] = worker.items
    before = dict(worker.views.held)
    other = Row(None, "other", kind="item", record=ENCODER.encode(ItemRecord("other", categories=["lamps"])))
    frame = frame_of([other, Row("v", "rug", 2)], first_offset=3)
    worker.log.produce(worker.ports.topic(FRAMES), encode_frame(frame), partition=0)
    worker.fold()
    step.tick(LATER + 500)  # rows that keep changing are not due yet
    changed = {key for key, raw in worker.views.held.items() if raw != before.get(key)}
    assert changed == {"item:other", "row:other", "sim:other", "stat:other", "row:lamp", "sim:lamp"}
    assert decode_view(worker.views.held["sim:lamp"]).items == ["rug", "other"]
    step.tick(LATER + 1500)
    assert worker.views.held["stat:rug"] != before["stat:rug"]


def test_all_is_published_again_though_all_changes_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under load some row always waits: what was lost has been written once as much went out as was lost."""
    monkeypatch.setattr("streams.steps.tops.SCOPES_PER_TICK", 2)
    worker = Worker(load_settings(topics=SETTINGS.topics.model_dump(), cooccurrence={"rows_per_tick": 5}))
    [step], tops = worker.items, worker.others[0]
    rows = [Row("u", f"i{n}", n) for n in range(30)]
    records = [ItemRecord(f"i{n}", categories=[f"c{n % 4}"]) for n in range(30)]
    said = [Row(None, record.item_id, kind="item", record=ENCODER.encode(record)) for record in records]
    worker.turn(0, frame_of([*said, *rows]))
    while not (step.settled and tops.settled):
        worker.publish()
    before, turns = set(worker.views.held), 0
    worker.views.held.clear()
    for part in (step, tops):
        part.republish()
    while not (step.republished and tops.republished):
        worker.turn(
            0, frame_of([Row(f"v{turns}", f"i{n}", 60 + turns) for n in range(30)], first_offset=100 + 30 * turns)
        )
        turns += 1
        assert turns < 20
    assert not step.settled
    assert not tops.settled
    lists = {f"rec:v{n}" for n in range(turns)}
    assert before - set(worker.views.held) <= {"rec:u", "model:ranker", "model:taste"}
    assert set(worker.views.held) - before <= lists


def test_while_a_generation_is_rebuilt_nobody_is_told() -> None:
    worker = Worker(SETTINGS)
    worker.ports.silent = True
    worker.turn(0, frame_of([LAMP, Row(None, "lamp", kind="item")]))
    assert worker.views.changes == []
