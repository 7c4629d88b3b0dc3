"""Questions for records are paced, no other request is; nothing is committed while the group is rebalanced."""

import asyncio
from typing import Any

import faust
import pytest
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.metadata import MetadataRequest
from faust.transport.drivers.aiokafka import Consumer

from shared.contracts.settings import load_settings
from streams.app import _faust_app, run
from streams.hosting.faust_consumer import pace


class Client:
    """Notes what was sent, and when by the loop's clock."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, float]] = []

    async def send(self, _node: int, request: Any, *, group: str = "default") -> str:
        self.sent.append((type(request).__name__, asyncio.get_running_loop().time()))
        return group


def test_a_question_for_records_waits_and_no_other_does() -> None:
    async def scene() -> None:
        client: Any = Client()
        pace(client, 0.05)
        began = asyncio.get_running_loop().time()
        fetch = FetchRequest(100, 1, 1000, 0, [], rack_id="")
        answers = await asyncio.gather(client.send(1, fetch), client.send(1, MetadataRequest([]), group="other"))
        assert list(answers) == ["default", "other"]
        (first, at), (second, later) = client.sent
        assert (first, second) == ("MetadataRequest", "FetchRequest")
        assert later - at >= 0.04
        assert at >= began

    asyncio.run(scene())


def test_a_worker_s_consumer_is_paced() -> None:
    async def scene() -> None:
        consumer: Any = _faust_app(load_settings()).consumer
        made = consumer._thread._create_worker_consumer(consumer.transport)
        assert made._client.send.__qualname__.startswith(pace.__name__)
        await made.stop()

    asyncio.run(scene())


def test_a_worker_that_folds_a_long_log_stays_in_its_group() -> None:
    """It asks for no records meanwhile: after a quarter of an hour Faust would have left, for others to begin anew."""

    async def scene() -> None:
        consumer: Any = _faust_app(load_settings()).consumer
        made = consumer._thread._create_worker_consumer(consumer.transport)
        assert made._max_poll_interval_ms >= 24 * 3_600_000
        await made.stop()

    asyncio.run(scene())


def test_nothing_is_committed_while_the_group_is_rebalanced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        app = _faust_app(load_settings())
        committed: list[object] = []

        async def commit(_self: object, topics: object = None) -> bool:
            committed.append(topics)
            return True

        monkeypatch.setattr(Consumer, "commit", commit)
        app.rebalancing = True
        assert not await app.consumer.commit()
        assert committed == []
        app.rebalancing = False
        assert await app.consumer.commit({"frames"})
        assert committed == [{"frames"}]

    asyncio.run(scene())


def test_faust_leaves_logging_as_the_part_has_set_it_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(worker: faust.Worker) -> None:
        monkeypatch.setattr(worker, "install_signal_handlers", lambda: None)
        await worker.default_on_first_start()

    monkeypatch.setattr(faust.Worker, "execute_from_commandline", lambda worker: asyncio.run(start(worker)))
    monkeypatch.setattr("mode.utils.logging.setup_logging", lambda **_: pytest.fail("its own, on standard output"))
    run(_faust_app(load_settings()))


def test_a_session_may_last_longer_than_a_question_for_records() -> None:
    """As one that outlasts a long restart: Faust made no consumer then."""

    async def scene() -> None:
        consumer: Any = _faust_app(load_settings(kafka={"session_timeout_ms": 120_000})).consumer
        made = consumer._thread._create_worker_consumer(consumer.transport)
        assert made._session_timeout_ms == 120_000
        await made.stop()

    asyncio.run(scene())
