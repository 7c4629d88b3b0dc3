"""The tops step's shell: who is unavailable, when views are published again."""

from shared.contracts.frames import Frame
from shared.contracts.settings import load_settings
from tests.unit.core.frames import Row, frame_of
from tests.unit.verify.worker import Worker

SETTINGS = load_settings(topics={"frames_partitions": 1, "items_partitions": 1})


def lamp(at: int, *, available: bool) -> Frame:
    record = b'{"item_id":"lamp","available":%s}' % (b"true" if available else b"false")
    return frame_of([Row(None, "lamp", at, kind="item", record=record)], first_offset=at, topic="item")


def test_what_redis_kept_of_who_was_unavailable_does_not_hold_once_all_is_published_again() -> None:
    """A Redis with a file comes back as it was a while before."""
    worker = Worker(SETTINGS)
    key = worker.ports.keys.unavailable()
    worker.turn(0, lamp(0, available=False))
    before = set(worker.views.sets[key])
    assert before == {"lamp"}
    worker.turn(0, lamp(1, available=True))
    assert not worker.views.sets[key]
    worker.views.sets[key] = before
    tops = worker.others[0]
    tops.republish()
    assert not tops.republished
    worker.publish()
    assert tops.republished
    assert not worker.views.sets[key]


def test_who_is_unavailable_stays_so_when_all_is_published_again() -> None:
    worker = Worker(SETTINGS)
    key = worker.ports.keys.unavailable()
    worker.turn(0, lamp(0, available=False))
    worker.views.sets.clear()
    worker.refresh()
    assert worker.views.sets[key] == {"lamp"}
