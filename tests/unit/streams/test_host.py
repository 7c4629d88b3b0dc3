"""The host's turns, with steps, a log and a broker that the test holds in its hands."""

import asyncio
import time

import pytest

from shared.contracts.errors import NeedsAPerson
from streams.hosting.checkpoints import Partition
from streams.hosting.inbox import MOST
from tests.unit.streams.stage import FRAMES, OTHER, Stage


def test_what_waits_is_applied_in_order_and_published_once() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        stage.diary.clear()
        for offset in range(3):
            await stage.offer(offset)
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if "republish" not in line and "due" not in line] == [
        "apply 0:0 x",
        "apply 0:1 x",
        "apply 0:2 x",
        "publish 0",
    ]
    assert stage.acknowledged == [0, 1, 2]


def test_what_users_wait_for_is_rebuilt_first() -> None:
    """In the order of the steps, not of the topics' names."""
    stage = Stage()
    asyncio.run(stage.host.assign({("examples", 7), ("frames", 1), ("frames", 0)}))
    assert [line for line in stage.diary if line.startswith("restore")] == ["restore 0", "restore 1", "restore 7"]


def test_nothing_is_acknowledged_before_its_round_has_landed() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        stage.broker.landing = False
        await stage.offer(0)
        await stage.host.turn()
        await stage.offer(1)
        await stage.host.turn()
        assert stage.acknowledged == []
        stage.broker.under_way[1].pending = 0  # the later one alone is not enough
        await stage.host.turn()
        assert stage.acknowledged == []
        stage.broker.land()
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert stage.acknowledged == [0, 1]


def test_a_new_owner_folds_the_log_and_repeats_no_effect_that_was_committed() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        await stage.offer(2, b"c")  # not committed by the owner before, so it comes again
        await stage.host.turn()

    stage = Stage([b"a", b"b", b"c"], committed=2)
    asyncio.run(scene(stage))
    applied = [line for line in stage.diary if line.startswith(("apply", "replay"))]
    assert applied == ["replay 0:0 a", "replay 0:1 b", "apply 0:2 c"]
    assert stage.acknowledged == [2]


def test_what_a_person_left_out_is_passed_over_in_the_log_and_on_arrival() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        await stage.offer(3, b"d")
        await stage.offer(4, b"e")
        await stage.host.turn()

    stage = Stage([b"a", b"b", b"c"], committed=1, skipped=frozenset({1, 3}))
    asyncio.run(scene(stage))
    passed = [line for line in stage.diary if line.startswith(("apply", "replay", "skip"))]
    assert passed == ["replay 0:0 a", "skip 0:1", "apply 0:2 c", "skip 0:3", "apply 0:4 e"]
    assert stage.acknowledged == [3, 4]


def test_a_gap_is_read_from_the_log() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        stage.log.values += [b"a", b"b", b"c"]
        await stage.offer(2, b"c")
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if "apply" in line] == ["apply 0:0 a", "apply 0:1 b", "apply 0:2 c"]


def test_a_gap_that_the_log_cannot_fill_is_for_a_person() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        await stage.offer(2, b"c")
        await stage.host.turn()

    with pytest.raises(NeedsAPerson):
        asyncio.run(scene(Stage()))


def test_what_arrives_of_a_revoked_partition_is_left_to_its_next_owner() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES, OTHER})
        await stage.offer(0)
        await stage.offer(0, b"y", OTHER)
        await stage.host.hand_over({FRAMES})
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if "apply" in line] == ["apply 1:0 y"]
    assert stage.acknowledged == [0]


def test_a_new_owner_goes_on_from_what_was_saved() -> None:
    stage = Stage([b"a", b"b", b"c", b"d"], committed=3, saved=1)
    asyncio.run(stage.host.assign({FRAMES}))
    assert [line for line in stage.diary if "apply" in line or "replay" in line] == ["replay 0:2 c", "apply 0:3 d"]


def test_a_saved_state_that_is_ahead_of_its_log_is_for_a_person() -> None:
    stage = Stage([b"a"], saved=1)
    with pytest.raises(NeedsAPerson, match="includes record 1, the log ends before 1"):
        asyncio.run(stage.host.assign({FRAMES}))


def test_a_partition_is_handed_over_saved_and_not_saved_again() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES, OTHER})
        await stage.offer(0)
        await stage.host.turn()
        await stage.host.hand_over({FRAMES})
        for _ in range(3):
            await stage.host.turn()
        await stage.host.assign({OTHER})

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if line.startswith(("save", "close"))] == ["save 0:0", "close 0"]
    assert [line for line in dict.fromkeys(stage.diary) if line.startswith("due")] == ["due [0, 1]", "due [1]"]


def test_a_state_that_its_next_owner_saves_already_is_let_go() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        stage.kept.fenced = True
        await stage.host.hand_over({FRAMES})
        stage.kept.fenced = False
        await stage.host.leave()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if line.startswith(("save", "close"))] == ["close 0"]


def test_what_is_held_is_said_to_be_until_it_is_another_s() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES, OTHER})
        await stage.host.hand_over({OTHER})
        await stage.host.assign({FRAMES})

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if "hold" in line or "go" in line] == ["hold 0", "hold 1", "let go 1"]


def test_who_leaves_saves_everything() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES, OTHER})
        await stage.host.leave()

    stage = Stage()
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if "save" in line] == ["save 0:-1", "save 1:-1"]


def test_a_full_inbox_makes_those_who_bring_more_wait() -> None:
    async def scene(stage: Stage) -> None:
        await stage.host.assign({FRAMES})
        for offset in range(MOST):
            await stage.offer(offset)
        one_more = asyncio.create_task(stage.offer(MOST))
        await asyncio.sleep(0)
        assert not one_more.done()
        await stage.host.turn()
        await one_more
        await stage.host.turn()

    stage = Stage()
    asyncio.run(scene(stage))
    assert stage.acknowledged == list(range(MOST + 1))


def test_a_step_without_state_goes_on_from_what_was_acknowledged_and_hears_keys() -> None:
    lists: Partition = ("batch-list", 0)

    async def scene(stage: Stage) -> None:
        await stage.host.assign({lists})
        assert stage.host.offsets() == {lists: 1}, "the log is not read: what it has not met arrives"
        await stage.offer(1, b"b", lists, b"bob")
        await stage.offer(7, b"c", lists, b"eve")
        await stage.host.turn()

    stage = Stage([b"a", b"b", b"c"], committed=2)
    asyncio.run(scene(stage))
    assert [line for line in stage.diary if line.startswith(("apply", "replay", "skip"))] == [
        "skip 0:1",
        "apply 0:7 eve=c@7",
    ]
    assert stage.acknowledged == [1, 7]


def test_a_turn_waits_for_the_next_pulse_and_not_at_all_after_one_that_took_as_long() -> None:
    stage = Stage()
    pulse = stage.host._ports.settings.ticks.pulse_ms
    now = [1_000_000]
    stage.host._ports.clock = lambda: now[0]
    stage.host._tick(now[0])
    assert stage.host._to_pulse() == pulse / 1000
    now[0] += pulse - 20
    assert stage.host._to_pulse() == 0.02
    now[0] += 2 * pulse
    assert stage.host._to_pulse() == 0


def test_a_clock_that_is_set_back_holds_up_no_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor all that a pulse brings: rows, lists that trend, checkpoints, a look at the views."""
    stage = Stage()
    ports = stage.host._ports
    stage.host._tick(ports.clock())
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert stage.host._to_pulse() <= ports.settings.ticks.pulse_ms / 1000
