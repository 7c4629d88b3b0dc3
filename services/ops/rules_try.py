"""What rules do to a user's list: which rule keeps an item out, moves it, or puts it where it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from services.ops.item_records import columns_of, item_views
from shared.adapters.redis_views import ViewStore
from shared.adapters.rules_file import read_rules
from shared.contracts.errors import HeadraceError
from shared.contracts.identity import asked_for
from shared.contracts.rules import Boost, Filter, RuleFile, RulesError, Spelling
from shared.contracts.settings import Settings
from shared.contracts.views import ALL, Keys, View, decode_view
from shared.core.answers.arrangement import Candidates, arranged
from shared.core.answers.catalogue_columns import CatalogueColumns
from shared.core.answers.rules import Holding, RuleBook
from shared.core.answers.selection import Wanted, kept
from shared.core.kernel import Ints


class RuleFileError(HeadraceError):
    """A file of rules that cannot be used, with its name."""


def rules_in(file: Path, settings: Settings) -> RuleFile:
    """Raises :class:`RuleFileError` with file, line and reason."""
    try:
        return read_rules(file, Spelling.of(settings))
    except RulesError as error:
        raise RuleFileError(f"{file}, {error}") from error


def counted(rules: RuleFile) -> str:
    """How many of each kind, in words."""
    return ", ".join(f"{count} {name}" for name, count in rules.counts().items() if count) or "no rules"


def tried(
    user: str,
    rules: RuleFile,
    views: ViewStore,
    settings: Settings,
    now: int,
    n: int,
    surface: str,
    context: Mapping[str, str],
) -> dict[str, Any]:
    """Item by item of the stored list, or of what trends for somebody without one. ``now``: epoch ms.

    :class:`BadRecord` for what is no user id, :class:`Unavailable` if Redis is.
    """
    keys, book = Keys(settings), RuleBook(rules)
    user, name = asked_for(user, settings.identity, settings.events.max_id_length)
    stored, trending = views.read([keys.rec(name), keys.trending(ALL)])
    view = _view(stored) or _view(trending)
    items = view.items if view is not None else []
    columns = columns_of(item_views(items, keys, views.read))
    slots = columns.slots(items)
    market = context.get(settings.reader.market_field, "")
    holding = book.holding(surface, context, now)
    wanted = Wanted(now=now, market=market, holding=holding, sure=holding.asks)
    left = kept(items, slots, columns, wanted, book, len(items))
    given = Candidates(left.slots, left.factors, holding=holding)
    arrangement = arranged(given, columns.kinds, settings.rerank, settings.rerank.diversity, n)
    order = left.places[arrangement].tolist()
    shown_at = {place: rank for rank, place in enumerate(order, 1)}
    return {
        "user_id": user,
        "list": "none" if view is None else view.source,
        "holding": counted(rules),
        "items": [
            {
                "item": item,
                "place": place + 1,
                "shown": shown_at.get(place),
                "rules": _named(fits, book, holding),
            }
            for place, (item, fits) in enumerate(zip(items, _fits(book, columns, slots, market), strict=True))
        ],
        "pins": [{"item": item, "place": position} for position, item in holding.pins],
    }


def _view(raw: bytes | None) -> View | None:
    return None if raw is None else decode_view(raw)


def _fits(book: RuleBook, columns: CatalogueColumns, slots: Ints, market: str) -> list[list[int]]:
    """Of each item, the numbers of the rules that it fits."""
    if not book.about:
        return [[] for _ in slots]
    return [np.flatnonzero(row).tolist() for row in book.fits(columns, slots, market)]


def _named(fits: list[int], book: RuleBook, holding: Holding) -> list[str]:
    """The rules that hold now and that the item fits."""
    about = holding.about
    live = {*about.excluded.tolist(), *about.included.tolist(), *about.boosted.tolist()}
    return [_name(book.about[number], number) for number in fits if number in live]


def _name(rule: Filter | Boost, number: int) -> str:
    kind = f"boost ×{rule.factor:g}" if isinstance(rule, Boost) else "filter"
    return f"{kind} {rule.name or number + 1}"


def shown(told: dict[str, Any]) -> Table:
    """The document for a person."""
    title = f"User {told['user_id']}: list {told['list']}; {told['holding']}"
    table = Table("", "item", "shown at", "rules that it fits", title=title, title_justify="left")
    for item in told["items"]:
        table.add_row(str(item["place"]), item["item"], str(item["shown"] or "–"), ", ".join(item["rules"]))
    for pin in told["pins"]:
        table.add_row("pin", pin["item"], str(pin["place"]), "")
    return table
