"""The endpoints that take a body, or tell of a user: pages, batches, sessions, baskets, feedback, histories."""

from http import HTTPStatus
from time import perf_counter
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.reader.answering.answers import Answers
from services.reader.answering.hydrating import fields_of
from services.reader.answering.people import People
from services.reader.answering.rows import Rows
from services.reader.asked.asking import Ask, Asking
from services.reader.asked.bodies import Feedback, Items, Page, Preferences, Several, Wishes, as_query, decoded
from services.reader.asked.parameters import BadRequest
from services.reader.endpoints.fresh import as_json, encoded
from services.reader.endpoints.lists import Lists
from services.reader.events.telling import Telling
from services.reader.store.catalogue import Catalogue
from services.web.origins import check_origin
from services.web.outbox import Busy
from services.web.problems import problem
from shared.contracts.identity import SESSION_PREFIX

RETRY = {"retry-after": "1"}
MOST_USERS = 100
MOST_ITEMS = 200  # of a session or a basket


class Posts:
    """The endpoints. ``telling`` None: this reader has no Kafka to tell."""

    def __init__(
        self,
        asking: Asking,
        answers: Answers,
        people: People,
        rows: Rows,
        lists: Lists,
        catalogue: Catalogue,
        telling: Telling | None,
    ) -> None:
        self._asking = asking
        self._check = asking.check
        self._answers = answers
        self._people = people
        self._rows = rows
        self._lists = lists
        self._catalogue = catalogue
        self._telling = telling

    async def page(self, request: Request) -> Response:
        """Several rows at once; an item stands in one of them only."""
        body = await decoded(request, Page)
        ask = self._ask(body)
        user = self._user(body.user, ask)
        rows = await self._rows.page(user, await self._people.known(user, ask.session), body.rows, ask)
        for row in rows:
            await self._lists.note(row, None if ask.preview else user)
        return as_json({"user_id": user, "rows": rows})

    async def batch(self, request: Request) -> Response:
        """A list for each of several users; nobody sees them yet, so they are no impressions."""
        body = await decoded(request, Several)
        if not 1 <= len(body.users) <= MOST_USERS:
            raise BadRequest("users", f"users must be 1 to {MOST_USERS}")
        ask = self._ask(body)
        users = [self._check.user(user) for user in body.users]
        return as_json({"answers": [await self._answers.personal(user, ask) for user in users]})

    async def session(self, request: Request) -> Response:
        """A list from what somebody met, of whom nothing is kept."""
        return await self._of_items(request, self._answers.of_session)

    async def related(self, request: Request) -> Response:
        """What goes with a basket."""
        return await self._of_items(request, self._answers.related)

    async def _of_items(self, request: Request, answered: Any) -> Response:
        start = perf_counter()
        body = await decoded(request, Items)
        if not 1 <= len(body.items) <= MOST_ITEMS:
            raise BadRequest("items", f"items must be 1 to {MOST_ITEMS}")
        ask = self._ask(body)
        items = [self._check.item(item, "items") for item in body.items]
        viewer = "" if body.user is None else self._check.user(body.user)
        found = await answered(items, ask)
        return encoded(await self._lists.served(found, start, None if ask.preview else viewer))

    async def feedback(self, request: Request) -> Response:
        """One word or an array of them."""
        check_origin(request.headers)
        body = await decoded(request, Feedback | list[Feedback])  # type: ignore[arg-type]
        words: list[Feedback] = body if isinstance(body, list) else [body]
        return await self._told(request, lambda telling, user: telling.feedback(user, words))

    async def preferences(self, request: Request) -> Response:
        """Answers given at the beginning."""
        check_origin(request.headers)
        body = await decoded(request, Preferences)
        return await self._told(request, lambda telling, user: telling.preferences(user, body))

    async def _told(self, request: Request, tell: Any) -> Response:
        user = self._check.user(request.path_params["user"])
        if self._telling is None:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "this reader does not write to Kafka")
        try:
            ids = await tell(self._telling, user)
        except Busy as why:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{why}; say it again", headers=RETRY)
        return as_json({"accepted": len(ids), "ids": ids}, HTTPStatus.ACCEPTED)

    async def history(self, request: Request) -> Response:
        """What is known of a user: newest items first, what they took and may take again, what they told."""
        user = self._check.user(request.path_params["user"])
        ask = self._asking.of(request.query_params)
        person, why = await self._people.known(user, ask.session)
        view = person.view
        found: dict[str, Any] = {
            "user_id": user,
            "ts": view.ts if view is not None else 0,
            "items": view.recent if view is not None else [],
            "taken": [
                {"item_id": item, "times": times, "last": last}
                for item, times, last in (view.again if view is not None else [])
                if times
            ],
            "liked_categories": list(person.liked),
            "avoided_categories": sorted(person.avoided),
        }
        if ask.fields:
            found["fields"] = [fields_of(entry, ask) for entry in await self._catalogue.entries(found["items"])]
        return as_json(found | ({"degraded": True} if why else {}))

    def _ask(self, body: Wishes) -> Ask:
        return self._asking.of(as_query(body))

    def _user(self, given: str | None, ask: Ask) -> str:
        """The user, or the guest of the session."""
        if given is not None:
            return self._check.user(given)
        if ask.session is None:
            raise BadRequest("user", "user or session is needed")
        return f"{SESSION_PREFIX}{ask.session}"

    def routes(self) -> list[Route]:
        return [
            Route("/v1/page", self.page, methods=["POST"]),
            Route("/v1/batch", self.batch, methods=["POST"]),
            Route("/v1/sessions/recommendations", self.session, methods=["POST"]),
            Route("/v1/related", self.related, methods=["POST"]),
            Route("/v1/users/{user:path}/feedback", self.feedback, methods=["POST"]),
            Route("/v1/users/{user:path}/preferences", self.preferences, methods=["POST"]),
            Route("/v1/users/{user:path}/history", self.history),
        ]
