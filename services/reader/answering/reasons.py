"""Why an item stands in an answer, in words, from what really led there: for a page to write beside it."""

from collections.abc import Sequence

from services.reader.answering.kinds import BOUGHT, MET
from services.reader.answering.pool import PINNED, Chosen
from services.reader.answering.reranking import Reranker
from services.reader.store.catalogue import Catalogue
from shared.contracts.views import View

ANCHORED = frozenset(("together", "next", "quick", "alike"))
"""Reasons that lead back to one item of the user's."""
TEXTS = {
    "together": "met by others who met what you did",
    "next": "often comes next",
    "quick": "often comes next these hours",
    "alike": "like what you looked at",
    "again": "you had this before",
    "taste": "liked by people with a history like yours",
    "trend": "trending now",
    "pop": "popular",
    "pref": "trending in a category you like",
    "context": "trending with others like you now",
    "segment": "trending in your group",
    "category": "trending in this category",
    "batch": "chosen for you",
    "new": "new here",
    "viewed": "you looked at this",
    PINNED: "chosen by the shop",
}
OF_BASKET = "often met together with these"
Because = tuple[list[str | None], list[str]]
"""For each item of an answer: the item of the user's that led there, if one did, and the reason in words."""


def told(codes: Sequence[str]) -> Because:
    """Of a list that nothing of the user's led to."""
    return [None] * len(codes), [TEXTS.get(code, OF_BASKET if code == MET else "") for code in codes]


class Reasons:
    """Finds them."""

    def __init__(self, catalogue: Catalogue, reranker: Reranker | None) -> None:
        self._catalogue = catalogue
        self._reranker = reranker

    async def of(self, chosen: Chosen, view: View | None, now: int) -> Because:
        """For a user's list; without an answer in time words that name no item."""
        anchors = await self._anchors(chosen, view, now)
        named = list(dict.fromkeys(anchor for anchor in anchors if anchor is not None))
        titles = dict(zip(named, await self._titles(named), strict=True))
        bought = {item for item, times, _ in view.again if times} if view is not None else set()
        words = [
            TEXTS.get(code, "") if anchor is None
            else f"because you {'bought' if anchor in bought else 'viewed'} {titles[anchor]}"
            for code, anchor in zip(chosen.why, anchors, strict=True)
        ]  # fmt: skip
        return anchors, words

    async def beside(self, chosen: Chosen, item: str) -> Because:
        """For what is similar to an item."""
        [title] = await self._titles([item])
        own = [code not in TEXTS for code in chosen.why]
        anchors: list[str | None] = [item if mine else None for mine in own]
        words = [
            f"often {'bought' if code == BOUGHT else 'met together'} with {title}" if mine else ""
            for code, mine in zip(chosen.why, own, strict=True)
        ]
        return anchors, [word or TEXTS.get(code, "") for word, code in zip(words, chosen.why, strict=True)]

    async def _anchors(self, chosen: Chosen, view: View | None, now: int) -> list[str | None]:
        nothing: list[str | None] = [None] * len(chosen.items)
        if view is None or not view.recent or self._reranker is None:
            return nothing
        wanted = [item for item, code in zip(chosen.items, chosen.why, strict=True) if code in ANCHORED]
        found = await self._reranker.anchors(view, now, wanted) if wanted else []
        by_item = dict(zip(wanted, found or (), strict=False))
        return [by_item.get(item) for item in chosen.items]

    async def _titles(self, items: Sequence[str]) -> list[str]:
        entries = await self._catalogue.entries(items)
        return [
            entry.view.title if entry is not None and entry.view.title else item
            for item, entry in zip(items, entries, strict=True)
        ]
