"""``headrace rebuild``: all state and views anew from the log's beginning, while the present ones are served."""

import signal
import sys
from collections.abc import Callable
from types import FrameType

import click

from services.cli.progress import progress
from services.cli.stack import say
from services.ops.rebuild import Rebuild
from shared.adapters.outlet import Outlet
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import load_settings


class _Asked(BaseException):
    """A signal asks to end."""


@click.command()
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="workers that rebuild")
@click.option("--then-stop", is_flag=True, help="end once the new generation stands, instead of serving on")
def rebuild(workers: int, then_stop: bool) -> None:
    """Build the next generation beside this one; it goes on until Ctrl-C, so that its views stay fresh.

    Once it stands, start the workers with the generation it names and end this one.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ask)
    try:
        _rebuild(workers, then_stop=then_stop)
    except (_Asked, KeyboardInterrupt):
        say("ended")


def _ask(_number: int, _frame: FrameType | None) -> None:
    raise _Asked


def _rebuild(workers: int, *, then_stop: bool) -> None:
    out = Outlet(sys.stderr, "{} lines could not be written".format)

    def show(part: str, line: bytes) -> None:
        out.write(f"{part} | {line.decode(errors='replace')}\n")

    with Rebuild(load_settings(), workers, show) as anew:
        generation = anew.settings.generation
        try:
            _watched("records", anew.catch_up)
            _watched("partitions", anew.publish)
        except (_Asked, KeyboardInterrupt) as asked:
            raise HeadraceError(f"ended before generation {generation} stood; asked again, it goes on") from asked
        click.echo(f"generation {generation} stands: start workers with HEADRACE_GENERATION={generation}")
        while not then_stop:
            anew.wait(1.0)


def _watched(what: str, run: Callable[[Callable[[int, int], None]], None]) -> None:
    """Run with a bar whose end may move."""
    with progress(0, what) as bar:
        run(bar.at if bar else lambda _done, _total: None)
