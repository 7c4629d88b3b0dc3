"""`headrace lag`: how far each consumer group is behind."""

import json
import time
from contextlib import closing

import click
from rich.console import Console
from rich.live import Live

from services.ops.lag_view import document, table
from shared.adapters.kafka_lag import LagReader
from shared.contracts.settings import load_settings


@click.command()
@click.option("--watch", is_flag=True, help="keep showing it, until Ctrl-C")
@click.option("--json", "as_json", is_flag=True, help="one JSON document (with --watch: one a line)")
@click.option("--every", default=1.0, show_default=True, type=click.FloatRange(0.1, 3600), help="seconds, with --watch")
def lag(watch: bool, as_json: bool, every: float) -> None:
    """Show per group, topic and partition how many records and seconds wait.

    Seconds are the age of the first record that waits, by the broker's time of it.
    """
    with closing(LagReader(load_settings())) as reader:
        if watch:
            _watch(reader, as_json, every)
        elif as_json:
            click.echo(json.dumps(document(reader.read(_now_ms()), _now_ms()), indent=1))
        else:
            Console().print(table(reader.read(_now_ms())))


def _watch(reader: LagReader, as_json: bool, every: float) -> None:
    if as_json:
        while True:
            click.echo(json.dumps(document(reader.read(_now_ms()), _now_ms())))
            time.sleep(every)
    with Live(table(reader.read(_now_ms())), auto_refresh=False) as live:
        while True:
            time.sleep(every)
            live.update(table(reader.read(_now_ms())), refresh=True)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
