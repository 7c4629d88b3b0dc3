"""Lag as a table, or where that has no room as a list, for a person; as one JSON document for a program."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from shared.adapters.kafka_lag import Lag

NONE_YET = "none of our topics exists yet"
WIDEST = 10_000  # columns: more than any row has


def totals(lags: Iterable[Lag]) -> dict[str, Any]:
    """Records add up; seconds are those of the partition furthest behind."""
    lags = list(lags)
    known = [lag.seconds_behind for lag in lags if lag.seconds_behind is not None]
    return {"records_behind": sum(lag.records_behind for lag in lags), "seconds_behind": max(known, default=0.0)}


def document(lags: Sequence[Lag], now_ms: int) -> dict[str, Any]:
    """Totals, groups with their totals, and their partitions."""
    groups = [
        {"group": group, **totals(of_group := list(lags_of)), "partitions": [_partition(lag) for lag in of_group]}
        for group, lags_of in groupby(lags, key=lambda lag: lag.group)
    ]
    return {"at_ms": now_ms, **totals(lags), "groups": groups}


def _partition(lag: Lag) -> dict[str, Any]:
    return {
        "topic": lag.topic,
        "partition": lag.partition,
        "committed": lag.committed,
        "end": lag.end,
        "records_behind": lag.records_behind,
        "seconds_behind": lag.seconds_behind,
    }


def shown(lags: Sequence[Lag], console: Console) -> RenderableType:
    """The table if the terminal is wide enough for it."""
    wide = table(lags)
    room = Measurement.get(console, console.options.update(max_width=WIDEST), wide).maximum <= console.width
    return wide if room else Group(*listing(lags))


def fitting(lags: Sequence[Lag], console: Console) -> RenderableType:
    """The same if the terminal is high enough for it; else of each group its total and what waits."""
    whole = shown(lags, console)
    if len(console.render_lines(whole)) <= console.height:
        return whole
    return Group(*listing(lags, only_waiting=True))


def listing(lags: Sequence[Lag], *, only_waiting: bool = False) -> Iterator[Text]:
    """A line per group with its total, then one per partition."""
    for group, lags_of in groupby(lags, key=lambda lag: lag.group):
        of_group = list(lags_of)
        both = totals(of_group)
        total = f"{group}: {both['records_behind']:,} behind, {both['seconds_behind']:.1f} s"
        yield Text(total, style="bold", overflow="fold")
        told, empty = _without_empty(of_group)
        for lag in (lag for lag in told if lag.records_behind or not only_waiting):
            committed, end, behind, seconds = _cells(lag)[1:]
            line = f"  {lag.topic}/{lag.partition} {committed} of {end}"
            more = f": {behind} behind, {seconds} s" if lag.records_behind else ""
            yield Text(line + more, style="yellow" if lag.records_behind else "", overflow="fold")
        if empty and not only_waiting:
            yield Text(f"  {empty}", overflow="fold")
    if not lags:
        yield Text(NONE_YET)


def _without_empty(of_group: Sequence[Lag]) -> tuple[list[Lag], str]:
    """The partitions of topics that ever had a record, and how many other topics there are, in words."""
    filled = {lag.topic for lag in of_group if lag.end}
    empty = {lag.topic for lag in of_group} - filled
    said = f"{len(empty)} topic{'s' if len(empty) > 1 else ''} without a record" if empty else ""
    return [lag for lag in of_group if lag.topic in filled], said


def table(lags: Sequence[Lag]) -> Table:
    """A row per partition, one for all topics of a group that are empty, and a total per group."""
    shown = Table("group", "topic", title="Lag", title_justify="left", caption_justify="left")
    for name in ("partition", "committed", "end", "behind", "seconds"):
        shown.add_column(name, justify="right")
    for group, lags_of in groupby(lags, key=lambda lag: lag.group):
        of_group = list(lags_of)
        told, empty = _without_empty(of_group)
        for lag in told:
            shown.add_row(group, lag.topic, *_cells(lag), style="yellow" if lag.records_behind else None)
        if empty:
            shown.add_row(group, empty)
        both = totals(of_group)
        shown.add_row(
            group, "total", "", "", "", f"{both['records_behind']:,}", f"{both['seconds_behind']:.1f}", style="bold"
        )
        shown.add_section()
    if not lags:
        shown.caption = NONE_YET
    return shown


def _cells(lag: Lag) -> tuple[str, ...]:
    committed = "never" if lag.committed is None else f"{lag.committed:,}"
    seconds = "?" if lag.seconds_behind is None else f"{lag.seconds_behind:.1f}"
    return str(lag.partition), committed, f"{lag.end:,}", f"{lag.records_behind:,}", seconds
