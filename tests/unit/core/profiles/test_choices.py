"""What becomes an example: a user's first step to something new, told from before the frame."""

import pytest
from hypothesis import given, settings

from shared.contracts.frames import Frame
from shared.contracts.settings import Settings, load_settings
from shared.core.profiles import profile_segments
from shared.core.profiles.choices import MOST_PER_FRAME, Chosen
from shared.core.profiles.having import REFUSED
from shared.core.profiles.profiles import Profiles
from tests.unit.core.frame_rows import Row, frame_of
from tests.unit.core.sequences import ROOMY, TIGHT, frames, with_repeats


def profiles(*rows: Row) -> Profiles:
    """After one frame of these rows."""
    step = Profiles(ROOMY, 0)
    step.step(0, frame_of(list(rows)))
    return step


def said(step: Profiles, chosen: Chosen) -> list[tuple[str | None, str, float]]:
    users = [None if slot < 0 else step.state.users.names[slot] for slot in chosen.user.tolist()]
    return list(zip(users, chosen.item, chosen.weight.tolist(), strict=True))


def choose(step: Profiles, *rows: Row, offset: int = 1, one_in: int = 1) -> list[tuple[str | None, str, float]]:
    return said(step, step.choices(offset, frame_of(list(rows), first_offset=1000 * offset), one_in))


def test_a_step_to_something_new_is_a_choice_with_its_events_weight() -> None:
    step = profiles(Row("u", "a", 1))
    assert choose(step, Row("u", "b", 2), Row("v", "a", 2, "purchase")) == [("u", "b", 1.0), (None, "a", 3.0)]


def test_of_a_users_events_those_of_the_first_moment_count() -> None:
    rows = [Row("u", "b", 2), Row("v", "b", 3), Row("u", "c", 2), Row("u", "d", 3), Row("u", "e", 2)]
    assert choose(profiles(), *rows) == [(None, "b", 1.0), (None, "b", 1.0), (None, "c", 1.0), (None, "e", 1.0)]


def test_what_moves_no_model_is_neither_a_choice_nor_a_first_moment() -> None:
    rows = [
        Row("u", "x", 1, "return"),
        Row("u", "y", 1, "hide"),
        Row("u", None, 1, "search"),
        Row(None, "z", 1, "item", record=b'{"item_id":"z"}'),
        Row("u", None, 1, "user"),
        Row("u", "b", 2),
    ]
    assert choose(profiles(), *rows) == [(None, "b", 1.0)]


def test_nothing_that_the_user_has_seen_has_or_refused_is_a_choice() -> None:
    step = profiles(Row("u", "seen", 1), Row("u", "had", 2, "purchase"), Row("u", "refused", 3, "hide"))
    rows = [Row("u", item, 5) for item in ("seen", "had", "refused", "new")]
    assert choose(step, *rows) == [("u", "new", 1.0)]
    assert choose(step, *(Row("v", str(row.item), 5) for row in rows)) == [
        (None, item, 1.0) for item in ("seen", "had", "refused", "new")
    ]


def test_events_that_came_already_are_no_choices() -> None:
    step = profiles(Row("u", "a", 1), Row("u", "b", 2))
    frame = frame_of([Row("u", "c", 3, offset=1), Row("u", "d", 4, offset=2), Row("u", "e", 4, offset=2)])
    assert said(step, step.choices(1, frame, 1)) == [("u", "d", 1.0)]


def test_no_more_than_so_many_of_a_frame() -> None:
    rows = [Row(f"u{n}", f"i{n}", 1) for n in range(3 * MOST_PER_FRAME)]
    assert choose(profiles(), *rows) == [(None, f"i{n}", 1.0) for n in range(MOST_PER_FRAME)]


@pytest.mark.parametrize(
    ("objective", "worths"),
    [
        ("weight", [3.0, 3.0, 1.0, 1.0, 3.0]),
        ("equal", [1.0, 1.0, 1.0, 1.0, 1.0]),
        ("value", [3.0 * 3, 3.0, 1.0 * 2, 1.0, 3.0 * 17]),
    ],
)
def test_what_a_choice_is_worth_is_a_setting(objective: str, worths: list[float]) -> None:
    told = [("purchase", 3.0), ("purchase", None), ("view", 1.0), ("view", -5.0), ("purchase", 1e300)]
    rows = [Row(f"u{n}", f"i{n}", 1, kind, value=value) for n, (kind, value) in enumerate(told)]
    step = Profiles(load_settings(ranker={"objective": objective}), 0)
    assert step.choices(1, frame_of(rows), 1).weight.tolist() == worths


