"""``headrace import-embeddings``: vectors of a team's own model, or of its texts → the items' records."""

from pathlib import Path
from typing import Any

import click

from services.cli.importing import Import, columns_of, import_options
from services.cli.progress import progress
from services.cli.rejecting import reporter, say
from services.producers.embedding import Embedded, by_item
from services.producers.importing import name_of_key
from services.producers.vectors import NAMES, VectorFile, open_vectors
from shared.adapters.compacted import latest
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import ITEM, topic_name


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from-text", is_flag=True, help="FILE is one of items: vectors are learned from what they say in words."
)
@click.option(
    "--near/--no-near",
    default=True,
    help="Whether records also name the items of FILE that are nearest to theirs, 50 at most; they do.",
)
@import_options
def import_embeddings(file: Path, from_text: bool, near: bool, **given: Any) -> None:
    """Give items their embeddings: FILE has an item id and a vector a row, all vectors of one dimension.

    Read are JSON Lines ({"item_id", "embedding"}), Parquet with a column of lists, text with a column per number, and
    .npz with `ids` and `vectors`. Records are whole: those that the topic `item` holds are read, changed and sent
    again, so import the items first, and let nobody else send records of the same items meanwhile. What is nearest is
    looked for among the items of FILE, so it is best given all vectors: exactly up to 100,000, else nearly.
    """
    settings = load_settings()
    found = (_from_text if from_text else _from_vectors)(file, settings, given)
    say(f"{file.name}: {found.format}; {found.dimensions} dimensions")
    standing = by_item(_standing(found, settings), settings)
    embedded = Embedded(found, standing, settings)
    if near:
        with progress(len(standing), "items") as tell:
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


def _standing(found: VectorFile, settings: Settings) -> Any:
    """The records of the file's items alone."""
    from services.producers.importing import item_name

    wanted = {item_name(item, settings) for _, item, _ in found.vectors(lambda *_: None)}
    topic = topic_name(settings, ITEM)
    records = latest(settings, topic, lambda key: name_of_key(key, settings) in wanted, values=True)
    if not records:
        raise HeadraceError(f"{topic} has none of these items; `headrace import-items` brings them")
    return records
