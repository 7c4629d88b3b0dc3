"""What is written to Redis, over a socket: many at once, and what a Redis that takes no writes does to reading."""

import asyncio

import pytest

from services.reader.answering.shown import ShownLately
from services.reader.store.views import RedisViews
from shared.contracts.errors import Unavailable
from shared.contracts.servers import RedisSettings
from shared.contracts.settings import Settings
from shared.contracts.views import Keys
from tests.unit.reader.fake_redis import FakeRedis
from tests.unit.reader.fakes import FakeViews


async def reached(redis: FakeRedis) -> RedisViews:
    """As once the refresher has reached it."""
    views = RedisViews(Settings(redis=RedisSettings(url=redis.url)))
    views.up = True
    return views


def test_who_writes_while_many_do_waits_for_a_connection_and_reading_goes_on() -> None:
    async def run() -> None:
        async with FakeRedis().listening() as redis:
            views = await reached(redis)
            await asyncio.gather(*(views.append(f"shown:u{n}", b"1234", 100, 60) for n in range(50)))
            written = [command for command in redis.commands if command[0] == b"EVAL"]
            assert len(written) == 50
            assert views.up
            assert await views.get("rec:ann") == [None]
            await views.close()

    asyncio.run(run())


def test_a_redis_that_takes_no_writes_answers_questions() -> None:
    async def run() -> None:
        async with FakeRedis().listening() as redis:
            views = await reached(redis)
            redis.says = b"-OOM command not allowed when used memory > 'maxmemory'.\r\n"
            with pytest.raises(Unavailable, match="maxmemory"):
                await views.append("shown:ann", b"1234", 100, 60)
            redis.says = b""
            assert await views.get("rec:ann") == [None]
            await views.close()

    asyncio.run(run())


def test_nobody_waits_to_write_what_was_shown_while_redis_is_away() -> None:
    views = FakeViews()
    lately = ShownLately(views, Keys(Settings()))
    asyncio.run(lately.add("ann", ["a"]))
    assert not views.values, "not up yet"
    views.up = True
    asyncio.run(lately.add("ann", ["a"]))
    assert list(views.values) == ["shown:ann"]