def test_an_empty_frame_and_one_without_choices() -> None:
    for rows in ([], [Row("u", "a", 1, "hide")]):
        chosen = profiles().choices(1, frame_of(rows), 1)
        assert (len(chosen.user), list(chosen.item), len(chosen.weight), len(chosen.draw)) == (0, [], 0, 0)
        assert (str(chosen.user.dtype), str(chosen.draw.dtype)) == ("int32", "uint64")


def crowd(users: int = 10) -> Frame:
    return frame_of([Row(f"u{n}", f"i{n}", 1) for n in range(users)], first_offset=50)


def test_the_same_frame_gives_the_same_draws_and_another_one_others() -> None:
    one, again, other = (profiles().choices(offset, crowd(), 1).draw.tolist() for offset in (5, 5, 6))
    assert one == again
    assert len({*one, *other}) == 20


@pytest.mark.parametrize("one_in", [2, 3, 10])
def test_one_in_so_many_is_drawn(one_in: int) -> None:
    step, frame = profiles(), crowd(16)
    drawn = sum(len(step.choices(offset, frame, one_in).user) for offset in range(1, 501))
    expected = 500 * 16 / one_in
    assert abs(drawn - expected) < 5 * expected**0.5


def test_those_that_are_drawn_do_not_depend_on_who_is_new_to_what() -> None:
    rows = [Row(f"u{n}", "i", 5) for n in range(16)]
    everyone, some = profiles(), profiles(*(Row(f"u{n}", "i", 1) for n in range(8)))
    frame = frame_of(rows, first_offset=1000)
    all_draws = dict(zip((f"u{n}" for n in range(16)), everyone.choices(1, frame, 1).draw.tolist(), strict=True))
    chosen = some.choices(1, frame, 1)
    assert chosen.draw.tolist() == [all_draws[f"u{n}"] for n in range(8, 16)]


def plain(step: Profiles, rows: list[Row], bounds: Settings) -> list[tuple[str | None, str, float]]:
    """The twin, where every event is drawn."""
    kinds, first = load_settings().events.types, dict[str, float]()
    found = []
    for row in rows:
        weight = kinds[row.kind].weight if row.kind in kinds else 0.0
        if row.user is None or row.item is None or weight == 0:
            continue
        if first.setdefault(row.user, row.at) == row.at:
            known = row.user if row.user in step.state.users.slots else None
            found.append((row.user, known, row.item, weight))
    return [
        (known, item, weight)
        for user, known, item, weight in found[:MOST_PER_FRAME]
        if item not in kept_out(step, user, bounds)
    ]


def kept_out(step: Profiles, user: str, bounds: Settings) -> set[str]:
    """What is no choice of the user's, since no list may hold it."""
    names, met = step.state.items.names, [item for item, _ in step.state.history(user)]
    has = {names[item]: had.how for item, had in step.state.had(step.state.users.slots.get(user, -1)).items()}
    refused = {item for item, how in has.items() if how == REFUSED}
    if bounds.lists.repeats:
        return refused | set(met[-1:])
    return refused | ((has.keys() | set(met)) - step.state.repeatable.keys())


@pytest.mark.parametrize(
    "bounds", [TIGHT, ROOMY, with_repeats(TIGHT), with_repeats(ROOMY)], ids=["tight", "roomy", "tight again", "again"]
)
@settings(max_examples=25)
@given(sequence=frames)
def test_choices_equal_a_plain_twin_and_change_nothing(bounds: Settings, sequence: list[list[Row]]) -> None:
    step = Profiles(bounds, 0)
    for number, rows in enumerate(sequence):
        frame = frame_of(rows, first_offset=100 * number)
        before = profile_segments.take(step.state)
        assert said(step, step.choices(number, frame, 1)) == plain(step, rows, bounds)
        assert profile_segments.take(step.state) == before
        step.step(number, frame)


def test_a_choice_is_told_at_the_time_of_its_event() -> None:
    rows = [Row(None, "z", 9, "item", record=b'{"item_id":"z"}'), Row("u", "b", 2), Row("v", "c", 3)]
    frame = frame_of(rows, first_offset=1000)
    assert profiles().choices(1, frame, 1).ts.tolist() == frame.column("ts")[1:].tolist()
