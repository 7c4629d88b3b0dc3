"""Parquet that is more than a table of texts and numbers."""

from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.producers.files import UnreadableLog
from services.producers.item_rows import open_item_file
from services.producers.layouts import Wanted
from services.producers.parquet import ROWS_AT_ONCE
from services.producers.reading import Log, open_log
from tests.unit.producers.logs import SETTINGS, opened, read

TS = 1_700_000_000_000


def parquet(folder: Path, columns: dict[str, Any]) -> Path:
    path = folder / "log.parquet"
    pq.write_table(pa.table(columns), path)
    return path


def log_of(folder: Path, columns: dict[str, Any]) -> Log:
    return open_log(parquet(folder, columns), SETTINGS)


SESSIONS: list[dict[str, Any]] = [
    {"user": {"id": "u"}, "type": "view", "events": [{"item": {"id": "a"}, "ts": TS}, {"item": None, "ts": TS + 1}]},
    {"user": {"id": "v"}, "type": "view", "events": []},
    {"user": {"id": "w"}, "type": "view", "events": [{"item": {"id": "b"}, "ts": TS + 2}]},
]


def test_sessions_are_opened_as_those_of_json_lines_are(tmp_path: Path) -> None:
    columns = {name: [session[name] for session in SESSIONS] for name in SESSIONS[0]}
    found = read(log_of(tmp_path, columns))

    assert found == read(opened(tmp_path, msgspec.json.Encoder().encode_lines(SESSIONS)))
    assert [(r.user, r.item, r.ts, r.type, r.where) for r in found[0]] == [
        ("u", "a", TS, "view", "1.1"),
        ("w", "b", TS + 2, "view", "3.1"),
    ]
    assert [(where, reason) for where, reason, _ in found[1]] == [("1.2", "missing-field"), ("2", "missing-field")]


def test_places_count_on_from_block_to_block(tmp_path: Path) -> None:
    sessions = ROWS_AT_ONCE + 2
    events = [[{"item": f"i{n}", "ts": TS + n}] * (n % 3) for n in range(sessions)]
    found, bad = read(log_of(tmp_path, {"user": [f"u{n}" for n in range(sessions)], "events": events}))

    assert [(r.user, r.item, r.where) for r in found] == [
        (f"u{n}", f"i{n}", f"{n + 1}.{nth}") for n in range(sessions) for nth in range(1, n % 3 + 1)
    ]
    assert [where for where, *_ in bad] == [str(n + 1) for n in range(0, sessions, 3)]


def test_fields_of_an_event_stand_before_those_of_its_session(tmp_path: Path) -> None:
    columns = {"user": ["u"], "ts": [TS], "clicks": [[{"item": "a", "ts": TS + 5}]]}
    assert [r.ts for r in read(log_of(tmp_path, columns))[0]] == [TS + 5]


def test_times_of_day_and_durations_are_context(tmp_path: Path) -> None:
    columns = {
        "user": ["u"],
        "item": ["a"],
        "ts": [TS],
        "opened": pa.array([time(10, 3)], pa.time32("s")),
        "stayed": pa.array([timedelta(seconds=2)], pa.duration("us")),
        "longer": pa.array([3_000_000_001], pa.duration("ns")),
        "exact": pa.array([1], pa.time64("ns")),
    }
    (record,), bad = read(log_of(tmp_path, columns))

    assert not bad
    assert record.context == {"opened": "10:03:00.000", "stayed": 2000, "longer": 3000, "exact": "00:00:00.000000001"}


def test_objects_of_an_items_record_are_read(tmp_path: Path) -> None:
    columns = {
        "item_id": ["a", "b"],
        "attributes": [{"grams": 100}, None],
        "markets": [{"SE": {"price": 2.5}}, None],
        "embedding": [[0.5, 1.0], None],
    }
    file = open_item_file(parquet(tmp_path, columns), SETTINGS, {})
    one, other = [record for _, record in file.records(lambda *why: pytest.fail(str(why)))]

    assert (one.attributes, one.markets["SE"].price, one.embedding) == ({"grams": 100}, 2.5, [0.5, 1.0])
    assert (other.attributes, other.markets, other.embedding) == ({}, {}, [])


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"user": ["u"], "item": [["a", "b"]], "ts": [[TS, TS]]}, r"item column, 'item', holds lists or objects"),
        ({"user": ["u"], "item": ["a"], "ts": [[TS]]}, r"ts column, 'ts', holds lists or objects"),
        (
            {"user": ["u"], "item": ["a"], "date": [date(2023, 1, 2)], "time": [time(10, 3)]},
            r"ts column, 'time', holds times of day: .* there are: user, item, date, time",
        ),
        (
            {"user": ["u"], "item": ["a"], "ts": [TS], "at": pa.array([[1]], pa.list_(pa.timestamp("ns")))},
            r"log.parquet: column 'at' of list<",
        ),
    ],
)
def test_what_no_event_can_be_made_of_is_refused_with_its_column(
    tmp_path: Path, columns: dict[str, Any], said: str
) -> None:
    with pytest.raises(UnreadableLog, match=said):
        log_of(tmp_path, columns)


def test_a_list_that_is_named_holds_the_items_of_a_row(tmp_path: Path) -> None:
    columns = {"user": ["u"], "ts": [TS], "items": [[{"item": "a"}, {"item": "b"}]], "events": [[{"item": "c"}]]}
    pq.write_table(pa.table(columns), tmp_path / "log")
    found, _ = read(open_log(tmp_path / "log", SETTINGS, Wanted(list="items")))

    assert [(r.item, r.where) for r in found] == [("a", "1.1"), ("b", "1.2")]
