"""The rows of a page: each kind is a list of its own, and an item stands in one row only."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from services.reader.answering.answer import Answer
from services.reader.answering.answers import Answers
from services.reader.answering.choosing import Chooser
from services.reader.answering.kinds import SIMILAR
from services.reader.answering.offers import Offer, Offers
from services.reader.answering.people import Known
from services.reader.answering.pool import Taking
from services.reader.asked.asking import Ask
from services.reader.asked.bodies import Row
from services.reader.asked.parameters import BadRequest, Parameters
from services.reader.store.catalogue import Catalogue
from shared.contracts.views import ALL, SCORE_DIGITS, View, category_scope
from shared.core.answers.fusion import RANK_SCORES, Picked
from shared.core.answers.joining import Person

MOST_ROWS = 20
AGAIN, VIEWED, NEW, RELATED = "again", "viewed", "new", "related"
Dealt = frozenset[str]


class RowAnswer(Answer, omit_defaults=True, gc=False, kw_only=True):
    """A list that is a row: its kind, and what a page may write above it."""

    row: str
    title: str


@dataclass(slots=True)
class _Page:
    """One page on its way. ``anchors``: of the user's items, those that no row is about yet."""

    user: str
    known: Known
    ask: Ask
    anchors: list[str]
    dealt: set[str]

    @property
    def view(self) -> View | None:
        return self.known.person.view


