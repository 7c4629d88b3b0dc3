"""``python -m services.collector``: builds the collector from the settings and serves until it is told to stop."""

import asyncio

import structlog
import uvloop
from confluent_kafka import KafkaError

from services.collector.app import build_app
from services.web.outbox import KafkaOutbox
from services.web.server import OwnSocketServer, listen, serve
from shared.adapters.clock import epoch_ms
from shared.adapters.garbage import look_seldom
from shared.adapters.kafka_clients import event_producer
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.logs import configure_logging, end
from shared.contracts.errors import HeadraceError, Unavailable
from shared.contracts.settings import Settings, load_settings


async def main(settings: Settings) -> None:
    """Serve; a producer that cannot go on ends the process."""
    log = structlog.get_logger()
    rules = settings.collector
    loop, fatal = asyncio.get_running_loop(), list[KafkaError]()

    def failed(error: KafkaError) -> None:
        if error.fatal():
            fatal.append(error)
            loop.call_soon_threadsafe(server.end)

    more = {
        "error_cb": failed,
        "message.timeout.ms": rules.deadline_ms,
        "queue.buffering.max.messages": rules.queue + rules.max_batch,
    }
    with listen(rules.host, rules.port) as sock:
        await asyncio.to_thread(ensure_topics, settings)
        outbox = KafkaOutbox(settings, event_producer(settings.kafka, **more), rules.queue, rules.deadline_ms / 1000)
        server = OwnSocketServer(sock, build_app(settings, outbox, epoch_ms))
        port = sock.getsockname()[1]
        log.info("listening", url=f"http://{rules.host}:{port}", port=port)
        async with outbox:
            await serve(server)
    if fatal:
        raise Unavailable(f"Kafka: {fatal[0].str()}")
    log.info("stopped")


def run() -> None:
    try:
        settings = load_settings()
        configure_logging(settings.log, "collector")
        look_seldom()
        uvloop.run(main(settings))
    except HeadraceError as error:
        end("collector", error)


if __name__ == "__main__":
    run()
