"""When a state is saved and from what a new owner goes on, with a log and a state log that the test holds."""

import pytest

from shared.contracts.errors import Fenced, NeedsAPerson
from shared.contracts.settings import load_settings
from shared.contracts.state import MANIFEST
from streams.hosting.checkpoints import Partition
from tests.unit.streams.saving import FRAMES, OTHER, SEGMENTS, Bench, Counter, Saves, stored


def test_the_former_owner_is_fenced_before_anything_is_read() -> None:
    bench = Bench()
    step = Counter()
    bench.restore(FRAMES, step)
    assert bench.diary == ["fence frames/0", "read state.profiles"]
    assert step.restored is None


def test_a_new_owner_goes_on_from_what_was_saved() -> None:
    bench = Bench(stored(load_settings()))
    step = Counter()
    bench.restore(FRAMES, step)
    assert step.restored == SEGMENTS
    [state] = bench.states
    assert state.went_on is not None
    assert state.went_on.offset == 7


@pytest.mark.parametrize("what", ["segment missing", "segment damaged", "manifest missing", "manifest damaged"])
def test_a_torn_state_is_not_used(what: str) -> None:
    left = stored(load_settings())
    key = b"000001/" + (MANIFEST.encode() if what.startswith("manifest") else b"users/0")
    if what.endswith("missing"):
        del left[key]
    else:
        left[key] = left[key][:-1]
    bench = Bench(left)
    step = Counter()
    bench.restore(FRAMES, step)
    assert step.restored is None
    assert bench.states[0].went_on is None


def test_a_state_made_under_other_settings_is_for_a_person() -> None:
    bench = Bench(stored(load_settings()), profiles={"history": 7})
    with pytest.raises(NeedsAPerson, match=r"state\.profiles/0, generation 1.*history was 40, is 7.*GENERATION=2"):
        bench.restore(FRAMES, Counter())


def test_settings_that_only_make_views_may_change() -> None:
    bench = Bench(stored(load_settings()), lists={"length": 7}, cooccurrence={"published": 5, "shrinkage": 1.0})
    step = Counter()
    bench.restore(FRAMES, step)
    assert step.restored == SEGMENTS


def test_another_generation_knows_nothing_of_it() -> None:
    bench = Bench(stored(load_settings()), generation=2, profiles={"history": 7})
    step = Counter()
    bench.restore(FRAMES, step)
    assert step.restored is None


def test_what_a_state_has_made_is_in_the_log_and_in_the_views_before_it_is_saved() -> None:
    bench = Bench()
    step = Counter()
    bench.restore(FRAMES, step)
    bench.diary.clear()
    step.at = 3
    bench.checkpoints.save(FRAMES, step)
    assert bench.diary == ["flush", "settle", "save 0:3 {'meta': b'3'}"]


def test_a_state_that_has_not_changed_is_not_saved_again() -> None:
    bench = Bench(stored(load_settings()))
    step = Counter()
    bench.restore(FRAMES, step)
    bench.diary.clear()
    bench.checkpoints.save(FRAMES, step)
    assert bench.diary == []
    step.at = 8
    bench.checkpoints.save(FRAMES, step)
    bench.checkpoints.save(FRAMES, step)
    assert bench.diary == ["flush", "settle", "save 0:8 {'meta': b'8'}"]


def two_changed(sooner: Partition, later: Partition) -> tuple[Bench, dict[Partition, Counter]]:
    """Two states that have changed, and which is due first; a small state is saved every 166 ms."""
    bench = Bench(ticks={"checkpoint_ms": 1000})
    held = {partition: Counter(partition[1]) for partition in (sooner, later)}
    for bench.now, partition in ((0, sooner), (500, later)):
        bench.restore(partition, held[partition])
        held[partition].at = 9
    bench.diary.clear()
    return bench, held


