"""``headrace evaluate``: how good the lists are, on an event log or a recording; Redis is read to compare alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from services.cli.evaluate_frames import check_source, frames_options, tell_lists
from services.cli.log_options import item_columns_of, items_options, log_options, wanted_of
from services.cli.option_types import Amount, Writable, WritingCommand, writing
from services.cli.progress import progress
from services.cli.rejecting import reporter, say, tell_rejects
from services.producers.replay import Options
from shared.contracts.settings import load_settings

if TYPE_CHECKING:
    from services.evaluate.loading import Loaded
    from services.evaluate.protocol import Protocol
    from services.evaluate.run import Result

WIDTH = 220  # of the table where there is no terminal to be as wide as


@click.command(cls=WritingCommand)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@items_options
@click.option("--json", "json_file", type=Writable(), help="Write all figures here.")
@click.option("--html", "html_file", type=Writable(), help="Write a report with plots here.")
@click.option("--methods", default="default", show_default=True, help="Names with commas; default; all.")
@click.option("--warmup", default=0.25, show_default=True, type=Amount(0.02, 0.98), help="Share before the test.")
@click.option("--sample", default=5000, show_default=True, type=click.IntRange(min=1), help="Test events, at most.")
@click.option(
    "--seed",
    default=7,
    show_default=True,
    type=click.IntRange(min=0),
    help="Of what methods draw, and of resamples.",
)
@click.option("--sample-seed", default=7, show_default=True, type=click.IntRange(min=0), help="Of the sample.")
@click.option("--repeats/--novel", default=False, help="Whether items that the user had before count.  [novel]")
@click.option("--basket", metavar="COLUMN", help="Nothing of the same basket is visible when its items are predicted.")
@click.option(
    "--k", default=20, show_default=True, type=click.IntRange(1, 500), help="One more length of lists to judge."
)
@click.option(
    "--upto", default=1.0, metavar="SHARE", type=Amount(0, 1, min_open=True), help="Only the log's beginning."
)
@click.option("--ladder", is_flag=True, help="Headrace with its sources switched on one by one, besides.")
@click.option(
    "--behind",
    default=0,
    metavar="SECONDS",
    type=click.IntRange(min=0),
    help="How far what Headrace knows of items lags behind, in event time; histories are fresh.",
)
@click.option(
    "--frame",
    default=1,
    metavar="EVENTS",
    show_default=True,
    type=click.IntRange(1, 64),
    help="Fewer than so many events of other users are still unknown to Headrace when a list is asked for.",
)
@click.option("--tune/--no-tune", default=True, help="Tune the peers on the warm-up.")
@click.option("--no-times", is_flag=True, help="Leave CPU times out: equal runs write equal files.")
@log_options
@click.option(
    "--derive-items/--no-derive-items", default=True, help="Catalogue from the rows of events (without --items)."
)
@frames_options
def evaluate(files: tuple[Path, ...], **given: Any) -> None:
    """Predict each sampled event of FILES, then learn it: HR, MRR, NDCG and cost of every method, on the same targets.

    FILES are what `headrace replay` reads (CSV, TSV, JSON Lines, Parquet; each also .gz). With --frames it is what
    production itself has folded. What the figures mean: docs/evaluate.md.
    """
    check_source(click.get_current_context(), files)
    if given["frames"]:
        _evaluate_frames(given)
    else:
        _evaluate_files(files, given)


def _evaluate_files(files: tuple[Path, ...], given: dict[str, Any]) -> None:
    from services.evaluate.loading import load
    from services.evaluate.methods import chosen, ladder
    from services.evaluate.run import evaluate as evaluated

    settings = load_settings()
    options = _options(files, given)
    with reporter(None) as rejects:
        loaded = load(options, settings, rejects, upto=given["upto"], baskets=given["basket"] is not None)
    _describe(loaded)
    tell_rejects(rejects)
    protocol = _protocol(given)
    own, peers = chosen(loaded.log, given["methods"], repeats=protocol.repeats)
    if given["ladder"]:
        own |= ladder(loaded.log, repeats=protocol.repeats)
    result = evaluated(loaded, own, peers, protocol, settings, _progress, tuned=given["tune"])
    _report(result, given, {"bad_rows": dict(sorted(rejects.reasons.items())), "upto": given["upto"]})


def _evaluate_frames(given: dict[str, Any]) -> None:
    from services.evaluate.frames import FramesTest, chosen

    settings, methods = load_settings(), chosen(given["methods"])
    say("reading …")
    test = FramesTest(given["frames"], settings, comparable=given["against_redis"])
    _describe(test.loaded)
    result = test.run(methods, _protocol(given), _progress)
    _report(result, given, test.told)
    tell_lists(test, given)


def _protocol(given: dict[str, Any]) -> "Protocol":
    from services.evaluate.protocol import Protocol

    return Protocol(
        given["warmup"], given["sample"], given["seed"], given["repeats"], given["basket"] is not None, given["k"],
        given["behind"], given["frame"], given["sample_seed"],
    )  # fmt: skip


def _report(result: "Result", given: dict[str, Any], data: dict[str, Any]) -> None:
    """Table and files; ``data`` is said of the log besides."""
    from services.evaluate.run import costs

    result.document["data"] |= data
    if not given["no_times"]:
        for name, cost in costs(result).items():
            result.document["methods"][name] |= cost
    _show(result.document)
    _write(result, given["json_file"], given["html_file"])


def _options(files: tuple[Path, ...], given: dict[str, Any]) -> Options:
    basket, column = given["basket"], given["basket_column"]
    if basket and column not in {None, basket}:
        raise click.BadParameter(f"{column!r} is another column", param_hint="--basket, --basket-column")
    wanted = wanted_of(given | {"basket_column": basket or column})
    return Options(
        files, given["items"], item_columns_of(given), wanted, given["delimiter"], derive_items=given["derive_items"]
    )


def _describe(loaded: "Loaded") -> None:
    log = loaded.log
    say(f"{log.name}: {len(log):,} events, {len(log.users):,} users, {len(log.items):,} items")
    if loaded.left_out:
        say("left out: " + ", ".join(f"{n:,} {kind}" for kind, n in loaded.left_out.items()))


@contextmanager
def _progress(total: int, what: str) -> Iterator[Callable[[int], None] | None]:
    say(f"{what} …")
    with progress(total, what) as bar:
        yield bar


def _write(result: "Result", json_file: Path | None, html_file: Path | None) -> None:
    if json_file:
        raw = orjson.dumps(result.document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        with writing(json_file):
            json_file.write_bytes(raw)
    if html_file:
        from services.evaluate.report import page

        text = page(result)
        with writing(html_file):
            html_file.write_text(text, encoding="utf-8")


def _show(document: dict[str, Any]) -> None:
    from rich.console import Console

    from services.evaluate.table import table

    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    console.print(table(document))
