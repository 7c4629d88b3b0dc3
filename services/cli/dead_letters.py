"""``headrace replay-dead-letter``: after a fix."""

from contextlib import closing

import click

from services.cli.progress import progress
from services.ops.dead_letters import DeadLetters
from shared.contracts.settings import load_settings


@click.command()
@click.option("--dry-run", is_flag=True, help="only say what would be sent back")
def replay_dead_letter(dry_run: bool) -> None:
    """Send every dead letter that was not sent back yet to the topic it came from, as it was."""
    with closing(DeadLetters(load_settings())) as letters:
        waiting = letters.waiting
        for (topic, reason), count in sorted(waiting.items()):
            click.echo(f"{count:,} of {topic}: {reason}")
        if dry_run or not waiting:
            click.echo(f"{sum(waiting.values()):,} dead letters wait")
            return
        with progress(sum(waiting.values()), "dead letters") as more:
            click.echo(f"{letters.send_back(more or (lambda _: None)):,} dead letters sent back")
