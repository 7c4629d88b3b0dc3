"""Two configurations' lists for the same users side by side, for somebody who knows the shop to judge, blind."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table

from services.ops.item_records import Read, columns_of, item_views
from shared.contracts.errors import SettingsError
from shared.contracts.settings import Settings, load_settings
from shared.contracts.views import ItemView, Keys, View
from shared.core.answers.arrangement import Candidates, arranged
from shared.core.answers.fusion import event_now
from shared.core.arithmetic.draws import draw
from shared.core.lists.audience import user_of_view
from shared.core.lists.list_maker import ItemViewSource, ListMaker
from shared.core.tables.interning import order_key

BEST = 50  # candidates that an answer's order is made of
FIRST, SECOND, NEITHER = "a", "b", "neither"


@dataclass(frozen=True)
class Pair:
    """One user's two lists: ``lists`` as shown, left and right; ``names``: which configuration stands where."""

    user: str
    history: list[ItemView]
    lists: tuple[list[ItemView], list[ItemView]]
    names: tuple[str, str]

    def choice(self, side: int | None) -> str:
        """What was chosen, by its name; None: neither."""
        return NEITHER if side is None else self.names[side]


def configured(changes: Sequence[str]) -> Settings:
    """The settings that hold, but for ``section.name=value``. Raises :class:`SettingsError`."""
    sections: dict[str, dict[str, str]] = {}
    for change in changes:
        place, equals, value = change.partition("=")
        section, dot, name = place.partition(".")
        if not equals or not dot:
            raise SettingsError(f"{change!r} is not section.name=value")
        sections.setdefault(section, {})[name] = value
    now = load_settings()
    given: dict[str, Any] = {}
    for section, fields in sections.items():
        if section not in Settings.model_fields:
            raise SettingsError(f"{section!r} is no section of the settings")
        given[section] = getattr(now, section).model_dump() | fields
    return load_settings(**given)


class Side:
    """One configuration."""

    def __init__(self, settings: Settings, source: ItemViewSource, wall_ms: int, read: Read) -> None:
        self._settings = settings
        self._maker = ListMaker(settings, source, lambda: wall_ms)
        self._now = event_now(wall_ms, max((ts for _, _, ts in source.tops()), default=0) or None)
        self._keys = Keys(settings)
        self._read = read

    def of(self, view: View | None, n: int) -> list[ItemView]:
        """The answer to the user of a view, as this configuration ranks and orders it."""
        users = user_of_view(view, self._maker.cache, self._settings.lists.recent_items)
        lists = self._maker.lists(users, np.array([self._now], dtype=np.int64), BEST)
        names = self._maker.cache.items.names
        items = [names[slot] for slot in lists.items[0, : lists.lengths[0]].tolist()]
        recent = view.recent[:10] if view is not None else []
        views = self.views([*items, *recent])
        columns, rules = columns_of(views), self._settings.rerank
        given = Candidates(columns.slots(items), recent=columns.slots(recent))
        return [views[items[place]] for place in arranged(given, columns.kinds, rules, rules.diversity, n)]

    def views(self, items: Sequence[str]) -> dict[str, ItemView]:
        """What the catalogue says of items."""
        return item_views(items, self._keys, self._read)


def pair(user: str, view: View | None, sides: tuple[Side, Side], n: int, seed: int) -> Pair:
    """Which one stands left is drawn by user and ``seed``."""
    lists = (sides[0].of(view, n), sides[1].of(view, n))
    history = list(sides[0].views(view.recent[:10] if view is not None else []).values())
    if draw(seed, order_key(user) >> 1) % 2:
        return Pair(user, history, (lists[1], lists[0]), (SECOND, FIRST))
    return Pair(user, history, lists, (FIRST, SECOND))


def shown(told: Pair) -> Table:
    """For a person, who is not told which is which."""
    met = ", ".join(map(_title, told.history)) or "nothing"
    table = Table("", "left", "right", title=f"{told.user} met lately: {met}", title_justify="left")
    longest = max(map(len, told.lists))
    for place in range(longest):
        row = [_title(one[place]) if place < len(one) else "" for one in told.lists]
        table.add_row(str(place + 1), *row)
    return table


def summary(choices: Sequence[str]) -> dict[str, int]:
    """How often each was chosen."""
    count = Counter(choices)
    return {name: count[name] for name in (FIRST, SECOND, NEITHER)}


def as_document(told: Pair) -> dict[str, Any]:
    """Not blind: by name."""
    lists = dict(zip(told.names, ([one.item_id for one in listed] for listed in told.lists), strict=True))
    return {"user_id": told.user, "history": [one.item_id for one in told.history], **dict(sorted(lists.items()))}


def _title(view: ItemView) -> str:
    words = [view.title or view.item_id, view.brand or "", view.categories[-1] if view.categories else ""]
    return " · ".join(word for word in words if word)
