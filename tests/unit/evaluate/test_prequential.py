from collections.abc import Callable
from typing import TypeVar

import numpy as np

from services.evaluate.event_log import EventLog
from services.evaluate.fill import Fill
from services.evaluate.method import Method, Query
from services.evaluate.past import Past
from services.evaluate.prequential import Outcome, Pass
from services.evaluate.protocol import Protocol, plan_test
from shared.core.kernel import Ints, Longs
from shared.core.metrics import hits, places_of
from tests.unit.evaluate import logs
from tests.unit.evaluate.methods import Fixed, Popular, Together

M = TypeVar("M", bound=Method)


def passed(
    log: EventLog, protocol: Protocol, build: Callable[[Past], M], n: int = 20, *, fill: bool = False
) -> tuple[M, Outcome]:
    past = Past(log)
    method = build(past)
    filling = Fill(past, logs.MINUTE) if fill else None
    run = Pass(past, {"it": method}, plan_test(log, protocol), filling, n, protocol.repeats)
    return method, run.run()["it"]


class Watching(Fixed):
    """Fails if any event of the query's group or later is visible."""

    starts: Longs

    def recommend(self, query: Query, n: int) -> Ints:
        visible = int(self.past.count.sum())
        assert visible <= query.event
        assert len(self.learned) == visible
        before = self.past.log.user[:visible] == query.user
        assert self.past.history(query.user).tolist() == self.past.log.item[:visible][before].tolist()
        assert set(np.flatnonzero(self.past.seen)) == set(self.past.log.item[:visible].tolist())
        assert visible == self.starts[query.event]
        return super().recommend(query, n)


def watching(log: EventLog, protocol: Protocol) -> Watching:
    plan = plan_test(log, protocol)
    Watching.starts = plan.bounds[np.searchsorted(plan.bounds, np.arange(len(log)), side="right") - 1]
    return passed(log, protocol, Watching)[0]


def test_nothing_that_has_not_happened_is_visible() -> None:
    log = logs.checkerboard(20)
    method = watching(log, Protocol())
    assert [query.event for query in method.queries] == list(range(20, 80))
    assert method.learned == list(range(80))


def test_nothing_of_the_basket_is_visible() -> None:
    records = [logs.record(f"u{n % 3}", f"i{m}", n, basket=f"{n}") for n in range(8) for m in range(n % 2, 4)]
    log = logs.of(records, baskets=True)
    method = watching(log, Protocol(warmup=0.0, baskets=True))
    assert len(method.queries) == 4 + 3 + 4 + 1  # each user's first basket, then the one item that was not in it


def test_lists_exclude_what_the_user_has_or_with_repeats_only_the_last() -> None:
    log = logs.lines("u c", "u a", "u b", "u d")
    novel, _ = passed(log, Protocol(warmup=0.7), Fixed)
    again, _ = passed(log, Protocol(warmup=0.7, repeats=True), Fixed)
    assert [query.excluded.tolist() for query in novel.queries] == [[0, 2], [0, 1, 2]]
    assert [query.excluded.tolist() for query in again.queries] == [[0], [1]]


def test_togetherness_is_perfect_on_a_checkerboard() -> None:
    log = logs.checkerboard(40)
    protocol = Protocol(warmup=0.25)
    plan = plan_test(log, protocol)
    _, outcome = passed(log, protocol, Together)
    places = places_of(log.item[plan.targets], outcome.lists)
    warm = plan.targets % 4 > 0
    assert hits(places, 3)[warm].all()
    assert not hits(places, 20)[~warm].any()


def test_popularity_is_perfect_where_all_want_the_same() -> None:
    log = logs.lines(*(f"u{n} a" for n in range(40)))
    _, outcome = passed(log, Protocol(), Popular)
    assert (outcome.lists[:, 0] == 0).all()
    assert (outcome.lists[:, 1:] == -1).all()


def test_short_lists_are_filled() -> None:
    log = logs.checkerboard(40)
    protocol = Protocol(warmup=0.5)
    _, alone = passed(log, protocol, Together)
    _, together = passed(log, protocol, Together, fill=True)
    own = (alone.lists >= 0).sum(axis=1)
    assert ((together.lists >= 0).sum(axis=1) == 8 - np.arange(80) % 4).all()
    for row, size in enumerate(own.tolist()):
        assert together.lists[row, :size].tolist() == alone.lists[row, :size].tolist()


def test_a_list_that_a_method_makes_itself_is_not_filled() -> None:
    _, outcome = passed(logs.checkerboard(40), Protocol(), lambda past: Fixed(past, [7]), fill=True)
    assert (outcome.lists[:, :2] == [7, -1]).all()


def test_an_item_that_only_its_rows_describe_is_unknown_before_the_first() -> None:
    records = [logs.record("u", "b", 0), logs.record("u", "a", 1), logs.record("u", "c", 2)]
    answers = {
        ahead: passed(logs.of(records, {}, ahead=ahead), Protocol(warmup=0.0), lambda past: Fixed(past, [0, 2]), 2)[1]
        for ahead in (True, False)
    }
    assert answers[True].lists.tolist() == [[0, 2], [0, 2], [0, 2]]
    assert answers[False].lists.tolist() == [[-1, -1], [-1, -1], [0, -1]]


def test_fits_are_asked_for_as_the_test_begins_and_on_each_new_day() -> None:
    day = 24 * 60
    minutes = [0, 10, day - 1, day, day + 5, 3 * day + 1]
    log = logs.of([logs.record("u", f"i{n}", minute) for n, minute in enumerate(minutes)])
    method, outcome = passed(log, Protocol(warmup=0.34), Fixed)
    assert [(ts - logs.BEGIN) / logs.MINUTE for ts in method.fitted] == [day - 1, day, 3 * day + 1]
    assert (outcome.fits, outcome.fit_s) == (3, 1.5)


class Lazy(Fixed):
    """Learns when it must."""

    def __init__(self, past: Past) -> None:
        super().__init__(past)
        self.settled: list[int] = []

    def settle(self, query: Query) -> None:
        del query
        self.settled.append(len(self.learned))

    def recommend(self, query: Query, n: int) -> Ints:
        assert self.settled[-1] == query.event
        return super().recommend(query, n)


def test_what_was_put_off_is_learned_before_a_list_is_asked_for() -> None:
    method, outcome = passed(logs.checkerboard(20), Protocol(sample=9), Lazy)
    assert len(method.settled) == 9
    assert outcome.settle_s != 0.0


class Eager(Fixed):
    """Makes two lists with each event, of 50 seconds each if one believes it."""

    def ahead(self) -> tuple[int, float]:
        return 2 * len(self.learned), 100.0 * len(self.learned)


def test_lists_made_ahead_are_not_learning() -> None:
    log = logs.checkerboard(20)
    _, outcome = passed(log, Protocol(sample=9), Eager)
    assert (outcome.ahead, outcome.ahead_s) == (2 * len(log), 100.0 * len(log))
    assert -101 * outcome.learned < outcome.learn_s < -99 * outcome.learned


def test_progress_adds_up() -> None:
    log = logs.checkerboard(300)
    past, told = Past(log), list[int]()
    Pass(past, {}, plan_test(log, Protocol()), None, 20).run(told.append)
    assert len(told) == 2
    assert sum(told) == 1000
