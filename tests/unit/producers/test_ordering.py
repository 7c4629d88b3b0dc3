import resource
from collections.abc import Callable, Iterator

import pytest

from services.producers import ordering
from services.producers.ordering import in_order, merged, sorted_on_disk
from services.producers.records import Record


def events(*times: int, name: str = "") -> Callable[[bool], Iterator[Record]]:
    return lambda _again: (Record(ts, "view", "u", "i", where=f"{name}{n}") for n, ts in enumerate(times))


@pytest.mark.parametrize("held", [100, 2], ids=["in memory", "beyond it"])
@pytest.mark.parametrize("times", [(1, 2, 2, 3, 9), (3, 1, 2, 9, 2), (5,)])
def test_records_come_by_time_however_they_are_kept(held: int, times: tuple[int, ...]) -> None:
    ordered = in_order(events(*times), held)

    for _ in range(2):
        found = list(ordered.read())
        assert [r.ts for r in found] == sorted(times)
        assert [r.where for r in found] == [str(i) for i in sorted(range(len(times)), key=lambda i: times[i])]
    assert (ordered.count, ordered.first_ts, ordered.last_ts) == (len(times), min(times), max(times))
    assert ordered.sorted == (list(times) == sorted(times))


def test_a_record_comes_back_whole_from_disk() -> None:
    record = Record(1, "view", "u", None, 2.5, {"a": 1, "b": "ä"}, "basket", "s", "e", "7.1", b"{}")

    assert list(sorted_on_disk(iter([record]), 10)) == [record]


def test_a_log_of_more_runs_than_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 200,000 rows each, 1,024 files are a log of 200 million."""
    monkeypatch.setattr(ordering, "RUNS", 50)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    times = [(7 * n) % 300 // 3 for n in range(300)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, before[1]))
    try:
        found = [record.where for record in sorted_on_disk(events(*times)(True), 1)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert found == [str(n) for n in sorted(range(300), key=times.__getitem__)]


def test_files_are_merged_by_time_and_can_be_cut() -> None:
    both = merged([in_order(events(1, 5, name="a")), in_order(events(4, 2, name="b")), in_order(events())])

    assert [(r.ts, r.where) for r in both.read()] == [(1, "a0"), (2, "b1"), (4, "b0"), (5, "a1")]
    assert (both.count, both.last_ts, both.sorted) == (4, 5, False)
    cut = both.limited(3)
    assert ([r.ts for r in cut.read()], cut.count, cut.last_ts) == ([1, 2, 4], 3, 4)
    assert both.limited(99) is both


def test_nothing_is_no_events() -> None:
    assert merged([in_order(events())]).count == 0
