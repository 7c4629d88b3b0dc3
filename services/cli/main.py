"""The command line. A command is imported when it is called, so that ``headrace --help`` is quick."""

import importlib
import sys
from io import TextIOWrapper

import click

from shared.contracts.errors import HeadraceError

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("services.cli.stack:up", "Start the embedded Kafka and Redis, or find those that run."),
    "down": ("services.cli.stack:down", "Stop the embedded Kafka and Redis."),
    "status": ("services.cli.stack:status", "Say whether the embedded stack runs, and where."),
    "run": ("services.cli.run:run", "Run all parts on this machine; restart what dies."),
    "ingest": ("services.cli.parts:ingest", "Run the ingest: raw events in, frames out."),
    "worker": ("services.cli.parts:worker", "Run a worker: profiles, items and tops."),
    "reader": ("services.cli.parts:reader", "Run the HTTP reader."),
    "collector": ("services.cli.parts:collector", "Run the HTTP collector of events."),
    "lag": ("services.cli.lag:lag", "Show how far each consumer group is behind."),
    "explain": ("services.cli.explain:explain", "Show why a user's list is as it is."),
    "record": ("services.cli.record:record", "Write what the workers have folded to a file, for evaluate --frames."),
    "refresh": ("services.cli.refresh:refresh", "Have every view published again."),
    "compare": ("services.cli.compare:compare", "Show two configurations' lists side by side, blind."),
    "rules": ("services.cli.rules:rules", "Check rules.toml, or try it on a user's list."),
    "rebuild": ("services.cli.rebuild:rebuild", "Build all state and views anew, beside what is served."),
    "forget": ("services.cli.forget:forget", "Forget a user."),
    "skip": ("services.cli.skip:skip", "Leave out a record at which three workers ended."),
    "replay-dead-letter": ("services.cli.dead_letters:replay_dead_letter", "Send dead letters back, after a fix."),
    "verify": ("services.cli.verify:verify", "Compare states and lists with an oracle's fold of the log."),
    "evaluate": ("services.cli.evaluate:evaluate", "Measure how good the lists are, on an event log of one's own."),
    "replay": ("services.cli.replay:replay", "Publish an event log (CSV, TSV, JSONL, Parquet)."),
    "profile": ("services.cli.profile:profile", "Say what is in an event log, before it is sent."),
    "import-items": ("services.cli.import_items:import_items", "Publish a catalogue (CSV, TSV, JSONL, Parquet)."),
    "import-embeddings": ("services.cli.import_embeddings:import_embeddings", "Give items their embeddings."),
    "import-lists": ("services.cli.import_lists:import_lists", "Publish the lists of a batch model of one's own."),
    "simulate": ("services.cli.simulate:simulate", "Publish the events of a simulated storefront."),
    "demo": ("services.cli.demo:demo", "The main job on this machine, live."),
    "settings": ("services.cli.settings:show", "Print every setting, its value and what it means."),
}


class LazyGroup(click.Group):
    """A click group whose commands are looked up by module name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="headrace")
def cli() -> None:
    """Headrace: recommendations that are fresh within a moment of the event, on Kafka and Redis."""


def main() -> None:
    """The ``headrace`` program: what Headrace raises on purpose ends as one clear line and its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # ids and signs that a terminal's Latin-1 does not have
    try:
        cli(prog_name="headrace")
    except HeadraceError as error:
        click.echo(f"headrace: {error}", err=True)
        sys.exit(error.exit_status)
