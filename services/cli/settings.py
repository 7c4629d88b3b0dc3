"""`headrace settings`: every setting, its value and what it means."""

import json
from dataclasses import asdict

import click
from rich.console import Console

from services.ops.settings_rows import rows
from services.ops.settings_text import NARROW, listing, markdown, table, toml
from shared.contracts.settings import load_settings

FORMS = ("table", "json", "toml", "markdown")


@click.command()
@click.option("--json", "form", flag_value="json", type=click.Choice(FORMS), help="one JSON document")
@click.option("--toml", "form", flag_value="toml", type=click.Choice(FORMS), help="a complete, commented headrace.toml")
@click.option("--markdown", "form", flag_value="markdown", type=click.Choice(FORMS), help="as in docs/operations.md")
def show(form: str | None) -> None:
    """Print every setting: environment variable, value now, default, meaning. Passwords are not shown."""
    known = list(rows(load_settings()))
    match form:
        case "json":
            click.echo(json.dumps([{"env": row.env, **asdict(row)} for row in known], indent=1))
        case "toml":
            click.echo(toml(known))
        case "markdown":
            click.echo(markdown(known), nl=False)
        case _:
            console = Console()
            console.print(*(listing(known) if console.width < NARROW else [table(known)]), sep="\n")
