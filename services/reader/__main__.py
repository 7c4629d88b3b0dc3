"""``python -m services.reader``: builds the reader from the settings and serves until it is told to stop."""

import asyncio
import sys
import time

import structlog
import uvloop
from granian.constants import Interfaces

from services.reader.app import build_app
from services.reader.impressions import impression_log
from services.reader.lists import Wiring
from services.reader.reranking import reranker
from services.reader.views import RedisViews
from services.web.server import OwnSocketServer, listen, serve
from shared.adapters.logs import configure_logging
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings, load_settings


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


async def main(settings: Settings) -> None:
    """Serve; what ended the refresher, if anything did, ends the process."""
    log = structlog.get_logger()
    rules = settings.reader
    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failures.append(error)
        server.end()

    with listen(rules.host, rules.port) as sock:
        impressions = impression_log(settings, asyncio.get_running_loop().call_later) if rules.impressions else None
        wiring = Wiring(settings, RedisViews(settings), impressions, wall_ms, failed, reranker(settings, wall_ms))
        app = build_app(wiring)
        server = OwnSocketServer(sock, app, Interfaces.RSGI)
        log.info("listening", url=f"http://{rules.host}:{sock.getsockname()[1]}", port=sock.getsockname()[1])
        async with app.lifespan():
            await serve(server)
    if failures:
        raise failures[0]
    log.info("stopped")


def run() -> None:
    try:
        settings = load_settings()
        configure_logging(settings.log, "reader")
        uvloop.run(main(settings))
    except HeadraceError as error:
        sys.stderr.write(f"headrace reader: {error}\n")
        sys.exit(error.exit_status)


if __name__ == "__main__":
    run()
