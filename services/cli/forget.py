"""``headrace forget USER``."""

import click

from services.cli.option_types import Amount
from services.ops.forget import forget as forget_user
from shared.contracts.settings import load_settings


@click.command()
@click.argument("user")
@click.option("--patience", default=60.0, show_default=True, type=Amount(1), help="seconds to wait for it")
def forget(user: str, patience: float) -> None:
    """Forget USER: history, list and all that was derived for them. It survives replays and rebuilds.

    Give the id as producers send it. Counts of items that the user once moved stay.
    """
    stood = forget_user(load_settings(), user, patience)
    click.echo("forgotten" if stood else "forgotten, but no list of theirs stood: is it the id that producers send?")
