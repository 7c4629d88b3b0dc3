"""The items step's shell: what is told of the catalogue."""

from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.frames import encode_frame
from shared.contracts.settings import load_settings
from shared.contracts.topics import FRAMES
from shared.contracts.views import decode_view
from tests.unit.core.frames import Row, frame_of
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


def test_while_a_generation_is_rebuilt_nobody_is_told() -> None:
    worker = Worker(SETTINGS)
    worker.ports.silent = True
    worker.turn(0, frame_of([LAMP, Row(None, "lamp", kind="item")]))
    assert worker.views.changes == []
