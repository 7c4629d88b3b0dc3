"""Users as whoever ranks sees them."""

import numpy as np
import pytest

from shared.contracts.sections import ListSettings
from shared.core.lists.audience import users_of
from shared.core.lists.rank_cache import RankCache
from shared.core.lists.sources import Users
from shared.core.profiles import profile_segments
from shared.core.profiles.profiles import Profiles
from tests.unit.core.frame_rows import START, Row, frame_of
from tests.unit.core.sequences import ROOMY
from tests.unit.core.shops import LADDER, names_of

RULES = ListSettings(recent_items=3)
NOT_VIEWED = ListSettings(recent_items=3, exclude_viewed=False)
MILK = b'{"item_id":"milk","repeatable":true}'


def step_after(*rows: Row) -> Profiles:
    step = Profiles(ROOMY, 0)
    step.step(0, frame_of([Row(None, "milk", kind="item", record=MILK), *rows]))
    return step


def seen(step: Profiles, names: list[str], rules: ListSettings = RULES) -> tuple[RankCache, Users]:
    cache = RankCache(1000, LADDER, 5, 5, 1000)
    cache.slots(["filler", "others"])  # the cache's slots are not the state's
    return cache, users_of(step.state, step.state.users.find(names), cache, rules)


def recent(cache: RankCache, users: Users, row: int = 0) -> list[str]:
    held = users.recent[row]
    assert (held[np.argmax(held < 0) :] == -1).all() or (held >= 0).all()
    return names_of(cache, held[held >= 0])


def excluded(cache: RankCache, users: Users, row: int = 0) -> set[str]:
    return set(names_of(cache, users.excluded[users.excluded_start[row] : users.excluded_start[row + 1]]))


def test_the_newest_items_come_first() -> None:
    step = step_after(*(Row("u", item, n) for n, item in enumerate("abcde")))
    cache, users = seen(step, ["u"])
    assert recent(cache, users) == ["e", "d", "c"]
    assert (users.newest_ts.tolist(), users.visits.tolist()) == ([START + 240_000], [5])
    assert users.recent.shape == (1, 3)


def test_a_user_who_is_not_known_is_empty_whoever_stands_last() -> None:
    step = step_after(Row("u", "a", 1, "purchase"), Row("v", "b", 2, "purchase"))
    cache, users = seen(step, ["ghost", "v", "ghost"])
    assert [recent(cache, users, row) for row in range(3)] == [[], ["b"], []]
    assert [excluded(cache, users, row) for row in range(3)] == [set(), {"b"}, set()]
    assert users.visits.tolist() == [0, 1, 0]
    assert users.newest_ts.tolist() == [0, START + 120_000, 0]


def test_nobody_is_asked_about() -> None:
    _, users = seen(step_after(Row("u", "a", 1)), [])
    assert (len(users), users.excluded_start.tolist(), users.excluded.tolist()) == (0, [0], [])


def test_a_user_of_refusals_alone_has_no_history() -> None:
    cache, users = seen(step_after(Row("u", "a", 1, "hide")), ["u"])
    assert (recent(cache, users), users.newest_ts.tolist(), users.visits.tolist()) == ([], [0], [0])
    assert excluded(cache, users) == {"a"}


@pytest.mark.parametrize(("rules", "viewed"), [(RULES, {"a", "b", "c", "d"}), (NOT_VIEWED, set())])
def test_what_was_viewed_is_excluded_by_setting_however_long_ago(rules: ListSettings, viewed: set[str]) -> None:
    step = step_after(*(Row("u", item, n) for n, item in enumerate("abcd")), Row("u", "e", 9, "purchase"))
    cache, users = seen(step, ["u"], rules)
    assert excluded(cache, users) == {*viewed, "e"}


@pytest.mark.parametrize("rules", [RULES, NOT_VIEWED])
def test_what_may_be_had_again_is_not_excluded_unless_refused(rules: ListSettings) -> None:
    step = step_after(
        Row("u", "milk", 1, "purchase"),
        Row("u", "pan", 2, "purchase"),
        Row("v", "milk", 1),
        Row("v", "milk", 2, "hide"),
    )
    cache, users = seen(step, ["u", "v"], rules)
    assert (excluded(cache, users), excluded(cache, users, 1)) == ({"pan"}, {"milk"})


def test_what_was_given_back_may_be_listed_again_where_views_do_not_bar() -> None:
    step = step_after(Row("u", "a", 1, "purchase"), Row("u", "a", 2, "return"))
    assert [excluded(*seen(step, ["u"], rules)) for rules in (RULES, NOT_VIEWED)] == [{"a"}, set()]


def test_own_items_stand_user_after_user_in_the_caches_slots() -> None:
    rows = [
        Row("u", "tea", 1, "purchase"), Row("u", "tea", 2, "purchase"), Row("u", "rye", 3, "purchase"),
        Row("v", "pan", 4), Row("w", "rye", 5, "purchase"), Row("w", "tea", 6),
    ]  # fmt: skip
    again = ListSettings(repeats=True)
    cache, users = seen(step_after(*rows), ["u", "ghost", "v", "w"], again)
    own = users.own
    assert names_of(cache, own.items) == ["tea", "rye"]
    assert own.start.tolist() == [0, 1, 1, 1, 2]
    assert (own.times.tolist(), own.last.tolist()) == ([2, 1], [START + 120_000, START + 300_000])
    assert [excluded(cache, users, row) for row in range(4)] == [{"rye"}, set(), {"pan"}, {"tea"}]
    kinds: list[np.ndarray] = [own.items, own.times, own.last, own.start]
    assert [str(kind.dtype) for kind in kinds] == ["int32", "int32", "int64", "int32"]


def test_where_nothing_comes_again_nobody_has_own_items() -> None:
    _, users = seen(step_after(Row("u", "tea", 1, "purchase"), Row("v", "milk", 1, "hide")), ["u", "v"])
    assert (users.own.items.tolist(), users.own.start.tolist()) == ([], [0, 0, 0])


def test_nothing_of_the_state_is_changed_and_slots_are_of_the_right_kind() -> None:
    step = step_after(Row("u", "a", 1), Row("u", "b", 2, "purchase"))
    before = profile_segments.take(step.state)
    _, users = seen(step, ["u"])
    assert profile_segments.take(step.state) == before
    kinds: list[np.ndarray] = [users.recent, users.newest_ts, users.visits, users.excluded, users.excluded_start]
    assert [str(kind.dtype) for kind in kinds] == ["int32", "int64", "int32", "int32", "int32"]
