"""`headrace run`: all parts of one machine."""

import os
import sys
from contextlib import ExitStack

import click

from services.cli.stack import say
from services.ops.foreground import run_in_foreground
from services.ops.parts import parts_of
from services.stack.embedded import EmbeddedStack, default_home
from shared.contracts.settings import load_settings


@click.command()
@click.option("--workers", default=1, show_default=True, type=click.IntRange(0, 64), help="workers to run")
@click.option("--ingests", default=1, show_default=True, type=click.IntRange(0, 64), help="ingests to run")
@click.option("--reader/--no-reader", default=True, help="run the HTTP reader")
@click.option("--collector/--no-collector", default=True, help="run the HTTP collector")
@click.option("--stack", is_flag=True, help="first start the embedded Kafka and Redis, or find those that run")
def run(workers: int, ingests: int, reader: bool, collector: bool, stack: bool) -> None:
    """Run the parts on this machine and restart what dies, until Ctrl-C.

    A part that ends with exit status 78 needs a person: it stays down, and the status of `run` is 78.
    """
    parts = parts_of(load_settings(), ingests=ingests, workers=workers, reader=reader, collector=collector)
    if not parts:
        raise click.UsageError("nothing to run")
    with ExitStack() as held:
        status = run_in_foreground(parts, os.environ | (_with_stack(held) if stack else {}))
    sys.exit(status)


def _with_stack(held: ExitStack) -> dict[str, str]:
    """Where the embedded stack is, in variables; it ends with ``held``, unless it ran before."""
    running = held.enter_context(EmbeddedStack(default_home(), say=say))
    return {"HEADRACE_KAFKA_BOOTSTRAP_SERVERS": running.kafka, "HEADRACE_REDIS_URL": running.redis}
