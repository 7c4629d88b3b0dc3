"""``headrace profile``: what is in an event log, before it is sent."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from services.cli.log_options import ROLES, columns_said, item_columns_of, items_options, log_options, wanted_of
from services.cli.rejecting import say
from services.producers.item_rows import ItemFile, open_item_file
from services.producers.profiling import Bad, Columns, catalogue_figures, figures
from services.producers.proposals import commands, settings_for
from services.producers.reading import records
from services.producers.rejects import Rejects
from services.producers.replay import Options, open_logs
from shared.adapters.clock import epoch_ms
from shared.contracts.catalogue import decode_item
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings, load_settings


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@items_options
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@log_options
def profile(files: tuple[Path, ...], as_json: bool, **given: Any) -> None:
    """Say what is in event logs (CSV, TSV, JSON Lines, Parquet; each also .gz): how much of what, who and when, which
    rows would be rejected and why, how many users and items come for the first time, and how to go on.

    Nothing is sent, and neither Kafka nor Redis is asked. All events are held in memory, some 130 bytes each.
    """
    settings = load_settings()
    document = profiled(files, given, settings)
    if as_json:
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
    else:
        from services.cli.profile_tables import show

        show(document)


def profiled(files: Sequence[Path], given: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """What ``--json`` prints."""
    options = Options(files, wanted=wanted_of(given), delimiter=given["delimiter"], derive_items=False)
    logs, said = open_logs(options, settings, epoch_ms()), item_columns_of(given)
    items = open_item_file(given["items"], settings, said) if given["items"] else None
    columns, bad = Columns(), Bad()
    rejects = bad.rejects()
    for log in logs:
        say(f"reading {log.name} …")
        columns.add(records(log, rejects))
    document: dict[str, Any] = {
        "files": [str(path) for path in files],
        "columns": {log.name: f"{log.table.format}; {columns_said(log)}" for log in logs},
        "rejected": {
            "rows": rejects.count,
            "reasons": _reasons(bad, rejects),
            "unknown_types": dict(bad.words.most_common()),
        },
    }
    if not columns.users:
        raise HeadraceError("no event in these files" + _why(bad, rejects))
    document |= figures(columns)
    if items:
        document["catalogue"] = _catalogue(items, columns, settings)
    document["settings"] = settings_for(document, settings)
    document["commands"] = commands(
        document["files"],
        str(given["items"]) if given["items"] else None,
        _said(given),
        bad.words,
        [part for pair in given["pairs"] for part in ("--column", pair)],
    )
    return document


def _catalogue(found: ItemFile, columns: Columns, settings: Settings) -> dict[str, Any]:
    bad = Bad()
    rejects = bad.rejects()
    entries = found.entries(lambda where, why, _: rejects.add(found.table.path.name, where, why))
    said = catalogue_figures(columns, (decode_item(raw, settings.events, settings.identity) for _, raw in entries))
    return said | {"rejected": _reasons(bad, rejects)}


def _why(bad: Bad, rejects: Rejects) -> str:
    """Why every row is bad: the first of each reason, and words that might mean a type of ours."""
    said = [f"\n  {n:,} {reason}, the first: {bad.places[reason][0]}" for reason, n in rejects.reasons.most_common()]
    words = [f"{word}=TYPE" for word in bad.words]
    hint = f"\n--map-type says what a word of the type column means: {', '.join(words)}" if words else ""
    return (": every row is bad" if said else "") + "".join(said) + hint


def _reasons(bad: Bad, rejects: Rejects) -> dict[str, Any]:
    return {reason: {"rows": n, "first": bad.places[reason]} for reason, n in rejects.reasons.most_common()}


def _said(given: dict[str, Any]) -> list[str]:
    """The options by which the log was understood, as they were given."""
    said = [(f"--{role}-column", given[f"{role}_column"]) for role in (*ROLES, "list")]
    said += [("--type", given["event_type"]), ("--delimiter", given["delimiter"])]
    said += [("--map-type", pair) for pair in given["map_type"]]
    said += [("--time", given["notation"])] if given["notation"] != "auto" else []
    said += [("--timezone", given["zone"].key)] if given["zone"] else []
    return [part for name, value in said if value for part in (name, value)]
