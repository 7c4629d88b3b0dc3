"""The load generator before a small server: every request is counted, paths take turns, a timetable is kept."""

import asyncio

import pytest

from benchmarks.http_load import Load, Outcome, put_load, quantile_ms

REQUESTS = 40


class Answering(asyncio.Protocol):
    """Answers in two pieces; notes what it was asked."""

    def __init__(self, asked: list[str], status: int) -> None:
        self._asked, self._status = asked, status

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._asked.append(data.split()[1].decode())
        self._transport.write(b"HTTP/1.1 %d x\r\ncontent-length: 5\r\n\r\nhe" % self._status)
        asyncio.get_running_loop().call_soon(self._transport.write, b"llo")


def put(status: int = 200, rate: float = 0.0) -> tuple[Outcome, list[str]]:
    async def play() -> tuple[Outcome, list[str]]:
        asked: list[str] = []
        server = await asyncio.get_running_loop().create_server(lambda: Answering(asked, status), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await put_load(Load(port, ["/a", "/b"], REQUESTS, 4, rate)), asked

    return asyncio.run(play())


@pytest.mark.parametrize("rate", [0.0, 400.0])
def test_every_request_is_answered_and_paths_take_turns(rate: float) -> None:
    outcome, asked = put(rate=rate)
    assert (outcome.requests, outcome.failed) == (REQUESTS, 0)
    assert sorted(asked) == ["/a"] * 20 + ["/b"] * 20
    assert 0 < outcome.p50_ms <= outcome.p99_ms
    if rate:
        assert outcome.wall_s >= (REQUESTS - 4) / rate, "no faster than the timetable"


def test_an_answer_that_is_not_200_has_failed() -> None:
    assert put(status=503)[0].failed == REQUESTS


def test_quantiles_are_by_nearest_rank() -> None:
    assert [quantile_ms([n / 1000 for n in range(1, 101)], q) for q in (0.5, 0.99)] == [50.0, 99.0]
