"""``headrace compare``: two configurations' lists side by side, blind."""

from contextlib import closing

import click
import orjson

from shared.adapters.clock import epoch_ms


@click.command()
@click.argument("users", nargs=-1)
@click.option("--a", multiple=True, metavar="SECTION.NAME=VALUE", help="What one configuration has otherwise.")
@click.option("--b", multiple=True, metavar="SECTION.NAME=VALUE", help="What the other has otherwise.")
@click.option(
    "--sample",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="So many users that have lists, if none is named.",
)
@click.option("--seed", default=1, show_default=True, help="Of the sample, and of which list stands left.")
@click.option("--n", default=10, show_default=True, type=click.IntRange(1, 50), help="Items of a list.")
@click.option("--json", "as_json", is_flag=True, help="Both lists of each user by name, nothing is asked.")
def compare(
    users: tuple[str, ...], a: tuple[str, ...], b: tuple[str, ...], sample: int, seed: int, n: int, as_json: bool
) -> None:
    """Show two lists for each of USERS and ask which is better; only in the end it is told which was which.

    Ranked now, from what stands in Redis: headrace compare --b lists.profile=fast --b rerank.diversity=0.6
    """
    from services.cli.terminal import plain_console
    from services.ops.compare import Side, as_document, configured, pair, shown, summary
    from shared.adapters.rank_reader import RankReader
    from shared.adapters.redis_views import SOON, ViewStore
    from shared.contracts.identity import asked_for
    from shared.contracts.settings import load_settings
    from shared.contracts.views import Keys, decode_view
    from shared.core.arithmetic.draws import draw
    from shared.core.tables.interning import order_key

    settings, console = load_settings(), plain_console()
    with closing(ViewStore(settings, retries=SOON)) as views:
        keys, now = Keys(settings), epoch_ms()
        made = [configured(changes) for changes in (a, b)]
        one, other = (Side(each, RankReader(views, each), now, views.read) for each in made)
        prefix = keys.rec("")
        names = [asked_for(user, settings.identity, settings.events.max_id_length)[1] for user in users]
        if not names:
            known = (name.removeprefix(prefix) for name in views.names(prefix))
            names = sorted(known, key=lambda name: draw(seed, order_key(name) >> 1))[:sample]
        choices = []
        for name in names:
            [raw] = views.read([keys.rec(name)])
            told = pair(name, None if raw is None else decode_view(raw), (one, other), n, seed)
            if as_json:
                click.echo(orjson.dumps(as_document(told)).decode())
                continue
            console.print(shown(told))
            answer = click.prompt("better", type=click.Choice(["left", "right", "neither", "end"]))
            if answer == "end":
                break
            choices.append(told.choice({"left": 0, "right": 1}.get(answer)))
    if not as_json:
        click.echo(orjson.dumps({"chosen": summary(choices), "a": list(a), "b": list(b)}).decode())
