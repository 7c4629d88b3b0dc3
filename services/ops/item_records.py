"""What the catalogue says of a few items, read from Redis for a command."""

from collections.abc import Callable, Mapping, Sequence

from shared.contracts.views import VIEW_VERSION, ItemView, Keys, decode_item_view
from shared.core.answers.catalogue_columns import CatalogueColumns
from shared.core.answers.catalogue_entry import entry_of

Read = Callable[[list[str]], Sequence[bytes | None]]
"""Values of keys."""


def item_views(items: Sequence[str], keys: Keys, read: Read) -> dict[str, ItemView]:
    """By item, each once; one without a record says nothing."""
    names = list(dict.fromkeys(items))
    found = read([keys.item(item) for item in names]) if names else []
    return {
        item: ItemView(VIEW_VERSION, "", item) if raw is None else decode_item_view(raw)
        for item, raw in zip(names, found, strict=True)
    }


def columns_of(views: Mapping[str, ItemView]) -> CatalogueColumns:
    """These items and no others."""
    columns = CatalogueColumns()
    for item, view in views.items():
        columns.put(item, entry_of(view))
    return columns
