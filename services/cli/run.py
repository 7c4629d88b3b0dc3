"""`headrace run`: all parts of one machine."""

import os
import sys

import click

from services.ops.foreground import run_in_foreground
from services.ops.parts import parts_of
from shared.contracts.settings import load_settings


@click.command()
@click.option("--workers", default=1, show_default=True, type=click.IntRange(0, 64), help="workers to run")
@click.option("--ingests", default=1, show_default=True, type=click.IntRange(0, 64), help="ingests to run")
@click.option("--reader/--no-reader", default=True, help="run the HTTP reader")
@click.option("--collector/--no-collector", default=True, help="run the HTTP collector")
@click.option("--stack", is_flag=True, help="start the embedded Kafka and Redis first, stop them at the end")
def run(workers: int, ingests: int, reader: bool, collector: bool, stack: bool) -> None:
    """Run the parts on this machine and restart what dies, until Ctrl-C.

    A part that ends with exit status 78 needs a person: it stays down, and the status of `run` is 78.
    """
    parts = parts_of(load_settings(), ingests=ingests, workers=workers, reader=reader, collector=collector)
    if not parts:
        raise click.UsageError("nothing to run")
    if stack:
        raise click.UsageError("not yet")
    sys.exit(run_in_foreground(parts, os.environ))
