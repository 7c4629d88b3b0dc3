"""Each part alone, by module name: the process becomes the part, so that signals and exit status are its own."""

import os
import signal
import sys
from typing import NoReturn

import click

from shared.adapters.starting import ASKS_TO_END, argv_of


def become(module: str) -> NoReturn:
    """Replace this process by the module's. A signal waits until that one knows what to do with it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ASKS_TO_END)
    os.execv(sys.executable, argv_of(module))  # noqa: S606


@click.command()
def ingest() -> None:
    """Validate raw events and pack them into frames, routed by user."""
    become("streams.ingest")


@click.command()
def worker() -> None:
    """Update profiles, items and tops from frames; write the views."""
    become("streams.app")


@click.command()
def reader() -> None:
    """Serve lists over HTTP."""
    become("services.reader")


@click.command()
def collector() -> None:
    """Take events over HTTP."""
    become("services.collector")
