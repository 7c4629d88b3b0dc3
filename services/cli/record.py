"""``headrace record``: what the workers have folded, as a file for ``headrace evaluate --frames``."""

from pathlib import Path

import click

from services.cli.option_types import Writable
from services.cli.stack import say
from services.recording.recorder import record as record_log
from shared.contracts.settings import load_settings


@click.command()
@click.argument("out", type=Writable())
def record(out: Path) -> None:
    """Write to OUT the frames that the workers have acknowledged, where their deltas stand, and the examples.

    It may be asked at any time, but asks for a quiet moment (no events coming, no lag) if lists are to be compared.
    The file names users, as `frames` does.
    """
    frames = record_log(load_settings(), out, say)
    click.echo(f"{out}: {frames:,} frames, {out.stat().st_size:,} bytes")
