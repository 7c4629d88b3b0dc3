"""The endpoints of lists, without a framework: checks parameters, asks :class:`Answers`, logs the impression, measures.

They are nearly all of what a reader is asked, so they take paths and query strings as they come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import msgspec

from services.reader.answering.answer import NONE, Answer
from services.reader.answering.answers import Answers
from services.reader.answering.kinds import SIMILAR
from services.reader.answering.offers import POPULAR, TRENDING
from services.reader.answering.reranking import Reranker
from services.reader.answering.rule_file import Rules
from services.reader.answering.shown import ShownLately
from services.reader.asked.asking import Ask, Asking
from services.reader.store.views import Views
from services.web.outbox import Outbox
from shared.adapters.metrics import READER_LATENCY
from shared.contracts.identity import pseudonym
from shared.contracts.impressions import Impression
from shared.contracts.settings import Settings

PERSONAL = "personal"
LATENCY = {source: READER_LATENCY.labels(source) for source in (PERSONAL, SIMILAR, TRENDING, POPULAR, NONE)}
OTHER = READER_LATENCY.labels("other")
USERS, RECOMMENDATIONS = "/v1/users/", "/recommendations"
ITEMS, ALIKE = "/v1/items/", "/similar"
_encode = msgspec.json.Encoder().encode


class Impressions(Protocol):
    """Where served answers are logged."""

    def add(self, impression: Impression) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the composition root gives to the application."""

    settings: Settings
    views: Views
    impressions: Impressions | None
    clock: Callable[[], int]
    failed: Callable[[BaseException], None]  # called when the refresher ends by a mistake of ours
    reranker: Reranker | None = None
    outbox: Outbox | None = None


class Lists:
    """Answers by path. Ids may contain slashes: they are all that stands between a path's beginning and its end."""

    def __init__(self, wiring: Wiring, asking: Asking, answers: Answers, lately: ShownLately, rules: Rules) -> None:
        self._asking = asking
        self._check = asking.check
        self._answers = answers
        self._lately = lately
        self._rules = rules
        self._impressions = wiring.impressions
        self._clock = wiring.clock
        self._identity = wiring.settings.identity

    async def answered(self, path: str, query: str) -> bytes | None:
        """The list that a path names, as JSON; None if it names none. Raises :class:`BadRequest`."""
        start = perf_counter()
        if (user := _between(path, USERS, RECOMMENDATIONS)) is not None:
            user = self._check.user(user)
            ask = self._asking.read(query)
            answer = await self._answers.personal(user, ask)
            return await self.served(answer, start, None if ask.preview else user)
        if (item := _between(path, ITEMS, ALIKE)) is not None:
            item, ask = self._check.item(item, "item"), self._asking.read(query)
            viewer = self._viewer(query, ask)
            return await self.served(await self._answers.similar(item, ask), start, viewer)
        if path in {"/v1/trending", "/v1/popular"}:
            ask = self._asking.read(query)
            viewer = self._viewer(query, ask)
            return await self.served(await self._shared(path, query, ask), start, viewer)
        return None

    async def _shared(self, path: str, query: str, ask: Ask) -> Answer:
        asked = self._check.query(query)
        category = self._check.optional_id(asked, "category")
        if path == "/v1/popular":
            return await self._answers.popular(category, ask)
        return await self._answers.trending(category, self._check.half_life(asked), ask)

    def _viewer(self, query: str, ask: Ask) -> str | None:
        """Who will see the answer: the user if named, somebody (empty), or nobody (None)."""
        given = self._check.query(query).get("user")
        user = "" if given is None else self._check.user(given)
        return None if ask.preview else user

    async def served(self, answer: Answer, start: float, viewer: str | None) -> bytes:
        """As JSON; logged as an impression if somebody sees it."""
        await self.note(answer, viewer)
        body = _encode(answer)
        LATENCY.get(answer.source, OTHER).observe(perf_counter() - start)
        return body

    async def note(self, answer: Answer, viewer: str | None) -> None:
        """Somebody sees the answer."""
        if viewer is None or not answer.items:
            return
        who = viewer and pseudonym(viewer, self._identity)
        if self._impressions is not None:
            self._impressions.add(Impression(answer.rec_id, who, self._clock(), answer.source, answer.items))
        if who and self._rules.book.rules.impressions:
            await self._lately.add(who, answer.items)


def _between(path: str, beginning: str, end: str) -> str | None:
    """What stands between them; None if the path is none of theirs."""
    whole = path.startswith(beginning) and path.endswith(end) and len(path) >= len(beginning) + len(end)
    return path[len(beginning) : -len(end)] if whole else None
