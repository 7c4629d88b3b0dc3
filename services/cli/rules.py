"""``headrace rules``: look whether a file of rules is right, and what it would do to somebody's list."""

from contextlib import closing
from pathlib import Path

import click
import orjson

from shared.adapters.clock import epoch_ms


@click.group()
def rules() -> None:
    """Check rules.toml, or try it on a user's list, before a reader takes it."""


@rules.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=Path("rules.toml"))
def check(file: Path) -> None:
    """Say whether FILE is right, or the line of what is wrong."""
    from services.ops.rules_try import counted, rules_in
    from shared.contracts.settings import load_settings

    click.echo(f"{file}: {counted(rules_in(file, load_settings()))}")


@rules.command(name="try")
@click.argument("user")
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="[default: rerank.rules]")
@click.option("--n", default=20, show_default=True, type=click.IntRange(1, 1000), help="Items of the answer.")
@click.option("--surface", default="", help="Where the list is shown.")
@click.option("--context", multiple=True, metavar="FIELD=VALUE", help="As context.FIELD of a request.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def try_(user: str, file: Path | None, n: int, surface: str, context: tuple[str, ...], as_json: bool) -> None:
    """Show what each rule does to USER's list as it stands in Redis. Nothing is changed."""
    from services.cli.terminal import plain_console
    from services.ops.rules_try import rules_in, shown, tried
    from shared.adapters.redis_views import SOON, ViewStore
    from shared.contracts.settings import load_settings

    settings = load_settings()
    fields = dict(_field(one) for one in context)
    given = rules_in(file or Path(settings.rerank.rules), settings)
    with closing(ViewStore(settings, retries=SOON)) as views:
        told = tried(user, given, views, settings, epoch_ms(), n, surface, fields)
    if as_json:
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        plain_console().print(shown(told))


def _field(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals:
        raise click.BadParameter(f"{given!r} is not FIELD=VALUE", param_hint="--context")
    return name, value
