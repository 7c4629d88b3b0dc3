"""What ``headrace profile`` found, as tables for the terminal."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.cli.terminal import WIDTH


def show(document: dict[str, Any]) -> None:
    """On standard output; command lines stand alone on their lines, to be copied."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    for table in tables(document):
        console.print(table)
    for title, lines in (("settings to think of", document["settings"]), ("how to go on", document["commands"])):
        if lines:
            console.print(f"[bold]{title}[/bold]")
            console.print("\n".join(f"  {escape(line)}" for line in lines), soft_wrap=True, highlight=False)


def tables(document: dict[str, Any]) -> list[Table]:
    found = [_summary(document), _weeks(document)]
    if document["rejected"]["rows"]:
        found.append(_rejected(document["rejected"]["reasons"], "rows that would be rejected"))
    if "catalogue" in document:
        found.append(_catalogue(document["catalogue"]))
        if document["catalogue"]["rejected"]:
            found.append(_rejected(document["catalogue"]["rejected"], "items that would be rejected"))
    return found


def _pairs(title: str, rows: Iterable[tuple[str, str]]) -> Table:
    table = Table("", "", title=title, title_justify="left", show_header=False)
    for name, value in rows:
        table.add_row(name, escape(value))
    return table


def _summary(document: dict[str, Any]) -> Table:
    return _pairs(
        "the log",
        [
            *((f"columns of {escape(name)}", said) for name, said in document["columns"].items()),
            ("time", f"{day(document['first_ts'])} to {day(document['last_ts'])}, {document['days']:,.1f} days"),
            ("events", f"{document['events']:,}: " + _counted(document["types"])),
            ("users", f"{document['users']:,}"),
            ("items", f"{document['items']:,}"),
            ("events per user", _per_user(document["events_per_user"])),
            ("within a minute", f"{document['most_events_in_a_minute']:,} events of one user, at most"),
            ("repeated items", f"{share(document['repeated_items_share'])} of events: the user had the item before"),
            ("… by the same type", ", ".join(f"{share(n)} of {t}" for t, n in document["repeated_by_type"].items())),
        ],
    )


def _per_user(found: dict[str, Any]) -> str:
    return f"median {found['median']:,.0f}, nine of ten up to {found['p90']:,.0f}, at most {found['max']:,}"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{n:,} {name}" for name, n in counts.items())


def _weeks(document: dict[str, Any]) -> Table:
    table = Table("week from", title="by week; cold: met for the first time", title_justify="left")
    for name in ("events", "users", "cold users", "items", "cold items"):
        table.add_column(name, justify="right")
    for week in document["weeks"]:
        table.add_row(
            day(week["monday_ms"]),
            f"{week['events']:,}",
            f"{week['users']:,}",
            share(week["cold_users_share"]),
            f"{week['items']:,}",
            share(week["cold_items_share"]),
        )
    return table


def _rejected(reasons: dict[str, Any], title: str) -> Table:
    table = Table("reason", "rows", "the first of them", title=title, title_justify="left")
    for reason, found in reasons.items():
        table.add_row(reason, f"{found['rows']:,}", escape("\n".join(found["first"])))
    return table


def _catalogue(found: dict[str, Any]) -> Table:
    price = found["price"]
    return _pairs(
        "the catalogue",
        [
            ("items", f"{found['items']:,}"),
            ("of the log's items", f"{found['known_items_of_the_log']:,} are known, {share(found['known_share'])}"),
            ("categories", f"{found['categories']:,}; largest: {_counted(found['largest_categories'])}"),
            ("brands", f"{found['brands']:,}"),
            ("prices", f"{price['lowest']:,.2f} to {price['highest']:,.2f}" if price else "none"),
            ("with an embedding", f"{found['with_embedding']:,}"),
        ],
    )


def share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def day(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).strftime("%Y-%m-%d")
