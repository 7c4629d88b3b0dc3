"""``headrace simulate``: a storefront that never was → the raw topics."""

import re
import time
from typing import Any

import click
import msgspec

from services.cli.option_types import Amount, Writable, WritingCommand, writing
from services.producers.pacing import SLOWEST, Pace, parse_speed
from services.producers.simulator.parameters import DAY_MS, Parameters
from shared.adapters.clock import epoch_ms
from shared.contracts.settings import load_settings

_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": DAY_MS}
_SHARE = Amount(0, 0.5)


def parse_duration(text: str) -> int:
    """``90s``, ``10m``, ``6h``, ``7d`` → milliseconds."""
    found = re.fullmatch(r"(\d{1,18}(?:\.\d{1,18})?)([smhd])", text)
    duration = int(float(found[1]) * _UNITS_MS[found[2]]) if found else 0
    if duration < 1000:
        raise click.BadParameter(f"{text!r}: say 90s, 10m, 6h, 7d", param_hint="--duration")
    return duration


def lasting(ms: int) -> str:
    """The same back, in the largest unit that it fills: ``1.5h``."""
    unit, size = max(((unit, size) for unit, size in _UNITS_MS.items() if size <= max(ms, 1000)), key=lambda of: of[1])
    return f"{ms / size:,.1f}{unit}"


def start_of(now_ms: int, lasts_ms: int, duration_ms: int, earliest_ms: int) -> int:
    """When the storefront opens. Events of before ``earliest_ms`` would all be dead letters: a wrong option."""
    start = now_ms + lasts_ms - duration_ms
    if start < earliest_ms:
        most = (now_ms + lasts_ms - earliest_ms) // DAY_MS
        why = f"it begins before HEADRACE_EVENTS_MIN_TS_MS, the earliest time of an event: at most {most}d"
        raise click.BadParameter(why, param_hint="--duration")
    return start


@click.command(cls=WritingCommand)
@click.option("--users", type=click.IntRange(1, 10_000_000), default=2000, show_default=True)
@click.option("--items", type=click.IntRange(24, 1_000_000), default=1000, show_default=True)
@click.option("--events", type=click.IntRange(1), default=100_000, show_default=True, help="Exactly so many.")
@click.option("--duration", default="7d", show_default=True, help="Event time that they spread over: 90s, 10m, 6h, 7d.")
@click.option("--rate", type=Amount(SLOWEST), help="At most so many events a second.")
@click.option("--speed", default="max", show_default=True, help="max, or event time against wall time: 0.001x, 1x, …")
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True)
@click.option("--bad-share", type=_SHARE, default=0.0, show_default=True, help="Events that break the contract.")
@click.option("--duplicate-share", type=_SHARE, default=0.01, show_default=True, help="Sent again with the same id.")
@click.option("--late-share", type=_SHARE, default=0.01, show_default=True, help="Arrive two minutes to a day late.")
@click.option("--bot-share", type=_SHARE, default=0.02, show_default=True, help="Looks of bots, five a second.")
@click.option("--truth", type=Writable(), help="Write what is true of the storefront here (JSON).")
def simulate(**given: Any) -> None:
    """Publish the catalogue and the events of a simulated storefront.

    Users with drifting tastes, things that go together, an evening peak, bursts, new items, bots, repeats, late and
    disordered arrivals. The same seed gives the same storefront. Its time ends when the last event is sent: all of
    it lies in the past at --speed max, and it happens live at 1x.
    """
    from services.cli.progress import progress
    from services.cli.rejecting import say
    from services.cli.replay import summarise
    from services.producers.publishing import connect
    from services.producers.simulation import catalogue, messages
    from services.producers.simulator.stream import open_storefront
    from services.producers.simulator.truth import truth

    pace = Pace(parse_speed(given["speed"]), given["rate"])
    duration = parse_duration(given["duration"])
    settings = load_settings()
    lasts = min(pace.lasts_ms(given["events"], duration), duration)
    start_ms = start_of(epoch_ms(), lasts, duration, settings.events.min_ts_ms)
    publisher = connect(settings)
    shares = {name: given[name] for name in ("bad_share", "duplicate_share", "late_share", "bot_share")}
    front = open_storefront(
        Parameters(
            seed=given["seed"],
            start_ms=start_ms,
            users=given["users"],
            items=given["items"],
            events=given["events"],
            duration_ms=duration,
            **shares,
        )
    )
    publisher.send_all(catalogue(front), Pace(), 0)
    publisher.flush()
    takes = pace.lasts_ms(given["events"], duration)
    said = f"sending them takes {lasting(takes)}" if takes else "sent as fast as it goes"
    say(f"published {given['items']:,} items; {given['events']:,} events of {lasting(duration)} follow, {said}")
    start, cpu = time.monotonic(), time.process_time()
    with progress(given["events"]) as tell:
        sent = publisher.send_all(messages(front), pace, front.parameters.start_ms, tell)
        publisher.flush()
    if given["truth"]:
        with writing(given["truth"]):
            given["truth"].write_bytes(msgspec.json.format(msgspec.json.encode(truth(front))))
    summarise(publisher, sent, time.monotonic() - start, time.process_time() - cpu)
