"""``headrace import-lists``: the lists of a team's own batch model → the topic `batch-list`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from services.cli.importing import Import, columns_of, import_options
from services.cli.option_types import WritingCommand
from services.cli.rejecting import reporter, say
from services.producers.importing import Checked, removals
from services.producers.list_rows import FIELDS, open_lists
from services.producers.records import Outgoing
from shared.adapters.clock import epoch_ms
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import BATCH_LIST, topic_name


@click.command(cls=WritingCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Remove the lists of users that FILE has not.")
@import_options
def import_lists(file: Path, replace: bool, **given: Any) -> None:
    """Publish lists that another model made, a user's list a record of the topic `batch-list`; readers blend them in.

    FILE is JSON Lines ({"user_id", "items", "scores"}), Parquet alike, or rows of user, item and score, a user's rows
    together. Read are CSV, TSV, JSON Lines and Parquet, each also .gz. The exit status is 1 if rows were bad, unless
    --allow-rejects.
    """
    settings = load_settings()
    found = open_lists(file, settings, columns_of(given["pairs"], FIELDS), epoch_ms(), given["delimiter"])
    columns = ", ".join(f"{field}={found.table.columns[i]}" for field, i in found.columns.items())
    say(f"{file.name}: {found.table.format}; {columns}")

    def gone(checked: Checked) -> Iterable[Outgoing]:
        return _gone(checked, settings)

    with reporter(given["rejects_file"]) as rejects:
        Import(file.name, BATCH_LIST, "lists", settings, given).run(found.entries, rejects, gone if replace else None)


def _gone(checked: Checked, settings: Settings) -> Iterable[Outgoing]:
    from shared.adapters.compacted import latest

    standing = latest(settings, topic_name(settings, BATCH_LIST), values=False)
    return removals(standing, checked.keys | checked.bad_keys, BATCH_LIST, lambda key: key.decode(errors="replace"))
