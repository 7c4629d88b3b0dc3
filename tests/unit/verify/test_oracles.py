"""The oracle and production, told the same, hold the same and say the same. Neither knows the other's code."""

from typing import Any

import pytest
from hypothesis import given

from services.verify.comparison import Comparison
from services.verify.items_oracle import ItemsOracle
from services.verify.profiles_oracle import ProfilesOracle
from services.verify.saved_state import saved_items, saved_profiles
from services.verify.states import of_items, of_profiles
from shared.contracts.deltas import encode
from shared.contracts.settings import Settings
from shared.core import item_segments, profile_segments
from shared.core.items import Items
from shared.core.profiles import Profiles
from tests.unit.core.frames import Row, frame_of
from tests.unit.core.sequences import ROOMY, TIGHT, frames


class Both:
    """Production and oracle of one `frames` and one `item-deltas` partition."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.profiles, self.items = Profiles(settings, 0), Items(settings, 0)
        self.profiles_oracle, self.items_oracle = ProfilesOracle(settings, 0), ItemsOracle(settings, 0)

    def fold(self, number: int, rows: list[Row]) -> None:
        frame = frame_of(rows, first_offset=50 * number)  # beyond 50 rows, some are told twice
        made = self.profiles.step(number, frame).deltas
        expected = self.profiles_oracle.fold(number, frame)
        assert {to: encode(delta) for to, delta in made} == {to: encode(delta) for to, delta in expected.items()}
        for _, delta in made:
            offset = self.items.offset + 1
            self.items.step(offset, delta)
            self.items_oracle.fold(offset, delta)

    def compare_published(self, findings: Comparison) -> None:
        """Neighbour rows and scope tops as they would be written now."""
        for view in self.items.take_dirty_rows(100):
            said = list(zip(view.items, view.scores, strict=True))
            findings.same(f"row of {view.item_id}", self.items_oracle.similar(str(view.item_id)), said)
        for record in self.items.take_dirty_scopes(100):
            for top in record.tops:
                said = list(zip(top.items, top.counts, strict=True))
                findings.same(f"tops of {record.scope}", self.items_oracle.top(record.scope, top.half_life), said)

    def compare(self) -> Comparison:
        findings = Comparison()
        states: list[tuple[dict[str, dict[Any, Any]], dict[str, dict[Any, Any]]]] = [
            (
                of_profiles(self.profiles_oracle),
                saved_profiles(self.settings, profile_segments.take(self.profiles.state)),
            ),
            (of_items(self.items_oracle), saved_items(self.settings, 0, item_segments.take(self.items))),
        ]
        for expected, found in states:
            assert expected.keys() == found.keys()
            for name, values in expected.items():
                findings.mapping(name, values, found[name])
        self.compare_published(findings)
        return findings


@pytest.mark.parametrize("settings", [TIGHT, ROOMY], ids=["tight", "roomy"])
@given(frames=frames)
def test_oracle_and_production_are_equal_after_every_frame(settings: Settings, frames: list[list[Row]]) -> None:
    both = Both(settings)
    for number, rows in enumerate(frames):
        both.fold(number, rows)
        findings = both.compare()
        assert not findings.differing, findings.differences


def test_a_difference_is_found_and_named() -> None:
    both = Both(ROOMY)
    both.fold(0, [Row("u", "a", 1), Row("u", "b", 2)])
    assert both.compare().compared == 20
    both.profiles.state.history_ts[0, 1] += 1
    both.items.rows.counts[0, 0] = 7.0
    findings = both.compare()
    assert findings.differing == 2
    assert any("history of 'u'" in difference for difference in findings.differences)
    assert any("neighbours of" in difference for difference in findings.differences)
