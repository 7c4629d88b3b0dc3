"""What must not be in a user's list, and what may come again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.sections import ListSettings
from shared.contracts.settings import Settings, load_settings
from shared.core.profiles.possession import MOST_OWN, barred, newest_distinct, own
from shared.core.profiles.profiles import Profiles
from tests.unit.core.frame_rows import START, Row, frame_of
from tests.unit.core.sequences import ROOMY, TIGHT, frames

REMEMBERING = load_settings(profiles={"max_owned": 2 * MOST_OWN, "max_events_per_minute": 1000})
NOVEL, REPEATS = ListSettings(), ListSettings(repeats=True)
MILK = Row(None, "milk", kind="item", record=b'{"item_id":"milk","repeatable":true}')
BOTH = pytest.mark.parametrize("rules", [NOVEL, REPEATS], ids=["novel", "repeats"])


def after(*rows: Row, bounds: Settings = ROOMY) -> Profiles:
    step = Profiles(bounds, 0)
    step.step(0, frame_of(list(rows)))
    return step


def kept_out(step: Profiles, rules: ListSettings, user: str = "u") -> set[str]:
    items, start = barred(step.state, np.array([slot(step, user)], dtype=np.int32), rules)
    assert start.tolist() == [0, len(items)]
    return {step.state.items.names[item] for item in items.tolist()}


def again(step: Profiles, rules: ListSettings, user: str = "u") -> list[tuple[str, int, int]]:
    """(item, times, minutes after START of the last meeting)."""
    found = own(step.state, slot(step, user), rules)
    return [(step.state.items.names[item], times, (last - START) // 60_000) for item, times, last in found]


def slot(step: Profiles, user: str) -> int:
    return step.state.users.slots.get(user, -1)


SHOPPING = after(
    Row("u", "tea", 1, "purchase"),
    Row("u", "rye", 2, "purchase"),
    Row("u", "cup", 3),
    Row("u", "tea", 4, "purchase"),
    Row("u", "rug", 5, "hide"),
    Row("u", "rye", 6),
    Row("u", "pan", 7),
)


def test_where_things_are_taken_again_the_newest_and_what_is_refused_stay_out() -> None:
    assert kept_out(SHOPPING, REPEATS) == {"pan", "rug"}
    assert again(SHOPPING, REPEATS) == [("tea", 2, 4), ("rye", 1, 6), ("cup", 0, 3)]


def test_elsewhere_nothing_comes_again() -> None:
    assert kept_out(SHOPPING, NOVEL) == {"tea", "rye", "cup", "rug", "pan"}
    assert again(SHOPPING, NOVEL) == []


def test_what_the_catalogue_calls_repeatable_comes_again_everywhere_unless_refused() -> None:
    step = after(
        MILK,
        Row("u", "milk", 1, "purchase"), Row("u", "pan", 2, "purchase"),
        Row("v", "milk", 3),
        Row("w", "milk", 4), Row("w", "milk", 5, "hide"),
    )  # fmt: skip
    assert [kept_out(step, NOVEL, user) for user in "uvw"] == [{"pan"}, set(), {"milk"}]
    assert [again(step, NOVEL, user) for user in "uvw"] == [[("milk", 1, 1)], [("milk", 0, 3)], []]


def test_what_was_given_back_was_only_looked_at() -> None:
    step = after(Row("u", "tea", 1, "purchase"), Row("u", "tea", 2, "return"), Row("u", "cup", 3))
    assert again(step, REPEATS) == [("tea", 0, 1)]


@BOTH
def test_nobody_known_has_nothing_whoever_stands_last(rules: ListSettings) -> None:
    assert (kept_out(SHOPPING, rules, "ghost"), again(SHOPPING, rules, "ghost")) == (set(), [])


def test_the_oftenest_and_newest_are_told_and_no_more_than_so_many() -> None:
    times = {f"i{n}": 1 + n % 2 for n in range(2 * MOST_OWN)}
    rows = [Row("u", item, n, "purchase") for n, item in enumerate(times) for _ in range(times[item])]
    found = again(after(*rows, Row("u", "last", 9999), bounds=REMEMBERING), REPEATS)
    assert found == sorted(found, key=lambda one: (-one[1], -one[2]))
    assert sorted(item for item, _, _ in found) == sorted(item for item, n in times.items() if n > 1)
    assert len(found) == MOST_OWN


@BOTH
@pytest.mark.parametrize("bounds", [TIGHT, ROOMY], ids=["tight", "roomy"])
@given(frames=frames, viewed=st.booleans())
def test_nothing_is_both_and_all_that_comes_again_is_the_users(
    bounds: Settings, rules: ListSettings, frames: list[list[Row]], viewed: bool
) -> None:
    rules = rules.model_copy(update={"exclude_viewed": viewed})
    step = Profiles(bounds, 0)
    for number, rows in enumerate(frames):
        step.step(number, frame_of(rows, first_offset=100 * number))
    for user in step.state.users.slots:
        had = step.state.had(slot(step, user))
        known = {item for item, _ in step.state.history(user)} | {step.state.items.names[item] for item in had}
        mine = [item for item, _, _ in again(step, rules, user)]
        assert len(mine) == len(set(mine)) <= MOST_OWN
        assert set(mine) <= known
        assert kept_out(step, rules, user) <= known
        assert not set(mine) & kept_out(step, rules, user)
        if viewed or rules.repeats:
            assert set(mine) | kept_out(step, rules, user) == known


@given(parts=st.lists(st.lists(st.integers(0, 9), max_size=12), max_size=5), most=st.integers(1, 8))
def test_of_what_is_barred_the_newest_are_told_each_once(parts: list[list[int]], most: int) -> None:
    items = np.array([item for part in parts for item in part], dtype=np.int32)
    start = np.cumsum([0, *map(len, parts)]).astype(np.int32)
    told = newest_distinct(items, start, most, 10).tolist()
    assert [[item for item in row if item >= 0] for row in told] == [
        list(dict.fromkeys(reversed(part)))[:most] for part in parts
    ]
