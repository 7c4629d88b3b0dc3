"""``headrace refresh``: every view is published anew by the workers."""

import click

from services.cli.option_types import Amount
from services.cli.progress import progress
from services.ops.refresh import markers_of
from services.ops.refresh import refresh as publish_again
from shared.contracts.settings import load_settings


@click.command()
@click.option("--patience", default=120.0, show_default=True, type=Amount(1), help="seconds without progress")
def refresh(patience: float) -> None:
    """Have the running workers publish every view again, rows before lists; returns when all stand."""
    settings = load_settings()
    with progress(len(markers_of(settings)), "partitions") as more:
        publish_again(settings, patience, more or (lambda _: None))
