"""Why a user's list is as it is: what is known of them, where candidates come from, what each adds to the scores.

Ranked now, from the views that the reader ranks by, not as the list was when it was stored; the document says both.
"""

from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table

from shared.contracts.settings import Settings
from shared.contracts.views import View
from shared.core.answers.fusion import event_now
from shared.core.lists.audience import user_of_view
from shared.core.lists.explanation import GROUPS, NO_ANCHOR, TREND, Explanation
from shared.core.lists.features import Situation
from shared.core.lists.list_maker import ItemViewSource, ListMaker
from shared.core.lists.ranking import WHY, RankedLists
from shared.core.lists.sources import NAMES

DIGITS = 4
SHOWN_HISTORY = 20


def document(
    user: str, view: View | None, settings: Settings, source: ItemViewSource, wall_ms: int, n: int
) -> dict[str, Any]:
    """Of a user and what stands under ``rec:`` of them, None if nothing does: they are ranked as somebody unknown.

    ``n`` items at most. :class:`Unavailable` if the source is.
    """
    maker = ListMaker(settings, source, lambda: wall_ms)
    now = event_now(wall_ms, max((ts for _, _, ts in source.tops()), default=0) or None)
    users = user_of_view(view, maker.cache, settings.lists.recent_items)
    at = maker.situation(users, np.array([now], dtype=np.int64))
    lists = maker.ranked(at, n)
    slots = lists.items[0, : lists.lengths[0]].tolist()
    names = maker.cache.items.names
    history = [names[slot] for slot in users.recent[0].tolist() if slot >= 0]
    stored = {item: place for place, item in enumerate(view.items, 1)} if view else {}
    found = maker.explained(at, slots)
    return {
        "user_id": user,
        "now": now,
        "list": _stored(view, now),
        "history": history,
        "visits": view.visits if view else 0,
        "candidates": _candidates(at),
        "items": [
            {"item": names[slot], "place": row + 1, "stored": stored.get(names[slot])}
            | _item(lists, found, row, history)
            for row, slot in enumerate(slots)
        ],
    }


def _stored(view: View | None, now: int) -> dict[str, Any] | None:
    if view is None:
        return None
    return {"at": view.at, "ts": view.ts, "age_ms": max(now - view.ts, 0), "model": view.model, "items": view.items}


def _candidates(at: Situation) -> dict[str, int]:
    """How many each source names, and how many there are; one may be named by several."""
    count = int(at.found.counts[0])
    named = (at.found.places[0, :count] > 0).sum(axis=0).tolist()
    trends = int((at.found.top_places[0, :count] > 0).any(axis=1).sum())
    return {**dict(zip(NAMES, named, strict=True)), TREND: trends, "all": count}


def _item(lists: RankedLists, found: Explanation, row: int, history: list[str]) -> dict[str, Any]:
    anchor = int(found.anchors[row])
    parts = zip(GROUPS, found.parts[row].tolist(), strict=True)
    return {
        "score": round(float(lists.scores[0, row]), DIGITS),
        "why": WHY[int(lists.why[0, row])],
        "parts": {group: round(part, DIGITS) for group, part in parts},
        "because": None if anchor == NO_ANCHOR else history[anchor],
        "share": round(float(found.shares[row]), DIGITS),
    }


def shown(told: dict[str, Any]) -> Group:
    """The document for a person."""
    return Group(_summary(told), _items(told))


def _summary(told: dict[str, Any]) -> Table:
    table = Table(title=f"User {told['user_id']}", title_justify="left", show_header=False)
    stored, history = told["list"], told["history"]
    said = (
        f"{stored['age_ms'] / 1000:,.0f} s old, of {stored['model']}" if stored else "none: ranked as somebody unknown"
    )
    table.add_row("stored list", said)
    more = f" … {len(history) - SHOWN_HISTORY} more" if len(history) > SHOWN_HISTORY else ""
    table.add_row("history, newest first", ", ".join(history[:SHOWN_HISTORY]) + more)
    table.add_row("candidates", ", ".join(f"{source} {count}" for source, count in told["candidates"].items()))
    return table


def _items(told: dict[str, Any]) -> Table:
    """Parts that add to no item are left out: there are many, and a terminal is narrow."""
    caption = "parts sum up to the score; stored: the place in the stored list; because: the item of the history"
    table = Table("", caption=caption, caption_justify="left", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("item", no_wrap=True)
    groups = [group for group in GROUPS if any(item["parts"][group] for item in told["items"])]
    for name in ("stored", "score", *groups):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("because", overflow="fold")
    for item in told["items"]:
        parts = (f"{item['parts'][group]:+.2f}" if item["parts"][group] else "" for group in groups)
        because = f"{item['because']} ({item['share']:.0%})" if item["because"] else ""
        stored = str(item["stored"] or "")
        table.add_row(str(item["place"]), item["item"], stored, f"{item['score']:.2f}", *parts, because)
    return table
