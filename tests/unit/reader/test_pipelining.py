"""Questions to Redis that share a write: order, errors, deadlines, a connection that ends, and the bound."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.reader.store import pipelining
from services.reader.store.pipelining import MAX_BATCH, Answer, Pipelined
from shared.contracts.errors import Unavailable
from tests.unit.reader.fake_redis import FakeRedis

PATIENT_S, SHORT_S = 60.0, 0.05
Story = Callable[[FakeRedis, Pipelined, list[str]], Awaitable[None]]


def played(story: Story, path: str = "") -> FakeRedis:
    """A story of a fake Redis, the questions to it, and what failed; nothing is left to the loop to complain of."""
    unhandled: list[dict[str, Any]] = []

    async def play() -> FakeRedis:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
        async with FakeRedis().listening() as redis:
            redis.values = {b"k%d" % n: b"v%d" % n for n in range(1000)}
            failures: list[str] = []
            values = Pipelined(redis.url + path, PATIENT_S, lambda: failures.append("failed"))
            await story(redis, values, failures)
            values.close()
            return redis

    redis = asyncio.run(play())
    assert not unhandled
    return redis


def test_what_is_asked_in_one_tick_leaves_in_one_write_and_answers_find_their_question() -> None:
    async def story(redis: FakeRedis, values: Pipelined, failures: list[str]) -> None:
        await values.get("k0")
        redis.writes = 0
        answers = await asyncio.gather(*(values.get(f"k{n}") for n in (7, 3, 5000, 7, 1)))
        assert answers == [[b"v7"], [b"v3"], [None], [b"v7"], [b"v1"]]
        assert redis.writes == 1
        assert not failures

    redis = played(story)
    assert redis.commands[-1] == [b"MGET", b"k7", b"k3", b"k5000", b"k7", b"k1"]


async def two_under_way(redis: FakeRedis, values: Pipelined) -> tuple[Answer, Answer]:
    """Asked of a Redis that is silent from now on."""
    await values.get("k0")
    redis.silent = True
    first = values.get("k1")
    await redis.asked(2)
    second = values.get("k2")
    await redis.asked(3)  # which it would never be, were one answered after the other
    return first, second


def test_a_question_does_not_wait_for_the_answer_to_another() -> None:
    async def story(redis: FakeRedis, values: Pipelined, _: list[str]) -> None:
        first, second = await two_under_way(redis, values)
        assert not first.done()
        assert not second.done()
        first.cancel()
        second.cancel()

    played(story)


def test_who_asks_for_several_gets_them_in_order_and_nobody_elses() -> None:
    async def story(redis: FakeRedis, values: Pipelined, _: list[str]) -> None:
        await values.get("k0")
        asked = [values.get("k1", "k5000", "k2"), values.get("k3"), values.get("k4", "k4")]
        assert await asyncio.gather(*asked) == [[b"v1", None, b"v2"], [b"v3"], [b"v4", b"v4"]]
        assert len(redis.commands) == 2

    played(story)


def test_what_is_asked_together_leaves_together() -> None:
    async def story(_: FakeRedis, values: Pipelined, __: list[str]) -> None:
        asked = [[f"k{n}", f"k{n + 1}", f"k{n + 2}"] for n in range(0, 600, 3)]
        answers = await asyncio.gather(*(values.get(*keys) for keys in asked))
        assert answers == [[b"v" + key[1:].encode() for key in keys] for keys in asked]

    sizes = [len(command) - 1 for command in played(story).commands]
    assert (max(sizes), sum(sizes)) == (MAX_BATCH // 3 * 3, 600)


def test_while_two_are_under_way_others_wait_for_a_reply_and_leave_together() -> None:
    async def story(redis: FakeRedis, values: Pipelined, _: list[str]) -> None:
        first, second = await two_under_way(redis, values)
        third = values.get("k3")
        await asyncio.sleep(0)
        fourth = values.get("k4")
        await asyncio.sleep(0.01)
        assert len(redis.commands) == 3
        redis.speak()
        assert [await one for one in (first, second, third, fourth)] == [[b"v1"], [b"v2"], [b"v3"], [b"v4"]]
        assert redis.commands[-1] == [b"MGET", b"k3", b"k4"]

    played(story)


def test_many_are_asked_for_in_pieces() -> None:
    async def story(_: FakeRedis, values: Pipelined, __: list[str]) -> None:
        answers = await asyncio.gather(*(values.get(f"k{n}") for n in range(600)))
        assert answers == [[b"v%d" % n] for n in range(600)]

    sizes = [len(command) - 1 for command in played(story).commands]
    assert (max(sizes), sum(sizes)) == (MAX_BATCH, 600)


@pytest.mark.parametrize("says", [b"-LOADING\r\n", b":1\r\n", b"*0\r\n", b"?\r\n", b"*1\r\n$1\r\nx\r\n:1\r\n"])
def test_an_error_and_what_is_no_answer_fail_those_who_wait_and_the_next_get_theirs(says: bytes) -> None:
    async def story(redis: FakeRedis, values: Pipelined, failures: list[str]) -> None:
        redis.says = says
        answers = [values.get("k1"), values.get("k2")]
        found = await asyncio.gather(*answers, return_exceptions=True)
        assert {type(answer) for answer in found} == {Unavailable}
        assert failures
        redis.says = b""
        assert await values.get("k3") == [b"v3"]
        assert redis.connections > 1

    played(story)


def test_a_reply_to_nothing_that_was_asked_ends_the_connection_and_nobody_notices() -> None:
    async def story(redis: FakeRedis, values: Pipelined, failures: list[str]) -> None:
        redis.says = b"*1\r\n$1\r\na\r\n:1\r\n"
        assert await values.get("k1") == [b"a"]
        redis.says = b""
        assert await values.get("k3") == [b"v3"]
        assert (redis.connections, failures) == (2, [])

    played(story)


def test_nobody_waits_longer_than_the_deadline_and_a_late_answer_is_nobody_elses() -> None:
    async def story(redis: FakeRedis, values: Pipelined, failures: list[str]) -> None:
        redis.silent = True
        values._deadline = SHORT_S
        with pytest.raises(Unavailable, match="in time"):
            await values.get("k1")
        assert failures == ["failed"]
        redis.silent, values._deadline = False, PATIENT_S
        assert await values.get("k2") == [b"v2"]
        assert redis.connections == 2
        await redis.alone()

    played(story)


def test_a_redis_that_signs_nobody_in_costs_no_more_than_the_deadline() -> None:
    async def story(redis: FakeRedis, values: Pipelined, failures: list[str]) -> None:
        redis.silent = True
        values._deadline = SHORT_S
        with pytest.raises(Unavailable, match="in time"):
            await values.get("k1")
        redis.silent, values._deadline = False, PATIENT_S
        assert await values.get("k2") == [b"v2"]
        assert failures == ["failed"]
        await redis.alone()

    assert [b"SELECT", b"3"] in played(story, path="3").commands


def test_a_connection_that_ends_is_dialled_again_for_those_who_wait() -> None:
    async def story(redis: FakeRedis, values: Pipelined, failures: list[str]) -> None:
        assert await values.get("k0") == [b"v0"]
        redis.closes = 0
        assert await asyncio.gather(*map(values.get, ("k1", "k2"))) == [[b"v1"], [b"v2"]]
        assert redis.connections == 2
        assert not failures

    played(story)


def test_one_that_ends_before_it_has_answered_anything_is_not() -> None:
    async def story(redis: FakeRedis, values: Pipelined, failures: list[str]) -> None:
        redis.closes = 0
        with pytest.raises(Unavailable):
            await values.get("k1")
        assert (redis.connections, failures) == (1, ["failed"])

    played(story)


def test_without_a_server_it_fails_at_once() -> None:
    async def play() -> None:
        async with FakeRedis().listening() as redis:
            pass
        values = Pipelined(redis.url, PATIENT_S, lambda: None)
        with pytest.raises(Unavailable):
            await values.get("k1")

    asyncio.run(play())


def test_a_password_that_is_refused_is_unavailable() -> None:
    async def play() -> None:
        async with FakeRedis().listening() as redis:
            redis.says = b"-WRONGPASS no\r\n"
            values = Pipelined(f"redis://ann:secret@127.0.0.1:{redis.port}", PATIENT_S, lambda: None)
            with pytest.raises(Unavailable, match="AUTH: WRONGPASS"):
                await values.get("k1")
            assert redis.commands == [[b"AUTH", b"ann", b"secret"]]

    asyncio.run(play())


def test_only_so_many_may_wait_and_places_come_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelining, "MAX_WAITING", 3)

    async def story(redis: FakeRedis, values: Pipelined, _: list[str]) -> None:
        for _turn in range(2):
            waiting = [values.get(f"k{n}") for n in range(3)]
            with pytest.raises(Unavailable, match="too many"):
                values.get("k9")
            assert await asyncio.gather(*waiting) == [[b"v0"], [b"v1"], [b"v2"]]
        redis.says = b"-ERR\r\n"
        await asyncio.gather(*(values.get("k0") for _ in range(3)), return_exceptions=True)
        redis.says = b""
        assert await values.get("k0") == [b"v0"]

    played(story)


def test_who_has_gone_is_not_answered_and_disturbs_nobody() -> None:
    async def story(_: FakeRedis, values: Pipelined, failures: list[str]) -> None:
        gone, stays = values.get("k1"), values.get("k2")
        gone.cancel()
        assert await stays == [b"v2"]
        assert not failures

    played(story)


def test_closing_tells_those_who_wait() -> None:
    async def story(redis: FakeRedis, values: Pipelined, _: list[str]) -> None:
        redis.silent = True
        answer = values.get("k1")
        await asyncio.sleep(0.01)
        values.close()
        with pytest.raises(Unavailable, match="closing"):
            await answer

    played(story)
