"""How an event log is to be understood: the options of every command that reads one, and how it was, in words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from services.cli.importing import columns_of
from services.cli.option_types import Mark, Zone
from services.producers.item_columns import FIELDS
from services.producers.layouts import Layout, Wanted
from services.producers.reading import Log
from services.producers.times import NOTATIONS
from shared.contracts.settings import load_settings

VALUES = ("value", "price", "rating", "dwell")
ROLES = ("user", "item", "ts", "type", "value", "session", "basket")


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Columns (``--user-column`` and its like), types, times and the delimiter."""
    for option in (
        click.option("--delimiter", metavar="MARK", type=Mark(), help="Between columns; found out unless said."),
        click.option("--timezone", "zone", type=Zone(), help="Zone of times without one, as Europe/Paris; else UTC."),
        click.option("--time", "notation", type=click.Choice(NOTATIONS), default="auto", help="Notation of times."),
        click.option(
            "--map-type", multiple=True, metavar="WORD=TYPE", help="What a word of the type column means here."
        ),
        click.option("--type", "event_type", metavar="TYPE", help="Event type of every row, for logs that have none."),
        click.option(
            "--list-column", metavar="NAME", help="Column that holds a list of objects: the row's events, or items."
        ),
        *(_column_option(role) for role in reversed(ROLES)),
    ):
        command = option(command)
    return command


def items_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A catalogue beside the log, and its columns."""
    words = "Which column of --items a field is in, as import-items has it."
    command = click.option("--column", "pairs", multiple=True, metavar="FIELD=NAME", help=words)(command)
    return click.option("--items", type=click.Path(path_type=Path), help="Catalogue (same formats).")(command)


def item_columns_of(given: dict[str, Any]) -> dict[str, list[str]]:
    """What ``--column`` says of it. Raises ``click.UsageError`` where there is no catalogue."""
    if given["pairs"] and not given["items"]:
        raise click.UsageError("--column names columns of --items, which is not given")
    return columns_of(given["pairs"], FIELDS)


def _column_option(role: str) -> Callable[..., Any]:
    words = f"Column of the {role} (name, or number without a header)."
    return click.option(f"--{role}-column", metavar="NAME", help=words)


def wanted_of(given: dict[str, Any]) -> Wanted:
    """What the options say of the columns. Raises ``click.BadParameter`` if a type is none of ours."""
    types = dict(pair.split("=", 1) if "=" in pair else (pair, "") for pair in given["map_type"])
    known = load_settings().events.types
    for word, ours in types.items():
        if ours not in known:
            raise click.BadParameter(f"{word}={ours}: {ours!r} is none of {', '.join(known)}", param_hint="--map-type")
    if given["event_type"] and given["event_type"] not in known:
        raise click.BadParameter(f"{given['event_type']!r} is none of {', '.join(known)}", param_hint="--type")
    columns = {role: given[f"{role}_column"] for role in ROLES}
    return Wanted(columns, given["event_type"], types, given["notation"], given["zone"], given["list_column"])


def columns_said(log: Log) -> str:
    """How a log was understood, for a person."""
    layout, names = log.layout, log.table.columns
    said = [f"{role}={names[i]}" for role, i in layout.roles.items() if role not in {*VALUES, "quantity"}]
    values = [f"value{f' of {kind}' if kind else ''}={names[i]}" for kind, i in layout.value.items()]
    if "type" not in layout.roles:
        said.append(f"every event a {layout.default_type}")
    context = [f"context={','.join(name for name, *_ in layout.context)}"] if layout.context else []
    commas = [f"decimal commas in {names[i]}" for i in sorted(layout.commas)]
    return ", ".join([*said, *values, *context, *_described(layout, names), *commas, f"times are {layout.time.name}"])


def _described(layout: Layout, names: tuple[str, ...]) -> list[str]:
    if not layout.describes_items:
        return []
    columns = [names[i] for group in layout.categories for i in group] + [
        names[i] for i in layout.item_columns.values()
    ]
    return [f"items described by {','.join(columns)}"]
