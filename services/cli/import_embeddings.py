"""``headrace import-embeddings``: vectors of a team's own model → the items' records."""

from pathlib import Path
from typing import Any

import click

from services.cli.importing import Import, columns_of, import_options
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
@import_options
def import_embeddings(file: Path, **given: Any) -> None:
    """Give items their embeddings: FILE has an item id and a vector a row, all vectors of one dimension.

    Read are JSON Lines ({"item_id", "embedding"}), Parquet with a column of lists, text with a column per number, and
    .npz with `ids` and `vectors`. Records are whole: those that the topic `item` holds are read, changed and sent
    again, so import the items first, and let nobody else send records of the same items meanwhile.
    """
    settings = load_settings()
    found = open_vectors(file, columns_of(given["pairs"], tuple(NAMES)), given["delimiter"])
    say(f"{file.name}: {found.format}; {found.dimensions} dimensions")
    embedded = Embedded(found, by_item(_standing(found, settings), settings), settings)
    with reporter(given["rejects_file"]) as rejects:
        Import(file.name, ITEM, "items", settings, given).run(embedded.entries, rejects)


def _standing(found: VectorFile, settings: Settings) -> Any:
    """The records of the file's items alone."""
    from services.producers.importing import item_name

    wanted = {item_name(item, settings) for _, item, _ in found.vectors(lambda *_: None)}
    topic = topic_name(settings, ITEM)
    records = latest(settings, topic, lambda key: name_of_key(key, settings) in wanted, values=True)
    if not records:
        raise HeadraceError(f"{topic} has none of these items; `headrace import-items` brings them")
    return records