def test_one_is_saved_at_a_time_and_the_most_overdue_first() -> None:
    bench, held = two_changed(OTHER, FRAMES)
    for bench.now in (999, 2000, 2001, 2002, 3000):
        bench.checkpoints.save_one_due(bench.now, held)
    assert [line.split(" {")[0] for line in bench.diary] == [
        "flush",
        "settle",
        "save 1:9",
        "flush",
        "settle",
        "save 0:9",
    ]


@pytest.mark.parametrize(("written", "pace"), [(0, 5_000), (900_000, 9_000), (10**9, 30_000)])
def test_the_less_a_save_writes_the_sooner_comes_the_next(
    monkeypatch: pytest.MonkeyPatch, written: int, pace: int
) -> None:
    monkeypatch.setattr(Saves, "written", written)
    bench, step = Bench(), Counter()
    bench.restore(FRAMES, step)
    saved = []
    for bench.now in range(0, 80_001, 1000):
        step.at = bench.now
        before = len(bench.diary)
        bench.checkpoints.save_one_due(bench.now, {FRAMES: step})
        saved += [bench.now] if len(bench.diary) > before else []
    assert saved[0] == 5_000
    assert saved[1] - saved[0] == saved[2] - saved[1] == pace


def test_a_partition_of_another_is_not_saved() -> None:
    bench = Bench()
    step = Counter()
    bench.restore(FRAMES, step)
    bench.checkpoints.close(FRAMES)
    bench.now = 10**9
    bench.diary.clear()
    bench.checkpoints.save_one_due(bench.now, {FRAMES: step})
    assert bench.diary == []


def test_while_a_state_is_on_its_way_records_are_applied_and_no_other_is_taken() -> None:
    bench, held = two_changed(FRAMES, OTHER)
    bench.beside.at_once = False
    for bench.now in (1000, 2000):
        bench.checkpoints.save_one_due(bench.now, held)
        held[FRAMES].at += 1
    assert bench.diary == ["flush", "settle"]
    bench.beside.go_on()
    assert bench.diary[2:] == ["save 0:9 {'meta': b'9'}"]
    bench.checkpoints.save_one_due(bench.now, held)
    bench.beside.go_on()
    assert bench.diary[3:] == ["flush", "settle", "save 1:9 {'meta': b'9'}"]


def test_whoever_waits_for_a_state_to_be_saved_waits_for_what_is_on_its_way() -> None:
    bench, step = Bench(), Counter()
    bench.restore(FRAMES, step)
    step.at, bench.beside.at_once = 9, False
    bench.diary.clear()
    bench.checkpoints.save_one_due(bench.now + 10**6, {FRAMES: step})
    step.at, bench.beside.at_once = 10, True
    bench.beside.go_on()
    bench.checkpoints.save(FRAMES, step)
    assert [line for line in bench.diary if "save" in line] == ["save 0:9 {'meta': b'9'}", "save 0:10 {'meta': b'10'}"]
    bench.checkpoints.save(FRAMES, step)
    assert len(bench.diary) == 6


def test_who_was_fenced_meanwhile_hears_of_it_unless_the_partition_is_anothers_anyway() -> None:
    bench, step = Bench(), Counter()
    bench.restore(FRAMES, step)
    bench.states[0].fenced = True
    for bench.now, hears in ((10**6, True), (10**7, False)):
        step.at += 1
        bench.checkpoints.save_one_due(bench.now, {FRAMES: step})
        if hears:
            with pytest.raises(Fenced):
                bench.checkpoints.save_one_due(bench.now, {FRAMES: step})
        else:
            bench.checkpoints.save_one_due(bench.now, {})
            bench.checkpoints.close(FRAMES)
            bench.checkpoints.save_one_due(bench.now, {})


def test_who_saves_a_state_that_another_has_taken_over_hears_of_it() -> None:
    bench, step = Bench(), Counter()
    bench.restore(FRAMES, step)
    bench.states[0].fenced, step.at = True, 3
    with pytest.raises(Fenced):
        bench.checkpoints.save(FRAMES, step)
