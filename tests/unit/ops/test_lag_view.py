import io
from typing import cast

from rich.console import Console

from services.ops.lag_view import document, fitting, shown
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


def printed(lags: list[Lag], width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(shown(lags, console))
    return cast("io.StringIO", console.file).getvalue()


def test_the_table_shows_every_partition() -> None:
    text = printed(LAGS)
    assert "never" in text
    assert "12.5" in text
    assert "?" in text
    assert text.count("total") == 2
    assert "none of our topics exists yet" in printed([])


def test_where_the_table_has_no_room_it_is_a_list() -> None:
    assert printed(LAGS, width=40).splitlines() == [
        "g-ingest: 7 behind, 12.5 s",
        "  view/0 5 of 5",
        "  view/1 never of 7: 7 behind, 12.5 s",
        "g-worker: 3 behind, 0.0 s",
        "  frames/0 1 of 4: 3 behind, ? s",
    ]
    assert "none of our topics exists yet" in printed([], width=40)
    assert "│" in printed(LAGS, width=80)


def test_topics_in_which_nothing_was_ever_are_counted_only() -> None:
    """A new shop has a dozen kinds of events, each in several partitions, and sends two of them."""
    empty = [Lag("g-ingest", topic, n, None, 0, 0, 0.0) for topic in ("like", "search") for n in range(4)]
    assert printed([*LAGS[:2], *empty], width=40).splitlines() == [
        "g-ingest: 7 behind, 12.5 s",
        "  view/0 5 of 5",
        "  view/1 never of 7: 7 behind, 12.5 s",
        "  2 topics without a record",
    ]
    text = printed([*LAGS[:1], *empty[:4]])
    assert "1 topic without a record" in text
    assert "like" not in text


def test_our_groups_and_what_they_read() -> None:
    groups = groups_of(Settings(tenant="shop"))
    assert set(groups) == {"shop-ingest", "shop-worker"}
    assert groups["shop-worker"] == ["shop.frames", "shop.item-deltas", "shop.tops", "shop.examples", "shop.batch-list"]
    assert {"shop.view", "shop.item", "shop.user"} <= set(groups["shop-ingest"])


def test_a_terminal_that_is_too_low_shows_what_waits_of_every_group() -> None:
    """In the watched table nothing below the terminal's end could be seen: with all topics, no worker's partition."""
    many = [Lag("g-ingest", "view", n, 5, 5, 0, 0.0) for n in range(30)] + LAGS[1:]
    console = Console(file=io.StringIO(), width=100, height=24)
    console.print(fitting(many, console))
    lines = cast("io.StringIO", console.file).getvalue().splitlines()
    assert [line.strip() for line in lines] == [
        "g-ingest: 7 behind, 12.5 s",
        "view/1 never of 7: 7 behind, 12.5 s",
        "g-worker: 3 behind, 0.0 s",
        "frames/0 1 of 4: 3 behind, ? s",
    ]
    few = Console(file=io.StringIO(), width=100, height=24)
    few.print(fitting(LAGS, few))
    assert "total" in cast("io.StringIO", few.file).getvalue()
