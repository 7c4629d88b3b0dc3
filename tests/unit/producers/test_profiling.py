"""What a log is said to hold, against a plain count of it."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.producers.profiling import WEEK_MS, Bad, Columns, catalogue_figures, figures
from services.producers.proposals import commands, settings_for
from services.producers.records import Record
from shared.contracts.catalogue import ItemRecord
from shared.contracts.errors import BadRecord
from shared.contracts.settings import Settings

MONDAY = 1_704_067_200_000  # 2024-01-01
ROWS = st.lists(
    st.tuples(st.integers(0, 5 * WEEK_MS), st.sampled_from("abc"), st.sampled_from(["x", "y", "z", None])), min_size=1
)


def columns_of(rows: list[tuple[int, str, str | None]]) -> Columns:
    columns = Columns()
    columns.add(Record(MONDAY + at, "view", user, item) for at, user, item in rows)
    return columns


@given(ROWS)
def test_figures_are_those_of_a_plain_count(rows: list[tuple[int, str, str | None]]) -> None:
    found = figures(columns_of(rows))
    by_user = Counter(user for _, user, _ in rows)
    pairs = [(user, item) for _, user, item in rows if item]

    assert (found["events"], found["users"], found["items"]) == (
        len(rows), len(by_user), len({item for _, _, item in rows if item})
    )  # fmt: skip
    assert found["events_per_user"] == {
        "median": float(np.median(list(by_user.values()))),
        "p90": float(np.quantile(list(by_user.values()), 0.9)),
        "max": max(by_user.values()),
    }
    repeated = len(pairs) - len(set(pairs))
    assert found["repeated_items_share"] == (round(repeated / len(pairs), 4) if pairs else None)
    assert found["repeated_by_type"] == {"view": found["repeated_items_share"]}
    in_a_minute = Counter((user, (MONDAY + at) // 60_000) for at, user, _ in rows)
    assert found["most_events_in_a_minute"] == max(in_a_minute.values())


@given(ROWS)
def test_who_is_cold_in_a_week_was_never_there_before(rows: list[tuple[int, str, str | None]]) -> None:
    weeks = figures(columns_of(rows))["weeks"]
    met: tuple[set[str], set[str]] = (set(), set())
    for week in weeks:
        there = [row for row in rows if week["monday_ms"] <= MONDAY + row[0] < week["monday_ms"] + WEEK_MS]
        users, items = {user for _, user, _ in there}, {item for _, _, item in there if item}
        assert (week["events"], week["users"], week["items"]) == (len(there), len(users), len(items))
        assert week["cold_users_share"] == round(len(users - met[0]) / len(users), 4)
        assert week["cold_items_share"] == (round(len(items - met[1]) / len(items), 4) if items else None)
        met = (met[0] | users, met[1] | items)
    assert sum(week["events"] for week in weeks) == len(rows)


def test_what_the_catalogue_says_of_the_log() -> None:
    items = [
        ItemRecord("x", categories=["a", "b"], brand="B", price=2.0, embedding=[1.0]),
        ItemRecord("new", categories=["a"], price=1.0),
    ]
    assert catalogue_figures(columns_of([(0, "a", "x"), (0, "a", "y")]), items) == {
        "items": 2,
        "known_items_of_the_log": 1,
        "known_share": 0.5,
        "categories": 2,
        "largest_categories": {"a": 2, "b": 1},
        "brands": 1,
        "price": {"lowest": 1.0, "highest": 2.0},
        "with_embedding": 1,
    }
    assert catalogue_figures(columns_of([(0, "a", "x")]), [])["price"] is None


def test_bad_rows_keep_their_first_places_and_unknown_words() -> None:
    bad = Bad()
    rejects = bad.rejects()
    for line in range(9):
        rejects.add("log", str(line), BadRecord("unknown-type", "'gaze' is no event type", "type"))
    assert bad.places["unknown-type"] == [f"log:{line}: 'gaze' is no event type" for line in range(5)]
    assert bad.words == {"gaze": 9}


def test_the_commands_are_ready_to_be_copied() -> None:
    assert commands(["my log.csv"], "items.csv", ["--user-column", "who"], {"gaze": 3}) == [
        "headrace import-items items.csv",
        "headrace replay 'my log.csv' --user-column who --map-type gaze=TYPE --event-ids --no-derive-items",
        "headrace evaluate 'my log.csv' --items items.csv --user-column who",
    ]
    assert commands(["log"], "i", [], {}, ["--column", "item_id=Nr"])[::2] == [
        "headrace import-items i --column item_id=Nr",
        "headrace evaluate log --items i --column item_id=Nr",
    ]
    assert commands(["log"], None, [], {}) == ["headrace replay log --event-ids", "headrace evaluate log"]


@pytest.mark.parametrize(
    ("changed", "advised"),
    [
        ({}, []),
        ({"users": 1_000_000}, ["HEADRACE_PROFILES_MAX_USERS=320000"]),
        ({"items": 150_000}, ["HEADRACE_READER_CATALOGUE_ITEMS=150000"]),
        ({"repeated_items_share": 0.5}, ["HEADRACE_LISTS_REPEATS=true"]),
        ({"repeated_items_share": 0.5, "types": {"view": 9, "purchase": 1}}, []),
        ({"types": {"view": 9, "purchase": 2, "rating": 2}}, ["HEADRACE_LISTS_REPEATS=true"]),
        ({"most_events_in_a_minute": 500}, ["HEADRACE_PROFILES_MAX_EVENTS_PER_MINUTE=500"]),
    ],
)
def test_settings_that_the_log_does_not_fit_are_named(changed: dict[str, object], advised: list[str]) -> None:
    shares = {"view": 0.6, "purchase": 0.1, "rating": 0.7}
    plain = {"users": 10, "items": 10, "repeated_items_share": 0.0, "most_events_in_a_minute": 1, "types": {"view": 9}}
    plain |= {"repeated_by_type": shares}
    assert [line.split(":")[0] for line in settings_for(plain | changed, Settings())] == advised
