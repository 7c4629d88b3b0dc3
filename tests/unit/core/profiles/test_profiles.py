import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.verify.user_oracle import User
from shared.contracts.settings import load_settings
from shared.core.profiles.having import OWNED, REFUSED
from shared.core.profiles.profiles import ProfileEffects, Profiles
from tests.unit.core.frame_rows import START, Row, frame_of
from tests.unit.core.pairs import told


def profiles(**sections: object) -> Profiles:
    return Profiles(load_settings(**{"topics": {"items_partitions": 1, "frames_partitions": 1}, **sections}), 0)


def pairs(effects: ProfileEffects) -> list[tuple[str, str, float, int]]:
    """(whose row, the other, weight, gap) of each pair."""
    found = []
    for _, delta in effects.deltas:
        found += [(delta.items[r], delta.items[o], w, gap) for r, o, w, gap, _ in told(delta, 0, 1)[0]]
    return sorted(found)


def pair_times(effects: ProfileEffects) -> dict[tuple[str, str], int]:
    """(whose row, the other) → minutes after START."""
    found: dict[tuple[str, str], int] = {}
    for _, delta in effects.deltas:
        made = told(delta, 0, 1)[0]
        found |= {(delta.items[r], delta.items[o]): (ts - START) // 60_000 for r, o, _, _, ts in made}
    return found


def counts(effects: ProfileEffects) -> dict[str, float]:
    total: dict[str, float] = {}
    for _, delta in effects.deltas:
        for item, weight in zip(
            delta.column("count_item").tolist(), delta.column("count_weight").tolist(), strict=True
        ):
            total[delta.items[item]] = total.get(delta.items[item], 0.0) + weight
    return total


def names(step: Profiles, user: str) -> list[str]:
    return [item for item, _ in step.state.history(user)]


def test_history_keeps_event_time_order_and_the_newest_visit_of_an_item() -> None:
    step = profiles()
    step.step(0, frame_of([Row("u", "a", 1), Row("u", "b", 2), Row("u", "c", 3), Row("u", "a", 4)]))
    assert names(step, "u") == ["b", "c", "a"]
    assert step.state.history("u")[-1] == ("a", START + 240_000)


def test_a_late_event_never_moves_a_user_back() -> None:
    step = profiles()
    step.step(0, frame_of([Row("u", "a", 10), Row("u", "b", 20)]))
    step.step(1, frame_of([Row("u", "late", 15), Row("u", "b", 5)], first_offset=2))
    assert names(step, "u") == ["a", "late", "b"]


def test_pairs_go_both_ways_and_say_how_far_apart_and_which_way() -> None:
    step = profiles()
    effects = step.step(0, frame_of([Row("u", "a", 1), Row("u", "b", 2), Row("u", "c", 3, "purchase")]))
    assert pairs(effects) == [
        ("a", "b", 1.0, 1), ("a", "c", 3.0, 2),
        ("b", "a", 1.0, -1), ("b", "c", 3.0, 1),
        ("c", "a", 3.0, -2), ("c", "b", 3.0, -1),
    ]  # fmt: skip


def test_an_event_pairs_with_no_more_earlier_items_than_the_setting_says() -> None:
    step = profiles(cooccurrence={"pairs_per_event": 2})
    effects = step.step(0, frame_of([Row("u", item, n) for n, item in enumerate("abcde")]))
    gaps = {(row, other): gap for row, other, _, gap in pairs(effects)}
    assert {other: gap for (row, other), gap in gaps.items() if row == "c"} == {"a": -2, "b": -1, "d": 1, "e": 2}


def test_coming_back_to_an_item_pairs_with_what_came_between() -> None:
    step = profiles()
    step.step(0, frame_of([Row("u", item, n) for n, item in enumerate("xabc")]))
    effects = step.step(1, frame_of([Row("u", "a", 9)], first_offset=4))
    assert pairs(effects) == [("a", "b", 1.0, -2), ("a", "c", 1.0, -1), ("b", "a", 1.0, 2), ("c", "a", 1.0, 1)]


def test_a_late_first_visit_pairs_with_what_came_after_it_too() -> None:
    step = profiles()
    step.step(0, frame_of([Row("u", "a", 10), Row("u", "b", 20)]))
    effects = step.step(1, frame_of([Row("u", "x", 15)], first_offset=2))
    assert pairs(effects) == [("a", "x", 1.0, 1), ("b", "x", 1.0, -1), ("x", "a", 1.0, -1), ("x", "b", 1.0, 1)]
    assert pair_times(effects) == {("a", "x"): 15, ("x", "a"): 15, ("b", "x"): 20, ("x", "b"): 20}


def test_looking_again_at_the_same_page_counts_but_pairs_nothing() -> None:
    step = profiles()
    step.step(0, frame_of([Row("u", "a", 1), Row("u", "b", 2)]))
    effects = step.step(1, frame_of([Row("u", "b", 3)], first_offset=2))
    assert pairs(effects) == []
    assert counts(effects) == {"b": 1.0}


def test_source_offsets_seen_before_are_dropped() -> None:
    step = profiles()
    step.step(0, frame_of([Row("u", "a", 1), Row("u", "b", 2)]))
    effects = step.step(
        1, frame_of([Row("u", "b", 2, offset=1), Row("u", "c", 3, offset=2), Row("u", "c", 3, offset=2)])
    )
    assert effects.seen_before == 2
    assert effects.applied == {"view": 1}
    assert names(step, "u") == ["a", "b", "c"]


def test_an_event_id_repeated_within_the_window_is_dropped_per_user() -> None:
    step = profiles()
    rows = [Row("u", "a", 1, event_id="e1"), Row("u", "a", 2, event_id="e1"), Row("v", "a", 3, event_id="e1")]
    effects = step.step(0, frame_of(rows))
    assert effects.repeated == 1
    assert effects.applied == {"view": 2}


def test_more_events_in_a_minute_than_the_cap_move_the_history_but_teach_nothing() -> None:
    step = profiles(profiles={"max_events_per_minute": 2})
    effects = step.step(0, frame_of([Row("bot", f"i{n}", 0.001 * n) for n in range(5)]))
    assert effects.capped == 3
    assert counts(effects) == {"i0": 1.0, "i1": 1.0}
    assert len(names(step, "bot")) == 5


def test_purchases_are_had_returns_are_released_refusals_stay() -> None:
    step = profiles()
    rows = [
        Row("u", "a", 1, "purchase"),
        Row("u", "b", 2, "hide"),
        Row("u", "a", 3, "return"),
        Row("u", "b", 4, "return"),
    ]
    step.step(0, frame_of(rows))
    slot = step.state.users.slots["u"]
    assert [step.state.items.names[i] for i in step.state.had(slot)] == ["b"]


def possessions(step: Profiles, user: str = "u") -> dict[str, tuple[int, int, int]]:
    """Item → how, times, minutes after START of the last; in their order."""
    held = step.state.had(step.state.users.slots[user])
    names = step.state.items.names
    return {names[item]: (had.how, had.times, (had.last - START) // 60_000) for item, had in held.items()}


def test_how_often_and_when_last_a_user_took_something_is_known() -> None:
    step = profiles()
    rows = [Row("u", item, at, "purchase") for at, item in enumerate(("tea", "rye", "tea", "tea", "cup"))]
    step.step(0, frame_of([*rows, Row("u", "rye", 9), Row("u", "rug", 10, "hide")]))
    assert possessions(step) == {
        "rye": (OWNED, 1, 1),
        "tea": (OWNED, 3, 3),
        "cup": (OWNED, 1, 4),
        "rug": (REFUSED, 0, 10),
    }


def test_a_late_event_counts_and_moves_nothing_back() -> None:
    step = profiles()
    rows = [Row("u", "tea", 9, "purchase"), Row("u", "rug", 9.5, "hide"), Row("u", "rye", 10, "purchase")]
    late = [Row("u", "tea", 2, "purchase"), Row("u", "rug", 3, "purchase"), Row("u", "cup", 4, "purchase")]
    step.step(0, frame_of([*rows, *late]))
    assert list(possessions(step).items()) == [
        ("cup", (OWNED, 1, 4)),
        ("tea", (OWNED, 2, 9)),
        ("rug", (REFUSED, 1, 9)),
        ("rye", (OWNED, 1, 10)),
    ]


def test_what_was_left_alone_for_longest_leaves_first_whatever_came_late() -> None:
    step = profiles(profiles={"max_owned": 2})
    rows = [Row("u", "tea", 8, "purchase"), Row("u", "rye", 9, "purchase"), Row("u", "cup", 1, "purchase")]
    step.step(0, frame_of([*rows, Row("u", "tea", 10, "purchase"), Row("u", "pan", 9.5, "purchase")]))
    assert list(possessions(step)) == ["pan", "tea"]


settling = st.builds(
    Row,
    user=st.sampled_from("uv"),
    item=st.sampled_from("abcdefg"),
    at=st.integers(0, 5),
    kind=st.sampled_from(["purchase", "hide", "return"]),
)


@given(st.lists(settling, max_size=60), st.integers(1, 6))
def test_what_users_have_equals_a_plain_twin(rows: list[Row], most: int) -> None:
    step = profiles(profiles={"max_owned": most})
    twins = {name: User([]) for name in "uv"}
    for row in rows:
        how = {"purchase": OWNED, "hide": REFUSED, "return": None}[row.kind]
        twins[str(row.user)].settle(str(row.item), how, START + int(row.at * 60_000), most)
    step.step(0, frame_of(rows))
    for user in step.state.users.slots:
        expected = [
            (item, (how, times, (last - START) // 60_000)) for item, (how, times, last) in twins[user].has.items()
        ]
        assert list(possessions(step, user).items()) == expected


taken = st.builds(Row, user=st.just("u"), item=st.sampled_from("abc"), kind=st.sampled_from(["purchase", "hide"]))


@given(st.lists(taken, min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_what_a_user_has_does_not_depend_on_the_order_of_arrival(rows: list[Row], chance: random.Random) -> None:
    in_order = [replace(row, at=float(n)) for n, row in enumerate(rows)]
    mixed = chance.sample(in_order, len(in_order))
    one, other = profiles(), profiles()
    one.step(0, frame_of(in_order))
    other.step(0, frame_of(mixed))
    assert list(possessions(one).items()) == list(possessions(other).items())


def test_a_tombstone_forgets_the_user_where_it_stands_in_the_order() -> None:
    step = profiles()
    rows = [Row("u", "a", 1, "purchase"), Row("u", None, kind="user"), Row("u", "b", 2)]
    effects = step.step(0, frame_of(rows))
    assert effects.forgotten == ["u"]
    assert step.state.had(step.state.users.slots["u"]) == {}
    assert names(step, "u") == ["b"]
    step.step(1, frame_of([Row("u", None, kind="user")], first_offset=3))
    assert "u" not in step.state.users.slots


def test_users_items_and_possessions_stay_within_their_bounds() -> None:
    step = profiles(profiles={"max_users": 20, "max_items": 30, "history": 4, "max_owned": 3})
    for n in range(60):
        rows = [Row(f"u{n}", f"i{n}-{k}", n, "purchase") for k in range(6)]
        step.step(n, frame_of(rows, first_offset=6 * n))
    assert len(step.state.users) <= 20
    assert len(step.state.items) <= 30
    assert names(step, "u59") == [f"i59-{k}" for k in range(2, 6)]
    assert len(step.state.had(step.state.users.slots["u59"])) == 3


def test_an_attribute_of_that_name_makes_nothing_repeatable() -> None:
    step = profiles()
    raw = b'{"item_id":"milk","attributes":{"repeatable":true}}'
    step.step(0, frame_of([Row(None, "milk", kind="item", record=raw)], topic="item"))
    assert list(step.state.repeatable) == []


def test_item_records_are_forwarded_by_one_partition_to_all_and_say_what_is_repeatable() -> None:
    raw = b'{"item_id":"milk","repeatable":true}'
    steps = [Profiles(load_settings(topics={"frames_partitions": 2, "items_partitions": 3}), p) for p in (0, 1)]
    forwarded = []
    for step in steps:
        effects = step.step(0, frame_of([Row(None, "milk", kind="item", record=raw)], topic="item"))
        forwarded += [(partition, delta.records) for partition, delta in effects.deltas]
        assert "milk" in step.state.repeatable
    assert forwarded == [(partition, [("milk", raw)]) for partition in range(3)]


def twin_pairs(rows: list[Row], most: int) -> list[tuple[str, str, float, int]]:
    """Pairs of one user's first visits, in plain Python: with ``most`` neighbours in time on either side."""
    history: list[Row] = []
    found = []
    for row in rows:
        place = sum(earlier.at <= row.at for earlier in history)
        near = [(other, n - place) for n, other in enumerate(history)]
        for other, steps in near:
            gap = steps if steps < 0 else steps + 1
            if abs(gap) <= most:
                found += [(str(row.item), str(other.item), 1.0, gap), (str(other.item), str(row.item), 1.0, -gap)]
        history.insert(place, row)
    return sorted(found)


@given(st.lists(st.integers(0, 20), max_size=12), st.integers(1, 4))
def test_pairs_of_first_visits_equal_a_plain_twin_whatever_comes_late(times: list[int], most: int) -> None:
    rows = [Row("u", f"i{n}", at) for n, at in enumerate(times)]
    step = profiles(cooccurrence={"pairs_per_event": most})
    effects = step.step(0, frame_of(rows))
    assert pairs(effects) == twin_pairs(rows, most)
    assert names(step, "u") == [str(row.item) for row in sorted(rows, key=lambda row: row.at)]