class Rows:
    """Fills them."""

    def __init__(
        self, answers: Answers, offers: Offers, chooser: Chooser, catalogue: Catalogue, ask: Parameters
    ) -> None:
        self._answers = answers
        self._offers = offers
        self._chooser = chooser
        self._catalogue = catalogue
        self._check = ask
        self._kinds: dict[str, Callable[[_Page, Row, Ask], Awaitable[RowAnswer]]] = {
            "for_you": self._for_you,
            "because_you_viewed": self._because,
            SIMILAR: self._similar,
            "buy_again": self._buy_again,
            "recently_viewed": self._recently_viewed,
            "trending": self._trending,
            "popular": self._popular,
            "new_for_you": self._new,
        }

    @property
    def kinds(self) -> list[str]:
        return list(self._kinds)

    async def page(self, user: str, known: Known, rows: list[Row], ask: Ask) -> list[RowAnswer]:
        """One after the other, so that who stands above chooses first. Raises :class:`BadRequest`."""
        if not 1 <= len(rows) <= MOST_ROWS:
            raise BadRequest("rows", f"{len(rows)} rows; 1 to {MOST_ROWS} make a page")
        for place, row in enumerate(rows):
            self._check_row(row, f"rows[{place}]")
        view = known.person.view
        page = _Page(user, known, ask, list(view.recent) if view is not None else [], set())
        return [await self._row(page, row) for row in rows]

    def _check_row(self, row: Row, where: str) -> None:
        """Before any is filled; names are brought to one spelling."""
        if row.row not in self._kinds:
            raise BadRequest(f"{where}.row", f"{row.row[:32]!r} is none of {', '.join(self._kinds)}")
        if row.n is not None and not 1 <= row.n <= self._check.most:
            raise BadRequest(f"{where}.n", f"n must be a whole number from 1 to {self._check.most}")
        if row.category is not None:
            row.category = self._check.named(row.category, f"{where}.category")
        if row.item is not None:
            row.item = self._check.item(row.item, f"{where}.item")
        elif row.row == SIMILAR:
            raise BadRequest(f"{where}.item", "a row of similar items needs the item")

    async def _row(self, page: _Page, row: Row) -> RowAnswer:
        n = page.ask.n if row.n is None else row.n
        found = await self._kinds[row.row](page, row, replace(page.ask, n=n, offset=0, shown=None))
        page.dealt.update(found.items)
        return found

    async def _for_you(self, page: _Page, row: Row, ask: Ask) -> RowAnswer:
        found = await self._answers.for_known(page.user, page.known, ask, frozenset(page.dealt))
        return _as_row(found, row, "For you")

    async def _because(self, page: _Page, row: Row, ask: Ask) -> RowAnswer:
        """About the newest item that no row is about yet; empty without one."""
        if not page.anchors:
            return _as_row(self._answers.empty(ask), row, "")
        return await self._about(page, row, ask, page.anchors.pop(0), "Because you viewed")

    async def _similar(self, page: _Page, row: Row, ask: Ask) -> RowAnswer:
        assert row.item is not None
        return await self._about(page, row, ask, row.item, "Similar to")

    async def _about(self, page: _Page, row: Row, ask: Ask, item: str, title: str) -> RowAnswer:
        """Neighbours of an item, and nothing else if it has none."""
        found = await self._answers.similar(item, ask, frozenset(page.dealt), page.known.person)
        if found.source != SIMILAR:
            found = self._answers.empty(ask, item_id=item)
        [entry] = await self._catalogue.entries([item])
        name = entry.view.title if entry is not None and entry.view.title else item
        return _as_row(found, row, f"{title} {name}")

    async def _buy_again(self, page: _Page, row: Row, ask: Ask) -> RowAnswer:
        again = [item for item, times, _ in page.view.again if times] if page.view is not None else []
        return await self._own(page, row, ask, again, AGAIN, "Buy again")

    async def _recently_viewed(self, page: _Page, row: Row, ask: Ask) -> RowAnswer:
        recent = list(page.view.recent) if page.view is not None else []
        return await self._own(page, row, ask, recent, VIEWED, "Recently viewed")

    async def _new(self, page: _Page, row: Row, ask: Ask) -> RowAnswer:
        """The newest of the catalogue, those of the user's categories first."""
        scope = ALL if row.category is None else category_scope(row.category)
        view = (await self._offers.new(scope)).view
        items = [] if view is None else [item for item in view.items if item not in self._seen(page)]
        met = await self._catalogue.entries(page.view.recent if page.view is not None else [])
        liked = {category for entry in met if entry is not None for category in entry.view.categories}
        liked.update(page.known.person.liked)
        entries = dict(zip(items, await self._catalogue.entries(items), strict=True))
        foreign = {item for item, entry in entries.items() if entry is None or liked.isdisjoint(entry.view.categories)}
        ordered = sorted(items, key=lambda item: item in foreign)
        return await self._own(page, row, ask, ordered, NEW, "New for you", view)

    def _seen(self, page: _Page) -> Dealt:
        return frozenset(page.view.seen) if page.view is not None else frozenset()

    async def _own(
        self, page: _Page, row: Row, ask: Ask, items: list[str], source: str, title: str, view: View | None = None
    ) -> RowAnswer:
        """A list of the user's own items, in the order given."""
        scores = [round(score, SCORE_DIGITS) for score in RANK_SCORES[: len(items)]]
        offer = Offer(source, view or page.view, Picked(items[: len(scores)], scores, [source] * len(scores)))
        person = page.known.person
        nobody = Person(None, barred=person.barred, avoided=person.avoided)
        taking = Taking(nobody, ask, page.user, frozenset(page.dealt))
        chosen = await self._chooser.chosen(iter([offer]), taking)
        return _as_row(self._answers.answer(chosen, ask, page.known.why, user_id=page.user), row, title)

    async def _trending(self, page: _Page, row: Row, ask: Ask) -> RowAnswer:
        """In the category given, else in that of the newest item, else in all."""
        category = row.category or _only(ask) or await self._category(page)
        found = await self._answers.scoped(
            ["trending", "popular"], _scope(category), ask, frozenset(page.dealt), page.known.person
        )
        return _as_row(found, row, f"Trending in {category}" if category else "Trending")

    async def _popular(self, page: _Page, row: Row, ask: Ask) -> RowAnswer:
        category = row.category or _only(ask)
        found = await self._answers.scoped(["popular"], _scope(category), ask, frozenset(page.dealt), page.known.person)
        return _as_row(found, row, f"Popular in {category}" if category else "Popular")

    async def _category(self, page: _Page) -> str | None:
        for entry in await self._catalogue.entries(page.view.recent[:1] if page.view is not None else []):
            if entry is not None and entry.view.categories:
                return entry.view.categories[-1]
        return page.known.person.liked[0] if page.known.person.liked else None


def _only(ask: Ask) -> str | None:
    """The category that all of a page is of."""
    return ask.categories[0] if len(ask.categories) == 1 else None


def _scope(category: str | None) -> str:
    return ALL if category is None else category_scope(category)


def _as_row(answer: Answer, row: Row, title: str) -> RowAnswer:
    columns: dict[str, Any] = {name: getattr(answer, name) for name in Answer.__struct_fields__}
    return RowAnswer(**columns, row=row.row, title=title)
