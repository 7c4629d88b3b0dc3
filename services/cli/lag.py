"""`headrace lag`: how far each consumer group is behind."""

import json
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import NoReturn

import click
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from services.cli.option_types import Amount
from services.cli.stack import say
from services.ops.lag_view import document, fitting, shown
from shared.adapters.clock import epoch_ms
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
    if wait is not None and (watch or as_json):
        raise click.UsageError("--wait shows nothing, so it is for itself")
    with closing(LagReader(load_settings())) as reader:
        if wait is not None:
            wait_for_none(reader.read, wait)
        elif watch:
            _watch(reader, as_json, every)
        elif as_json:
            click.echo(json.dumps(document(reader.read(epoch_ms()), epoch_ms()), indent=1))
        else:
            console = Console()
            console.print(shown(reader.read(epoch_ms()), console))


def wait_for_none(read: Callable[[int | None], list[Lag]], patience_s: float) -> None:
    """Returns when twice in a row nothing was behind: what one group has done is another's to do.

    :class:`Unavailable` if something still is after ``patience_s``, or if it cannot be told: a broker that has just
    started does not answer at once.
    """
    deadline, quiet = time.monotonic() + patience_s, 0
    while quiet < 2:
        try:
            behind = sum(part.records_behind for part in read(epoch_ms()))
            why = f"{behind:,} records wait; do ingest and worker run?"
        except Unavailable as error:
            behind, why = 1, str(error)
        quiet = 0 if behind else quiet + 1
        if behind and time.monotonic() > deadline:
            raise Unavailable(f"still after {patience_s:.0f} s: {why}")
        time.sleep(LOOK_S)


def _watch(reader: LagReader, as_json: bool, every: float) -> None:
    first = reader.read(epoch_ms())  # which has to succeed: the address may be wrong
    with suppress(KeyboardInterrupt):
        if as_json:
            follow(reader.read, first, every, _tell_line)
        else:
            _show(reader, first, every)


def follow(
    read: Callable[[int | None], list[Lag]], first: list[Lag], every: float, tell: Callable[[list[Lag], str], None]
) -> NoReturn:
    """For ever; while it cannot be told, ``tell`` hears why, with what was known last."""
    lags, why = first, ""
    while True:
        tell(lags, why)
        time.sleep(every)
        try:
            lags, why = read(epoch_ms()), ""
        except Unavailable as error:
            why = str(error)


def _tell_line(lags: list[Lag], why: str) -> None:
    if why:
        say(f"{why}; still watching")
    else:
        click.echo(json.dumps(document(lags, epoch_ms())))


def _show(reader: LagReader, first: list[Lag], every: float) -> None:
    """On a terminal in one place; else one look after the other."""
    console = Console()

    def look(lags: list[Lag], why: str) -> Group:
        outage = [Text(f"{why}; shown is what was known before", style="red", overflow="fold")] if why else []
        return Group(*outage, (fitting if console.is_terminal else shown)(lags, console))

    if not console.is_terminal:
        follow(reader.read, first, every, lambda *told: console.print(look(*told)))
    with Live(console=console, auto_refresh=False) as live:
        follow(reader.read, first, every, lambda *told: live.update(look(*told), refresh=True))
