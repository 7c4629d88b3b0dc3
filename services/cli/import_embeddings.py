"""``headrace import-embeddings``: vectors of a team's own model, or of its texts → the items' records."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import click

from services.cli.importing import Import, columns_of, import_options
from services.cli.option_types import WritingCommand
from services.cli.progress import progress
from services.cli.rejecting import reporter, say
from services.producers.embedding import Embedded, by_item
from services.producers.importing import item_name, name_of_key
from services.producers.vectors import NAMES, VectorFile, open_vectors
from shared.adapters.compacted import Latest, latest
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import ITEM, topic_name


@click.command(cls=WritingCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from-text", is_flag=True, help="FILE is one of items: vectors are learned from what they say in words."
)
@click.option(
    "--near/--no-near",
    default=True,
    help="Whether records also name the items that are nearest to theirs, 50 at most; they do.",
)
@import_options
def import_embeddings(file: Path, from_text: bool, near: bool, **given: Any) -> None:
    """Give items their embeddings: FILE has an item id and a vector a row, all vectors of one dimension.

    Read are JSON Lines ({"item_id", "embedding"}), Parquet with a column of lists, text with a column per number, and
    .npz with `ids` and `vectors`. Records are whole: those that the topic `item` holds are read, changed and sent
    again, so import the items first, and let nobody else send records of the same items meanwhile. What is nearest is
    looked for among the items of FILE and, but for --from-text, those that have a vector of as many dimensions already:
    exactly up to 100,000, else nearly. FILE's items alone name it: those that had a vector name new ones only when they
    are in FILE again.
    """
    settings = load_settings()
    found = (_from_text if from_text else _from_vectors)(file, settings, given)
    say(f"{file.name}: {found.format}; {found.dimensions} dimensions")
    wanted = {item_name(item, settings) for _, item, _ in found.vectors(lambda *_: None)}
    embedded = Embedded(found, _standing(wanted, settings, others=near and not from_text), settings)
    if near:
        with progress(len(wanted), "items") as tell:
            embedded.find_nearest(tell)
    with reporter(given["rejects_file"]) as rejects:
        Import(file.name, ITEM, "items", settings, given).run(embedded.entries, rejects)


def _from_vectors(file: Path, _: Settings, given: dict[str, Any]) -> VectorFile:
    return open_vectors(file, columns_of(given["pairs"], tuple(NAMES)), given["delimiter"])


def _from_text(file: Path, settings: Settings, given: dict[str, Any]) -> VectorFile:
    from services.producers.item_columns import FIELDS
    from services.producers.item_rows import open_item_file
    from services.producers.text_vectors import vectors_from_text

    return vectors_from_text(
        file, open_item_file(file, settings, columns_of(given["pairs"], FIELDS), given["delimiter"])
    )


def _standing(wanted: Collection[str | None], settings: Settings, *, others: bool) -> dict[str, Latest]:
    """The records of the file's items, and of all ``others`` if they are asked for."""
    topic = topic_name(settings, ITEM)
    found = latest(settings, topic, lambda key: others or name_of_key(key, settings) in wanted, values=True)
    records = by_item(found, settings)
    if not any(item in wanted for item in records):
        raise HeadraceError(f"{topic} has none of these items; `headrace import-items` brings them")
    return records
