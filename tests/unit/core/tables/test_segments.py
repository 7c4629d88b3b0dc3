"""The law of a saved state: whoever goes on from it does bit for bit what the one that was not interrupted does."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.deltas import encode
from shared.contracts.errors import BadRecord
from shared.contracts.settings import Settings
from shared.core.items import item_segments
from shared.core.items.items import Items
from shared.core.profiles import profile_segments
from shared.core.profiles.profiles import Profiles
from shared.core.tables.segments import SEGMENT_BYTES, of_table, pack, pack_list, slices, unpack, unpack_list
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.core.sequences import ROOMY, TIGHT, frames


class Pipeline:
    """Profiles and items of one partition each; interrupted, it goes on from what it saved."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.profiles = Profiles(settings, 0)
        self.items = Items(settings, 0)
        self.effects: list[object] = []

    def run(self, numbered: Sequence[tuple[int, list[Row]]]) -> None:
        for number, rows in numbered:
            done = self.profiles.step(number, frame_of(rows, first_offset=100 * number))
            self.effects.append([encode(delta) for _, delta in done.deltas])
            for _, delta in done.deltas:
                said = self.items.step(self.items.offset + 1, delta)
                self.effects.append((said.removed, said.availability))
            if number % 3 == 0:
                self.effects.append(self.items.take_dirty_rows(2).tolist())
                self.effects.append(self.items.take_dirty_stats(3).tolist())
                self.effects.append(self.items.catalogue.take_dirty(1))
                self.effects.append(self.items.take_dirty_scopes(1))
                self.effects.append(self.items.take_new(1))

    def interrupt(self) -> None:
        self.profiles.state = profile_segments.restore(
            self.settings.profiles, profile_segments.take(self.profiles.state)
        )
        self.items = item_segments.restore(self.settings, 0, item_segments.take(self.items))

    def everything(self) -> tuple[object, ...]:
        """But of what it is to be told that it is no more."""
        items = {name: part for name, part in item_segments.take(self.items).items() if "-gone/" not in name}
        return self.effects, profile_segments.take(self.profiles.state), items

    def gone(self) -> set[str]:
        """That."""
        return {
            name for part in (self.items.scopes, self.items.contexts, self.items.newest) for name in part.dirty.gone
        }


@pytest.mark.parametrize("settings", [TIGHT, ROOMY], ids=["tight", "roomy"])
@given(frames=frames, cut=st.integers(0, 12))
def test_what_goes_on_from_a_saved_state_is_bit_for_bit_what_was_never_interrupted(
    settings: Settings, frames: list[list[Row]], cut: int
) -> None:
    numbered = list(enumerate(frames))
    whole, parted = Pipeline(settings), Pipeline(settings)
    whole.run(numbered)
    parted.run(numbered[:cut])
    parted.interrupt()
    parted.run(numbered[cut:])
    assert whole.everything() == parted.everything()
    assert whole.gone() <= parted.gone()  # who goes on does not know what was told since the state was saved


def test_a_user_who_is_forgotten_is_in_no_segment() -> None:
    step = Profiles(ROOMY, 0)
    step.step(0, frame_of([Row("remembered-not", "a", 1), Row("other", "b", 2)]))
    assert any(b"remembered-not" in segment for segment in profile_segments.take(step.state).values())
    step.step(1, frame_of([Row("remembered-not", None, kind="user")], first_offset=10))
    assert not any(b"remembered-not" in segment for segment in profile_segments.take(step.state).values())


def test_an_event_changes_few_segments() -> None:
    step = Profiles(ROOMY, 0)
    step.step(0, frame_of([Row(f"user-{n}", f"item-{n % 50}", n / 100) for n in range(4000)]))
    before = profile_segments.take(step.state)
    step.step(1, frame_of([Row("user-1", "item-2", 100)], first_offset=5000))
    after = profile_segments.take(step.state)
    changed = {name for name in after if after[name] != before.get(name)}
    assert len(after) > 8
    tables = ["histories", "items", "items-clock", "meta", "users", "users-clock"]
    assert sorted(name.split("/")[0] for name in changed) == tables


@given(rows=st.integers(0, 10_000), row_bytes=st.integers(1, 3 * SEGMENT_BYTES))
def test_slices_hold_every_row_once_and_none_is_too_large(rows: int, row_bytes: int) -> None:
    parts = [rows_ for _, rows_ in slices("t", rows, row_bytes)]
    assert [n for part in parts for n in range(part.start, part.stop)] == list(range(rows))
    assert all((p.stop - p.start) * row_bytes <= SEGMENT_BYTES or p.stop - p.start == 1 for p in parts)


@given(entries=st.lists(st.text(max_size=3), max_size=40))
def test_a_list_comes_back(entries: list[str]) -> None:
    assert unpack_list(pack_list("t", entries, SEGMENT_BYTES // 8), "t") == entries


def test_columns_come_back_bit_for_bit() -> None:
    column = np.array([[0.1, -0.0], [np.nan, np.inf]])
    [segment] = of_table({"t/0": pack({"c": column}, 7, more="text")}, "t")
    assert segment.start == 7
    assert segment.values == {"more": "text"}
    assert segment.column("c").tobytes() == column.tobytes()
    assert segment.column("c").shape == (2, 2)


@pytest.mark.parametrize("raw", [b"", b"\xc1", msgspec.msgpack.encode({"not": "a segment"})])
def test_what_is_no_segment_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRecord):
        unpack(raw)
