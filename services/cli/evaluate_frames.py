"""What ``headrace evaluate`` does with a recording: its options, and the lists that it comes to."""

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from click.core import ParameterSource

from services.cli.option_types import Writable, writing
from services.cli.stack import say

if TYPE_CHECKING:
    from services.evaluate.frames import FramesTest

OF_BOTH = {
    "frames", "json_file", "html_file", "methods", "warmup", "sample", "sample_seed", "seed", "repeats", "k", "no_times"
}  # fmt: skip
OF_FRAMES = {"lists", "users", "against_redis"}


def frames_options(command: Callable[..., None]) -> Callable[..., None]:
    """Those that a recording has of its own."""
    for option in (
        click.option("--against-redis", is_flag=True, help="Compare them with what stands in Redis; 1 if one differs."),
        click.option(
            "--users", default=500, show_default=True, type=click.IntRange(min=1), help="How many, drawn by --seed."
        ),
        click.option(
            "--lists", type=Writable(), help="Write users' lists at the end of the recording here (JSON Lines)."
        ),
        click.option(
            "--frames",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="What `headrace record` wrote, instead of FILES: production's own frames, deltas and examples.",
        ),
    ):
        command = option(command)
    return command


def check_source(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Either files or a recording, and no option of the other."""
    if bool(files) == bool(ctx.params["frames"]):
        raise click.UsageError("say what to evaluate: FILES, or --frames FILE")
    said = {name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    foreign = said - OF_BOTH - OF_FRAMES - {"files"} if ctx.params["frames"] else said & OF_FRAMES
    if foreign:
        options = {param.name: param.opts[0] for param in ctx.command.params}
        what = "for FILES alone" if ctx.params["frames"] else "for a recording (--frames)"
        raise click.UsageError(f"{', '.join(sorted(options[name] for name in foreign))}: {what}")


def tell_lists(test: "FramesTest", given: dict[str, Any]) -> None:
    """Write the sample's lists, compare them; the process ends with 1 if one differs."""
    if not given["lists"] and not given["against_redis"]:
        return
    made = test.lists(given["users"], given["seed"])
    if given["lists"]:
        with writing(given["lists"]):
            given["lists"].write_bytes(msgspec.json.Encoder().encode_lines(made))
        say(f"{given['lists']}: lists of {len(made):,} users")
    if given["against_redis"]:
        _compare(test, made)


def _compare(test: "FramesTest", made: list[Any]) -> None:
    from services.evaluate.made_lists import compared
    from shared.adapters.redis_views import ViewStore
    from shared.contracts.views import Keys

    with closing(ViewStore(test.settings)) as views:
        found = compared(made, Keys(test.settings), views.read)
    for difference in found.differences:
        click.echo(f"  {difference}")
    click.echo(f"against Redis: {found.compared:,} users compared, {found.differing:,} differ")
    sys.exit(1 if found.differing else 0)
