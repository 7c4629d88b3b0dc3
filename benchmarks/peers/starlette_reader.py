"""A reader as a good user of Starlette and redis.asyncio would write it: GET, decode, cut, filter, answer JSON.

On the same server and event loop as ours. What trends and what must not be shown it holds in memory, too. It measures
nothing, logs no impressions and mixes nothing.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import redis.asyncio as redis
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.web.server import OwnSocketServer, listen, serve

REFRESH_S = 0.25
MOST = 100


class Reader:
    """``prefix``: of every key."""

    def __init__(self, url: str, prefix: str) -> None:
        self._redis = redis.Redis.from_url(url)
        self._prefix = prefix
        self._trending: dict[str, Any] = {"items": [], "scores": [], "why": []}
        self._hidden: set[str] = set()

    async def recommendations(self, request: Request) -> JSONResponse:
        user = request.path_params["user"]
        n = int(request.query_params.get("n", 20))
        if not 1 <= n <= MOST:
            return JSONResponse({"detail": f"n must be from 1 to {MOST}"}, 400)
        raw = await self._redis.get(f"{self._prefix}rec:{user}")
        view = json.loads(raw) if raw else self._trending
        why = view.get("why") or [""] * len(view["items"])
        rows = [row for row in zip(view["items"], view["scores"], why, strict=True) if row[0] not in self._hidden][:n]
        body = {
            "user_id": user,
            "ts": view.get("ts", 0),
            "source": view.get("source", "none"),
            "model": view.get("model", ""),
            "items": [item for item, _, _ in rows],
            "scores": [score for _, score, _ in rows],
            "why": [reason for _, _, reason in rows],
        }
        return JSONResponse(body, headers={"cache-control": "no-store"})

    async def refresh(self) -> None:
        """What is shared, for ever."""
        while True:
            raw = await self._redis.get(f"{self._prefix}trending:all")
            self._trending = json.loads(raw) if raw else self._trending
            self._hidden = {str(member, "utf-8") for member in await self._redis.smembers(f"{self._prefix}unavailable")}  # type: ignore[arg-type]
            await asyncio.sleep(REFRESH_S)

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        refresher = asyncio.create_task(self.refresh())
        yield
        refresher.cancel()
        await self._redis.aclose()


async def main(port: int, url: str, prefix: str) -> None:
    reader = Reader(url, prefix)
    app = Starlette(
        routes=[Route("/v1/users/{user}/recommendations", reader.recommendations)], lifespan=reader.lifespan
    )
    with listen("127.0.0.1", port) as sock:
        async with app.router.lifespan_context(app):
            await serve(OwnSocketServer(sock, app))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), os.environ["HEADRACE_REDIS_URL"], sys.argv[2]))
