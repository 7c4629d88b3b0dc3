import io

from rich.console import Console

from services.ops.lag_view import document, table
from shared.adapters.kafka_lag import Lag, groups_of
from shared.contracts.settings import Settings

LAGS = [
    Lag("g-ingest", "view", 0, 5, 5, 0, 0.0),
    Lag("g-ingest", "view", 1, None, 7, 7, 12.5),
    Lag("g-worker", "frames", 0, 1, 4, 3, None),
]


def test_the_document_has_totals_of_all_and_of_each_group() -> None:
    found = document(LAGS, now_ms=99)
    assert (found["at_ms"], found["records_behind"], found["seconds_behind"]) == (99, 10, 12.5)
    ingest, worker = found["groups"]
    assert (ingest["group"], ingest["records_behind"], ingest["seconds_behind"]) == ("g-ingest", 7, 12.5)
    assert (worker["group"], worker["records_behind"], worker["seconds_behind"]) == ("g-worker", 3, 0.0)
    assert ingest["partitions"][1] == {
        "topic": "view",
        "partition": 1,
        "committed": None,
        "end": 7,
        "records_behind": 7,
        "seconds_behind": 12.5,
    }


def test_without_topics_nothing_is_behind() -> None:
    assert document([], 1) == {"at_ms": 1, "records_behind": 0, "seconds_behind": 0.0, "groups": []}


def shown(lags: list[Lag]) -> str:
    out = io.StringIO()
    Console(file=out, width=100).print(table(lags))
    return out.getvalue()


def test_the_table_shows_every_partition() -> None:
    text = shown(LAGS)
    assert "never" in text
    assert "12.5" in text
    assert "?" in text
    assert text.count("total") == 2
    assert "none of our topics exists yet" in shown([])


def test_our_groups_and_what_they_read() -> None:
    groups = groups_of(Settings(tenant="shop"))
    assert set(groups) == {"shop-ingest", "shop-worker"}
    assert groups["shop-worker"] == ["shop.frames", "shop.item-deltas", "shop.tops", "shop.examples", "shop.batch-list"]
    assert {"shop.view", "shop.item", "shop.user"} <= set(groups["shop-ingest"])
