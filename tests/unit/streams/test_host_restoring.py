"""What the host does while it restores a partition."""

import asyncio
import threading
from itertools import count
from typing import Any, cast

import pytest

from shared.contracts.errors import Fenced
from streams.hosting.checkpoints import Partition
from streams.hosting.host import CATCHING_UP_MS
from streams.hosting.inbox import MOST_BYTES
from streams.steps.step import Step
from tests.unit.streams.stage import FRAMES, OTHER, Notes, Stage, applied


def test_what_is_held_goes_on_while_another_partition_is_restored() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        stage.kept.open.clear()
        restoring = asyncio.create_task(stage.host.assign({FRAMES, OTHER}))
        await stage.offer(0, b"early", OTHER)
        await stage.offer(0)
        await stage.host.turn()
        assert stage.acknowledged == [0]
        await stage.offer(1, b"second", OTHER)
        stage.kept.open.set()
        await restoring
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in applied(stage) if "apply" in line] == [
        "apply 0:0 x",
        "apply 1:0 early",
        "apply 1:1 second",
    ]
    assert stage.acknowledged == [0, 0, 1]


def test_a_partition_that_stays_keeps_its_state() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES, OTHER})
        await stage.host.hand_over({FRAMES, OTHER})
        await stage.host.assign({FRAMES})

    stage = Stage()
    asyncio.run(scene(stage))
    assert applied(stage) == ["restore 0", "restore 1"]


@pytest.mark.parametrize("fenced", [False, True])
def test_a_state_whose_partition_was_revoked_while_it_was_restored_is_not_held(*, fenced: bool) -> None:
    async def scene(stage: Stage) -> None:
        stage.kept.open.clear()
        first = asyncio.create_task(stage.host.assign({FRAMES}))
        await asyncio.to_thread(stage.kept.begun.wait, 10)
        await stage.host.hand_over({FRAMES})
        again = stage.host.assign({FRAMES})
        stage.kept.fenced = fenced  # by the owner in between
        stage.kept.open.set()
        await first
        stage.kept.fenced = False
        assert stage.host.offsets() == {}
        await again
        assert stage.host.offsets() == {FRAMES: -1}

    stage = Stage()
    asyncio.run(scene(stage))
    assert applied(stage) == ["restore 0", "restore 0"]


def test_who_is_fenced_while_it_restores_what_is_its_own_ends() -> None:
    stage = Stage()
    stage.kept.fenced = True
    with pytest.raises(Fenced):
        asyncio.run(cast("Any", stage.host.assign({FRAMES})))


