"""``headrace import-items``: a team's catalogue → the topic `item`."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from services.cli.importing import Import, columns_of, import_options
from services.cli.option_types import WritingCommand
from services.cli.rejecting import reporter, say
from services.producers.importing import Checked, Entries, item_name, name_of_key, removals
from services.producers.item_columns import FIELDS
from services.producers.item_rows import open_item_file
from services.producers.kept_vectors import KeptVectors, fields_to_keep, vectors_of
from services.producers.records import Outgoing
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import ITEM, topic_name

if TYPE_CHECKING:
    from services.producers.item_rows import ItemFile


@click.command(cls=WritingCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Remove the items that the topic has and FILE has not.")
@click.option(
    "--keep-vectors/--drop-vectors",
    default=True,
    help="Whether items keep the embedding and near that the topic's records have, where FILE has no column of them.",
)
@import_options
def import_items(file: Path, replace: bool, keep_vectors: bool, **given: Any) -> None:
    """Publish a catalogue (CSV, TSV, JSON Lines, Parquet; each also .gz) to the topic `item`, a record an item.

    Columns are found out by their names, --column says others; what is none of a record's fields becomes an attribute.
    Records are whole, but what import-embeddings gave an item stays: the topic's records are read for it, so let nobody
    else send records of the same items meanwhile. Every row is checked as ingest will check it. The exit status is 1 if
    rows were bad, unless --allow-rejects.
    """
    settings = load_settings()
    found = open_item_file(file, settings, columns_of(given["pairs"], FIELDS), given["delimiter"])
    say(f"{file.name}: {found.table.format}; {_columns(found)}")

    def gone(checked: Checked) -> Iterable[Outgoing]:
        return _gone(checked, settings)

    fields = fields_to_keep(found.columns) if keep_vectors else ()

    def sent() -> Entries:
        return _kept(found, fields, settings).entries if fields else found.entries

    if fields and given["dry_run"]:
        say(f"{' and '.join(fields)} of the topic's records would stay; not shown here")
    with reporter(given["rejects_file"]) as rejects:
        Import(file.name, ITEM, "items", settings, given).run(found.entries, rejects, gone if replace else None, sent)


def _kept(found: "ItemFile", fields: tuple[str, ...], settings: Settings) -> KeptVectors:
    from services.producers.embedding import by_item
    from shared.adapters.compacted import latest

    records = latest(settings, topic_name(settings, ITEM), values=True, part=vectors_of)
    standing = {item: record.value for item, record in by_item(records, settings).items() if record.value}
    if standing:
        say(f"{' and '.join(fields)} of the topic's {len(standing):,} items that have any stay")
    return KeptVectors(found, standing, fields, say)


def _columns(found: "ItemFile") -> str:
    columns, names = found.columns, found.columns.names
    said = [f"{field}={names[i]}" for field, i in columns.fields.items()]
    if columns.categories:
        said.append(f"categories={','.join(names[i] for i in columns.categories)}")
    if columns.markets:
        said.append(f"markets={','.join(name for name, _ in columns.markets)}")
    if columns.commas:
        said.append("prices have decimal commas")
    if columns.attributes:
        said.append(f"attributes={','.join(name for name, *_ in columns.attributes)}")
    if columns.left_out:
        said.append(f"left out={','.join(columns.left_out)}")
    return ", ".join(said + [f"{field} is {time.name}" for field, time in columns.times.items()])


def _gone(checked: Checked, settings: Settings) -> Iterable[Outgoing]:
    """Of bad rows those that say which item they are of keep what the topic has of it."""
    from shared.adapters.compacted import latest

    standing = latest(settings, topic_name(settings, ITEM), values=False)
    kept = checked.keys | {name for key in checked.bad_keys if (name := item_name(key, settings))}
    return removals(standing, kept, ITEM, lambda key: name_of_key(key, settings))
