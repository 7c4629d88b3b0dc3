"""``headrace demo``: the main job on this machine, live."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.live import Live

from services.cli.option_types import Amount
from services.demo.run import Demo, Plan
from services.demo.screen import Scene, one_line, render
from services.demo.source import Source, recorded, simulated
from services.ops.parts import parts_of
from services.ops.supervisor import Supervisor
from services.stack.embedded import EmbeddedStack, default_home, default_jars
from services.stack.home import Home, make_folder
from services.stack.ports import free_ports
from shared.adapters.clock import epoch_ms
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings, load_settings

CI_SECONDS = 30.0
LINE_EVERY_S = 5.0


@click.command()
@click.option("--ci", is_flag=True, help="30 s, then a JSON summary as the last line, and the end")
@click.option("--events", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="a log of your own")
@click.option("--items", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="its catalogue")
@click.option("--rate", default=1000.0, show_default=True, type=Amount(1, 1e6), help="events a second")
@click.option("--seconds", type=Amount(1), help="how long; until Ctrl-C (or the log's end) unless said")
def demo(ci: bool, events: Path | None, items: Path | None, rate: float, seconds: float | None) -> None:
    """Start Kafka, Redis and all parts; send events; show lists change. Everything ends with it."""
    seconds = seconds if seconds is not None or not ci else CI_SECONDS
    home = default_home() / "demo"
    if Home(home).keeper() is not None:
        raise HeadraceError(f"a demo runs in {home} already, or is about to end; HEADRACE_HOME names another folder")
    shutil.rmtree(home, ignore_errors=True)
    make_folder(home)
    plan = Plan(seconds, rate, home / "parts.log")
    _say("starting Kafka and Redis")
    with EmbeddedStack(home, jars=default_jars(default_home()), say=_say) as stack:
        here = {"HEADRACE_KAFKA_BOOTSTRAP_SERVERS": stack.kafka, "HEADRACE_REDIS_URL": stack.redis}
        os.environ.setdefault("HEADRACE_KAFKA_SESSION_TIMEOUT_MS", "30000")  # a demo shares its machine
        os.environ.update(here | _free_http_ports())
        settings = load_settings()
        source = _source(events, items, settings, plan)
        os.environ["HEADRACE_READER_PAGE_USERS"] = json.dumps(source.users)
        _say(f"events: {source.name}")
        summary = _run(plan, settings, source, live=sys.stdout.isatty() and not ci)
    print(json.dumps(summary))


def _source(events: Path | None, items: Path | None, settings: Settings, plan: Plan) -> Source:
    now_ms = epoch_ms()
    if events is not None:
        return recorded(events, items, settings, now_ms)
    return simulated(now_ms, plan.seconds or 1000.0, plan.rate)


def _run(plan: Plan, settings: Settings, source: Source, *, live: bool) -> dict[str, Any]:
    parts = parts_of(settings, ingests=1, workers=1, reader=True, collector=True)
    _say(f"the page, once the reader is ready: http://{settings.reader.host}:{settings.reader.port}/")
    with plan.log.open("wb") as log:

        def keep(part: str, line: bytes) -> None:
            log.write(part.encode() + b" | " + line + b"\n")
            log.flush()

        with Supervisor(parts, on_line=keep) as supervisor, _screen(live=live) as show:
            try:
                return Demo(plan, settings, source, supervisor, show).run()
            except KeyboardInterrupt:
                raise HeadraceError("stopped") from None


def _free_http_ports() -> dict[str, str]:
    """The usual ports if they are free, else others: a demo must not fail for a port. The page may send events."""
    usual = load_settings()
    reader, collector = free_ports([usual.reader.port, usual.collector.port])
    page = [f"http://{host}:{reader}" for host in dict.fromkeys((usual.reader.host, "localhost"))]
    return {
        "HEADRACE_READER_PORT": str(reader),
        "HEADRACE_READER_PAGE_COLLECTOR": f"http://{usual.collector.host}:{collector}",
        "HEADRACE_COLLECTOR_PORT": str(collector),
        "HEADRACE_COLLECTOR_ALLOW_ORIGINS": json.dumps(page),
    }


@contextmanager
def _screen(*, live: bool) -> Iterator[Callable[[Scene], None]]:
    if live:
        with Live(console=Console(), refresh_per_second=4, screen=False) as display:
            yield lambda scene: display.update(render(scene))
        return
    said_at, said = 0.0, ""

    def lines(scene: Scene) -> None:
        nonlocal said_at, said
        if not scene.sent:
            if scene.stage != said:
                said = scene.stage
                _say(said)
        elif time.monotonic() - said_at >= LINE_EVERY_S:
            said_at = time.monotonic()
            _say(one_line(scene))

    yield lines


def _say(text: str) -> None:
    click.echo(f"headrace: {text}", err=True)
