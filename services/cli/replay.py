"""``headrace replay``: an event log of almost any layout → the raw topics."""

import time
from collections import Counter
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click

from services.cli.log_options import columns_said, item_columns_of, items_options, log_options, wanted_of
from services.cli.option_types import Amount, Writable, WritingCommand
from services.cli.rejecting import end_if_undelivered, reporter, say, tell_rejects
from services.producers.pacing import SLOWEST, Pace, parse_speed, shift_to_now
from services.producers.records import encode
from services.producers.rejects import Rejects
from services.producers.replay import Options, Replay, catalogue, messages, prepare
from shared.adapters.clock import epoch_ms
from shared.contracts import reasons
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings, load_settings

SHOWN_EVENTS = 5


@click.command(cls=WritingCommand)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@items_options
@log_options
@click.option("--speed", default="max", show_default=True, help="max, or event time against wall time: 0.001x, 1x, …")
@click.option("--rate", type=Amount(SLOWEST), help="At most so many events a second.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many events.")
@click.option(
    "--event-time",
    type=click.Choice(["kept", "shifted"]),
    default="kept",
    show_default=True,
    help="shifted: the log is moved so that its last event happens as it is sent (at 1x it begins now).",
)
@click.option(
    "--derive-items/--no-derive-items",
    default=True,
    help="Publish catalogue records from category, brand and price columns of the events (without --items).",
)
@click.option(
    "--event-ids/--no-event-ids",
    default=False,
    help="Give events ids from file and line: a second replay is then recognised as repeats and changes nothing.",
)
@click.option("--strict", is_flag=True, help="Publish nothing if any row is bad.")
@click.option("--rejects", "rejects_file", type=Writable(), help="Write every bad row's place and reason here.")
@click.option("--dry-run", is_flag=True, help="Say what was detected and show the first events; publish nothing.")
def replay(files: tuple[Path, ...], **given: Any) -> None:
    """Publish event logs (CSV, TSV, JSON Lines, Parquet; each also .gz) to the raw topics, in the order of time.

    Columns, time units and event types of common layouts are found out; --dry-run shows how FILES are understood.
    Bad rows are reported by line and reason and counted; the exit status is 1 if all are bad, if any is with
    --strict, or if anything was not delivered.
    """
    options = _options(files, given)
    pace = Pace(parse_speed(given["speed"]), given["rate"])
    settings = load_settings()
    with reporter(given["rejects_file"]) as rejects:
        now_ms = epoch_ms()
        prepared = prepare(options, settings, now_ms, rejects)
        _describe(prepared, rejects, show=given["dry_run"])
        _stop_if_bad(prepared, rejects, strict=given["strict"])
        if not given["dry_run"]:
            _publish(prepared, options, pace, settings)


def _options(files: tuple[Path, ...], given: dict[str, Any]) -> Options:
    return Options(
        files=files,
        items=given["items"],
        item_columns=item_columns_of(given),
        wanted=wanted_of(given),
        delimiter=given["delimiter"],
        limit=given["limit"],
        shifted=given["event_time"] == "shifted",
        derive_items=given["derive_items"],
        event_ids=given["event_ids"],
    )


def _describe(prepared: Replay, rejects: Rejects, *, show: bool) -> None:
    for log in prepared.logs:
        say(f"{log.name}: {log.table.format}; {columns_said(log)}")
    events = prepared.events
    if events.count:
        order = "in the order of time" if events.sorted else "not in the order of time: sorted"
        say(f"{events.count:,} events from {_day(events.first_ts)} to {_day(events.last_ts)}, {order}")
    if prepared.items:
        say(f"{prepared.items:,} items")
    tell_rejects(rejects)
    if show:
        _show(prepared)


def _day(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _show(prepared: Replay) -> None:
    """The first events on standard output, as they would be sent, and how many there are of each type."""
    for record in islice(prepared.events.read(), SHOWN_EVENTS):
        click.echo(f"{record.type}\t{encode(record).decode()}")
        if record.about:
            click.echo(f"item\t{record.about.decode()}")
    kinds = Counter(record.type for record in prepared.events.read())
    say(", ".join(f"{n:,} {kind}" for kind, n in kinds.most_common()))


def _stop_if_bad(prepared: Replay, rejects: Rejects, *, strict: bool) -> None:
    if not prepared.events.count:
        raise HeadraceError(
            "no event in these files" + (": every row is bad" if rejects.count else "") + _hint(rejects)
        )
    if strict and rejects.count:
        raise HeadraceError(f"{rejects.count} bad rows, and --strict: nothing was published")


def _hint(rejects: Rejects) -> str:
    out_of_time = {reasons.TIMESTAMP_TOO_OLD, reasons.TIMESTAMP_IN_FUTURE} & rejects.reasons.keys()
    return "; --event-time shifted moves a log to now" if out_of_time else ""


def _publish(prepared: Replay, options: Options, pace: Pace, settings: Settings) -> None:
    from services.cli.progress import progress
    from services.producers.publishing import connect

    events = prepared.events
    publisher = connect(settings)
    start, cpu = time.monotonic(), time.process_time()
    publisher.send_all(catalogue(options, settings, Rejects()), Pace(), 0)
    if prepared.items:
        publisher.flush()
    now_ms = epoch_ms()
    lasts = pace.lasts_ms(events.count, events.last_ts - events.first_ts)
    shift = shift_to_now(events.first_ts, events.last_ts, now_ms, lasts) if options.shifted else 0
    with progress(events.count) as tell:
        sent = publisher.send_all(messages(events.read(), shift), pace, events.first_ts, tell)
        publisher.flush()
    summarise(publisher, sent, time.monotonic() - start, time.process_time() - cpu)


def summarise(publisher: Any, sent: int, wall: float, cpu: float) -> None:
    """What was sent, on standard error; exit status 1 if anything was not delivered."""
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in publisher.sent.most_common())
    say(
        f"published {kinds} in {wall:.1f} s: {sent / wall:,.0f} events/s, {cpu / max(sent, 1) * 1e6:.1f} µs of CPU each"
    )
    end_if_undelivered(publisher)
