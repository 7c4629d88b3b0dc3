"""The oracle and production, told the same, hold the same and say the same. Neither knows the other's code."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from services.verify.comparison import Comparison
from services.verify.examples_replay import ExamplesReplay
from services.verify.item_views_oracle import ItemViewsOracle, said_by_row, said_by_similar, said_by_stat
from services.verify.items_oracle import ItemsOracle
from services.verify.lists_oracle import ListsOracle, said_by
from services.verify.profiles_oracle import ProfilesOracle
from services.verify.published import ROW, SIM, STAT, item_views
from services.verify.saved_state import Shapes, saved_items, saved_learner, saved_profiles
from services.verify.standing_views import StandingViews
from services.verify.states import of_items, of_learner, of_profiles
from shared.contracts.deltas import ScopeNew, ScopeTops, decode_delta, decode_tops, encode, packed, unpacked
from shared.contracts.examples import decode_examples
from shared.contracts.rank_views import decode_ranker, decode_row, decode_stat, version_of
from shared.contracts.settings import Settings
from shared.contracts.topics import EXAMPLES, ITEM_DELTAS, TOPS
from shared.contracts.views import at, decode_view
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.core.sequences import ROOMY, TIGHT, frames, many_frames, with_fast_lists, with_repeats
from tests.unit.verify.worker import Worker

DECODED: dict[str, Callable[[bytes], object]] = {
    SIM: lambda raw: said_by_similar(decode_view(raw)),
    ROW: lambda raw: said_by_row(decode_row(raw)),
    STAT: lambda raw: said_by_stat(decode_stat(raw)),
}
SPLIT = TIGHT.model_copy(update={"topics": TIGHT.topics.model_copy(update={"items_partitions": 2})})


class Both:
    """Production and oracle of one `frames` partition and of all of `item-deltas`."""

    def __init__(self, settings: Settings) -> None:
        self.worker = Worker(settings)
        self.shop = self.worker.shop()
        self.profiles = ProfilesOracle(settings, 0)
        self.items = [ItemsOracle(settings, n) for n in range(settings.topics.items_partitions)]
        self.learner = ExamplesReplay(settings)
        self._read: dict[tuple[str, int], int] = {}

    def fold(self, number: int, rows: list[Row]) -> None:
        frame = frame_of(rows, first_offset=50 * number)  # beyond 50 rows, some are told twice
        self.worker.turn(0, frame)
        expected = self.profiles.fold(number, frame)
        for oracle, step in zip(self.items, self.worker.items, strict=True):
            made = self._new(ITEM_DELTAS, step.partition)
            told = expected.get(step.partition)
            assert [value for _, value in made] == ([] if told is None else [packed([encode(told)])])
            for offset, value in made:
                for raw in unpacked(value):
                    oracle.fold(offset, decode_delta(raw))
        for _, value in self._new(EXAMPLES, 0):
            self.learner.fold(decode_examples(value))

    def _new(self, short: str, partition: int) -> list[tuple[int, bytes]]:
        """Records that came since it was asked last."""
        start = self._read.get((short, partition), 0)
        found = list(self.worker.log.read(self.shop.topic(short), partition, start, 2**31, contiguous=True))
        self._read[short, partition] = start + len(found)
        return found

    def compare(self) -> Comparison:
        """Everything that production holds and says."""
        findings = Comparison()
        for expected, found in self._states():
            assert expected.keys() == found.keys()
            for name, values in expected.items():
                findings.mapping(name, values, found[name])
        for oracle in self.items:
            self._compare_views(oracle, findings)
        for _, value in self._new(TOPS, 0):
            if value:  # else a scope that is told of no longer leaves the log
                self._compare_tops(value, findings)
        self._compare_ranker(findings)
        self._compare_lists(findings)
        return findings

    def _states(self) -> list[tuple[Shapes, Shapes]]:
        held, rules = self.worker.kept(), self.shop.settings
        segments = {place: step.take() for place, step in held.items()}
        items = [
            (of_items(oracle), saved_items(rules, n, segments[ITEM_DELTAS, n])) for n, oracle in enumerate(self.items)
        ]
        return [
            (of_profiles(self.profiles), saved_profiles(rules, segments["frames", 0])),
            *items,
            (of_learner(self.learner), saved_learner(rules, segments[EXAMPLES, 0])),
        ]

    def _compare_views(self, oracle: ItemsOracle, findings: Comparison) -> None:
        """Of items that the last delta changed: these have been written, no others."""
        said, version = ItemViewsOracle(oracle), at(self.shop.settings.generation, oracle.offset)
        expected: dict[str, Callable[[str], object]] = {SIM: said.similar, ROW: said.row, STAT: said.stat}
        for kind, key_of in item_views(self.shop).items():
            standing = {name: self.worker.views.held.get(key_of(name)) for name in oracle.owned()}
            written = {name: raw for name, raw in standing.items() if raw is not None and version_of(raw) == version}
            changed = oracle.stats_changed if kind == STAT else oracle.rows_changed
            due = {name for name in standing if changed.get(name) == oracle.offset}
            findings.same(f"{kind} views written", due, set(written))
            for name, raw in written.items():
                findings.same(f"{kind} of {name}", expected[kind](name), DECODED[kind](raw))

    def _compare_tops(self, value: bytes, findings: Comparison) -> None:
        record: Any = decode_tops(value)
        if isinstance(record, ScopeNew):
            told = list(zip(record.items, record.since, strict=True))
            findings.same(f"new in {record.scope}", self.items[record.partition].new(record.scope), told)
        if isinstance(record, ScopeTops) and not record.tops:
            half_life = self.shop.settings.popularity.trending
            findings.same(f"held of {record.scope}", [], self.items[record.partition].top(record.scope, half_life))
        for top in getattr(record, "tops", []):
            said = list(zip(top.items, top.counts, strict=True))
            findings.same(
                f"tops of {record.scope}", self.items[record.partition].top(record.scope, top.half_life), said
            )

    def _compare_ranker(self, findings: Comparison) -> None:
        raw = self.worker.views.held.get(self.shop.keys.ranker())
        if raw is not None:
            view = decode_ranker(raw)
            findings.same("ranker", self.learner.said(), (view.learned, view.rows, view.weights))

    def _compare_lists(self, findings: Comparison) -> None:
        """Of users whom the last frame touched."""
        version, keys = at(self.shop.settings.generation, self.profiles.offset), self.shop.keys
        views = {name: self.worker.views.held.get(keys.rec(name)) for name in self.profiles.users()}
        views = {name: raw for name, raw in views.items() if raw is not None and version_of(raw) == version}
        standing, repeatable = StandingViews(self.shop), frozenset(self.profiles.repeatable())
        profiles = self.profiles
        lists = ListsOracle(self.shop.settings, standing, repeatable, profiles.ts, profiles.offset)
        expected = lists.expected([(name, profiles.users()[name]) for name in views])
        for (name, raw), said in zip(views.items(), expected, strict=True):
            findings.mapping(f"list of {name}", said, said_by(decode_view(raw or b"")))


AGAIN = [with_repeats(TIGHT), with_repeats(ROOMY)]
FAST = [with_fast_lists(TIGHT), with_fast_lists(with_repeats(ROOMY))]
EACH = pytest.mark.parametrize(
    "rules",
    [TIGHT, SPLIT, ROOMY, *AGAIN, *FAST],
    ids=["tight", "split", "roomy", "tight again", "roomy again", "tight fast", "roomy again fast"],
)


def check_each(rules: Settings, frames: list[list[Row]]) -> None:
    both = Both(rules)
    for number, rows in enumerate(frames):
        both.fold(number, rows)
        findings = both.compare()
        assert not findings.differing, findings.differences


@EACH
@given(frames=frames)
def test_oracle_and_production_are_equal_after_every_frame(rules: Settings, frames: list[list[Row]]) -> None:
    check_each(rules, frames)


@EACH
@settings(max_examples=15)
@given(frames=many_frames)
def test_they_still_are_after_many(rules: Settings, frames: list[list[Row]]) -> None:
    check_each(rules, frames)


@pytest.mark.parametrize("rules", [ROOMY, with_fast_lists(ROOMY)], ids=["full", "fast"])
def test_they_are_where_lists_cannot_look_at_everything(rules: Settings) -> None:
    """Histories are longer than lists look back, rows longer than what a source may bring, tops as well."""
    chance = Random(11)

    def some(first: int) -> list[Row]:
        return [Row(f"u{chance.randrange(12)}", f"i{chance.randrange(150)}", at) for at in range(first, first + 40)]

    check_each(rules, [some(20 * number) for number in range(16)])


def test_a_difference_is_found_and_named() -> None:
    both = Both(ROOMY)
    both.fold(0, [Row("u", "a", 1), Row("u", "b", 2)])
    assert not both.compare().differing
    profiles, items = both.worker.profiles[0]._core, both.worker.items[0]._core
    profiles.state.histories.of(0, "ts")[1] += 1
    items.rows.counts[0, 0, 1] = 7.0
    items.facts.brand[0] = 3
    findings = both.compare()
    assert findings.differing == 3
    for name in ("history of 'u'", "neighbours of 'a'", "facts of 'a'"):
        assert any(name in difference for difference in findings.differences)
