"""What an answer says of its items beside their ids: the fields that were asked for, prices those of the market."""

from typing import Any

from services.reader.asked.asking import Ask
from shared.core.answers.catalogue_entry import Entry


def fields_of(entry: Entry | None, ask: Ask) -> dict[str, Any]:
    """One item's; a field that the catalogue does not have is left out."""
    if entry is None:
        return {}
    found: dict[str, Any] = {}
    for name in ask.fields:
        value = entry.price(ask.market) if name == "price" else getattr(entry.view, name)
        if value not in (None, "", [], {}):
            found[name] = value
    return found
