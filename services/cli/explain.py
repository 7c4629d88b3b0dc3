"""``headrace explain USER``: why a user's list is as it is."""

from contextlib import closing

import click
import orjson

from shared.adapters.clock import epoch_ms


@click.command()
@click.argument("user")
@click.option("--n", default=10, show_default=True, type=click.IntRange(1, 1000), help="Items at most.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def explain(user: str, n: int, as_json: bool) -> None:
    """Show what is known of USER, where candidates come from, and what adds to the scores of the best.

    Ranked now, from what stands in Redis; nothing is written.
    """
    from services.cli.terminal import plain_console
    from services.ops.explain import document, shown
    from shared.adapters.rank_reader import RankReader
    from shared.adapters.redis_views import SOON, ViewStore
    from shared.contracts.identity import asked_for
    from shared.contracts.settings import load_settings
    from shared.contracts.views import Keys, decode_view

    settings = load_settings()
    user, name = asked_for(user, settings.identity, settings.events.max_id_length)
    with closing(ViewStore(settings, retries=SOON)) as views:
        [raw] = views.read([Keys(settings).rec(name)])
        view = None if raw is None else decode_view(raw)
        told = document(user, view, settings, RankReader(views, settings), epoch_ms(), n)
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        plain_console().print(shown(told))
