"""`headrace lag`: how far each consumer group is behind."""

import json
import time
from collections.abc import Callable
from contextlib import closing

import click
from rich.console import Console
from rich.live import Live

from services.cli.option_types import Amount
from services.ops.lag_view import document, table
from shared.adapters.kafka_lag import Lag, LagReader
from shared.contracts.errors import Unavailable
from shared.contracts.settings import load_settings

LOOK_S = 1.0


@click.command()
@click.option("--watch", is_flag=True, help="keep showing it, until Ctrl-C")
@click.option("--json", "as_json", is_flag=True, help="one JSON document (with --watch: one a line)")
@click.option("--wait", metavar="SECONDS", type=Amount(0), help="return when nothing is behind; else 1")
@click.option("--every", default=1.0, show_default=True, type=Amount(0.1, 3600), help="seconds, with --watch")
def lag(watch: bool, as_json: bool, wait: float | None, every: float) -> None:
    """Show per group, topic and partition how many records and seconds wait.

    Seconds are the age of the first record that waits, by the broker's time of it.
    """
    with closing(LagReader(load_settings())) as reader:
        if wait is not None:
            wait_for_none(reader.read, wait)
        elif watch:
            _watch(reader, as_json, every)
        elif as_json:
            click.echo(json.dumps(document(reader.read(_now_ms()), _now_ms()), indent=1))
        else:
            Console().print(table(reader.read(_now_ms())))


def wait_for_none(read: Callable[[int | None], list[Lag]], patience_s: float) -> None:
    """Returns when twice in a row nothing was behind: what one group has done is another's to do.

    :class:`Unavailable` if something still is after ``patience_s``, or if it cannot be told: a broker that has just
    started does not answer at once.
    """
    deadline, quiet = time.monotonic() + patience_s, 0
    while quiet < 2:
        try:
            behind = sum(part.records_behind for part in read(_now_ms()))
            why = f"{behind:,} records wait; do ingest and worker run?"
        except Unavailable as error:
            behind, why = 1, str(error)
        quiet = 0 if behind else quiet + 1
        if behind and time.monotonic() > deadline:
            raise Unavailable(f"still after {patience_s:.0f} s: {why}")
        time.sleep(LOOK_S)


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
