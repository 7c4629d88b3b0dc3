"""The endpoints of lists, without a framework: checks parameters, asks :class:`Answers`, logs the impression, measures.

They are nearly all of what a reader is asked, so they take paths and query strings as they come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import msgspec
from starlette.datastructures import QueryParams

from services.reader.answers import POPULAR, SIMILAR, TRENDING, Answer, Answers
from services.reader.parameters import Parameters
from services.reader.reranking import Reranker
from services.reader.views import Views
from shared.adapters.metrics import READER_LATENCY
from shared.contracts.identity import pseudonym
from shared.contracts.impressions import Impression
from shared.contracts.settings import Settings
from shared.core.coldstart import NONE

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


class Lists:
    """Answers by path. Ids may contain slashes: they are all that stands between a path's beginning and its end."""

    def __init__(self, wiring: Wiring, answers: Answers) -> None:
        self._ask = Parameters(wiring.settings)
        self._answers = answers
        self._impressions = wiring.impressions
        self._clock = wiring.clock
        self._identity = wiring.settings.identity

    async def answered(self, path: str, query: str) -> bytes | None:
        """The list that a path names, as JSON; None if it names none. Raises :class:`BadRequest`."""
        start = perf_counter()
        if (user := _between(path, USERS, RECOMMENDATIONS)) is not None:
            user = self._ask.user(user)
            n, preview = self._ask.length(query)
            return self._served(await self._answers.personal(user, n), start, None if preview else user)
        if (item := _between(path, ITEMS, ALIKE)) is not None:
            item, asked = self._ask.item(item, "item"), self._ask.query(query)
            viewer = self._viewer(asked)
            return self._served(await self._answers.similar(item, self._ask.n(asked)), start, viewer)
        if path in {"/v1/trending", "/v1/popular"}:
            asked = self._ask.query(query)
            viewer = self._viewer(asked)
            return self._served(await self._shared(path, asked), start, viewer)
        return None

    async def _shared(self, path: str, asked: QueryParams) -> Answer:
        category = self._ask.optional_id(asked, "category")
        if path == "/v1/popular":
            return await self._answers.popular(category, self._ask.n(asked))
        half_life = self._ask.half_life(asked)
        return await self._answers.trending(category, half_life, self._ask.n(asked))

    def _viewer(self, asked: QueryParams) -> str | None:
        """Who will see the answer: the user if named, somebody (empty), or nobody (None)."""
        user = self._ask.optional_id(asked, "user") or ""
        return None if self._ask.preview(asked) else user

    def _served(self, answer: Answer, start: float, viewer: str | None) -> bytes:
        log = self._impressions
        if log is not None and viewer is not None and answer.items:
            who = viewer and pseudonym(viewer, self._identity)
            log.add(Impression(answer.rec_id, who, self._clock(), answer.source, answer.items))
        body = _encode(answer)
        LATENCY.get(answer.source, OTHER).observe(perf_counter() - start)
        return body


def _between(path: str, beginning: str, end: str) -> str | None:
    """What stands between them; None if the path is none of theirs."""
    whole = path.startswith(beginning) and path.endswith(end) and len(path) >= len(beginning) + len(end)
    return path[len(beginning) : -len(end)] if whole else None
