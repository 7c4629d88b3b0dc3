"""The items step's shell: what is told of the catalogue."""

from shared.contracts.catalogue import ENCODER, ItemRecord
from shared.contracts.settings import load_settings
from tests.unit.core.frames import Row, frame_of
from tests.unit.verify.worker import Worker

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


def test_while_a_generation_is_rebuilt_nobody_is_told() -> None:
    worker = Worker(SETTINGS)
    worker.ports.silent = True
    worker.turn(0, frame_of([LAMP, Row(None, "lamp", kind="item")]))
    assert worker.views.changes == []