def test_records_that_wait_for_a_restore_are_bounded_by_their_bytes() -> None:
    async def scene(stage: Stage) -> None:
        stage.kept.open.clear()
        restoring = asyncio.create_task(stage.host.assign({FRAMES}))
        large = b"x" * (MOST_BYTES // 4)
        for offset in range(4):
            await stage.offer(offset, large)
        one_more = asyncio.create_task(stage.offer(4))
        await asyncio.sleep(0)
        assert not one_more.done()
        stage.kept.open.set()
        await restoring
        await stage.host.turn()
        await one_more
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert stage.acknowledged == list(range(5))


def test_all_rights_to_save_are_taken_over_before_the_first_partition_is_restored() -> None:
    """Each is half a second of waiting for Kafka."""

    async def scene(stage: Stage) -> None:
        stage.kept.open.clear()
        restoring = asyncio.create_task(stage.host.assign({FRAMES, OTHER, ("examples", 3)}))
        await asyncio.to_thread(stage.kept.begun.wait, 10)
        for _ in range(3):
            assert await asyncio.to_thread(stage.kept.taken.acquire, timeout=10)
        assert applied(stage) == ["restore 0"]
        stage.kept.open.set()
        await restoring

    stage = Stage()
    asyncio.run(scene(stage))
    assert applied(stage) == ["restore 0", "restore 1", "restore 3"]


def test_who_asks_again_takes_over_after_who_asked_before() -> None:
    """The other way round the later one would be fenced by ourselves. Who is not wanted any more takes nothing."""
    stage, slow, taken, begun = Stage(), threading.Event(), list[str](), threading.Event()

    def take_over(step: Step) -> None:
        first = not taken
        taken.append(f"begun {step.partition}")
        begun.set()
        assert not first or slow.wait(10)
        taken.append(f"taken {step.partition}")

    stage.kept.take_over = take_over  # type: ignore[method-assign]
    rebuilding = stage.rebuilding
    before, gone, after = (rebuilding.begin(FRAMES, wanted) for wanted in (yes, no, yes))
    assert begun.wait(10)
    with pytest.raises(TimeoutError):
        after.result(0.05)
    assert taken == ["begun 0"]
    slow.set()
    assert (before.result(10) is None, gone.result(10), after.result(10) is None) == (False, None, False)
    assert taken == ["begun 0", "taken 0"] * 2


def yes() -> bool:
    return True


def no() -> bool:
    return False


def test_a_long_log_is_saved_and_published_while_it_is_folded() -> None:
    """What the next owner has to do again does not grow with it, nor what waits to be published."""
    times = count(step=CATCHING_UP_MS // 3)
    stage = Stage([b"x"] * 8, clock=lambda: next(times))
    asyncio.run(cast("Any", stage.host.assign({FRAMES})))
    folded = [f"apply 0:{n} x" for n in range(8)]
    assert stage.diary[1:] == [
        *folded[:3], "publish 0", "save 0:2", *folded[3:6], "publish 0", "save 0:5", *folded[6:], "hold 0", "publish 0",
    ]  # fmt: skip


@pytest.mark.parametrize("fenced", [False, True])
def test_who_catches_up_with_a_long_log_stops_where_it_is_not_wanted(
    monkeypatch: pytest.MonkeyPatch, *, fenced: bool
) -> None:
    async def scene(stage: Stage) -> None:
        loop, apply = asyncio.get_running_loop(), Notes.apply

        def revoked(step: Notes, offset: int, value: bytes, *, replayed: bool) -> None:
            apply(step, offset, value, replayed=replayed)
            if offset == 1:
                stage.kept.fenced = fenced
                handing_over = asyncio.run_coroutine_threadsafe(stage.host.hand_over({FRAMES}), loop)
                while stage.host._wanted:
                    assert not handing_over.done()

        monkeypatch.setattr(Notes, "apply", revoked)
        await stage.host.assign({FRAMES})

    stage = Stage([b"x"] * 8, clock=lambda: 0)
    asyncio.run(scene(stage))
    saved = [] if fenced else ["save 0:1"]
    assert stage.diary == ["restore 0", "apply 0:0 x", "apply 0:1 x", "publish 0", *saved]
    assert stage.host.offsets() == {}


def test_who_is_fenced_while_it_catches_up_with_what_is_its_own_ends() -> None:
    times = count(step=CATCHING_UP_MS)
    stage = Stage([b"x"] * 8, clock=lambda: next(times))
    stage.kept.save = fencing  # type: ignore[method-assign,assignment]
    with pytest.raises(Fenced):
        asyncio.run(cast("Any", stage.host.assign({FRAMES})))


def fencing(partition: Partition, _step: Step) -> None:
    raise Fenced(f"{partition}: another owner")


def test_what_a_saved_state_includes_of_a_log_that_is_not_kept_whole_is_not_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Examples are kept for a week: gigabytes that teach nothing any more."""
    monkeypatch.setattr(Notes, "contiguous", False)
    stage = Stage([b"a", b"b", b"c", b"d"], committed=3, saved=1)
    asyncio.run(cast("Any", stage.host.assign({FRAMES})))
    assert applied(stage) == ["restore 0", "replay 0:2 c", "apply 0:3 d"]


@pytest.mark.parametrize("saved", [-1, 4])
def test_of_such_a_log_all_is_read_by_who_has_no_state_of_it(monkeypatch: pytest.MonkeyPatch, saved: int) -> None:
    """Nor has who has one of a log that was there before."""
    monkeypatch.setattr(Notes, "contiguous", False)
    stage = Stage([b"a", b"b"], committed=2, saved=saved)
    asyncio.run(cast("Any", stage.host.assign({FRAMES})))
    assert applied(stage) == ["restore 0", "replay 0:0 a", "replay 0:1 b"]
