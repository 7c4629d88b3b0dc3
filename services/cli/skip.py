"""``headrace skip TOPIC PARTITION OFFSET --why TEXT``."""

import click

from services.ops.skip import skip as skip_record
from shared.adapters.clock import epoch_ms
from shared.contracts.settings import load_settings


@click.command()
@click.argument("topic")
@click.argument("partition", type=int)
@click.argument("offset", type=int)
@click.option("--why", required=True, help="kept with the decision")
def skip(topic: str, partition: int, offset: int, why: str) -> None:
    """Leave out the record of frames, item-deltas, tops, examples or batch-list at which three workers ended.

    What it held is not applied, by any worker, now or in a rebuild; the decision is a record of its own. Then start
    the workers again.
    """
    skip_record(load_settings(), topic, partition, offset, why, epoch_ms)
    click.echo(f"{topic}/{partition}: record {offset} will be left out")
