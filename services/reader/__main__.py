"""``python -m services.reader``: builds the reader from the settings and serves until it is told to stop."""

import asyncio
from concurrent.futures import wait

import structlog
import uvloop
from granian.constants import Interfaces

from services.reader.answering.reranking import Reranker, reranker
from services.reader.endpoints.app import build_app
from services.reader.endpoints.lists import Wiring
from services.reader.events.impressions import impression_log
from services.reader.store.views import RedisViews
from services.web.outbox import KafkaOutbox
from services.web.server import OwnSocketServer, listen, serve
from shared.adapters.clock import epoch_ms
from shared.adapters.garbage import look_seldom
from shared.adapters.kafka_clients import event_producer
from shared.adapters.logs import configure_logging, end
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings, load_settings
from shared.core.answers.reading_warming import compile_reading


def outbox_of(settings: Settings) -> KafkaOutbox:
    """For what users tell. It is this producer that says what is wrong with Kafka; the reader serves without."""
    rules = settings.reader
    producer = event_producer(settings.kafka, **{"message.timeout.ms": rules.telling_ms})
    return KafkaOutbox(settings, producer, rules.impression_queue, rules.telling_ms / 1000)


def ready_reranker(settings: Settings) -> Reranker:
    """Back when no answer has to wait for a compiler: half a minute once, then a moment. Redis need not be there."""
    structlog.get_logger().info("compiling kernels, or reading them from the cache")
    ranks = reranker(settings, epoch_ms)
    warm = ranks.warm_up()
    compile_reading()
    wait([warm])
    return ranks


async def main(settings: Settings, ranks: Reranker) -> None:
    """Serve; what ended the refresher, if anything did, ends the process."""
    log = structlog.get_logger()
    rules = settings.reader
    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failures.append(error)
        server.end()

    with listen(rules.host, rules.port) as sock:
        impressions = impression_log(settings, asyncio.get_running_loop().call_later) if rules.impressions else None
        outbox = outbox_of(settings)
        wiring = Wiring(settings, RedisViews(settings), impressions, epoch_ms, failed, ranks, outbox)
        app = build_app(wiring)
        server = OwnSocketServer(sock, app, Interfaces.RSGI)
        log.info("listening", url=f"http://{rules.host}:{sock.getsockname()[1]}", port=sock.getsockname()[1])
        async with outbox, app.lifespan():
            await serve(server)
    if failures:
        raise failures[0]
    log.info("stopped")


def run() -> None:
    try:
        settings = load_settings()
        configure_logging(settings.log, "reader")
        listen(settings.reader.host, settings.reader.port).close()  # a taken port is told before all that is compiled
        ranks = ready_reranker(settings)
        look_seldom()
        uvloop.run(main(settings, ranks))
    except HeadraceError as error:
        end("reader", error)


if __name__ == "__main__":
    run()
