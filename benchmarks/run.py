"""`make bench`: each measurement on a real Kafka and Redis, then one JSON of all in results/latest.json, a line of
results/history.jsonl, a table and plots.

``QUICK=1`` gives the same keys with fewer events and one run of each, and leaves out what is not about speed.
TEST_STACK names the home of a stack that runs already. ``ONLY=state_path,recovery`` chooses, ``SIZE=0.01`` is for a
look at whether it works.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import (
    exactness,
    freshness,
    large_catalogue,
    lists,
    memory,
    plots,
    reader,
    recovery,
    restore,
    scaling,
    state_path,
    whole,
)
from benchmarks.effort import QUICK_RUNS, QUICK_SECONDS, Effort
from benchmarks.table import print_table
from services.stack.embedded import EmbeddedStack, default_home, default_jars
from services.stack.finding import answers
from services.stack.home import Home
from shared.contracts.errors import Unavailable

Found = dict[str, Any]
Measure = Callable[[EmbeddedStack, Effort, Callable[[str], None], Found], Found]
"""The last argument is what was found before."""


def _freshness(stack: EmbeddedStack, effort: Effort, say: Callable[[str], None], found: Found) -> Found:
    whole_way = found.get("whole", {})
    known = whole_way.get("events_per_s"), whole_way.get("workers", whole.WORKERS[-1])
    return freshness.measure(stack, effort, say, *known)


SPEED: dict[str, Measure] = {
    "state_path": lambda stack, effort, say, _: state_path.measure(stack, effort, say),
    "whole": lambda stack, effort, say, _: whole.measure(stack, effort, say),
    "whole_full": lambda stack, effort, say, _: whole.measure_full(stack, effort, say),
    "lists": lambda stack, effort, say, _: lists.measure(stack, effort, say),
    "freshness_ms": _freshness,
    "reader": lambda stack, effort, say, _: reader.measure(stack, effort.scaled(100, 20) / 100, say),
    "memory": lambda stack, effort, say, _: memory.measure(stack, effort, say),
    "scaling": lambda stack, effort, say, _: scaling.measure(stack, effort, say),
}
OTHER: dict[str, Measure] = {
    "large_catalogue_ms": lambda stack, effort, say, _: large_catalogue.measure(stack, effort, say),
    "restore": lambda stack, effort, say, _: restore.measure(stack, effort.size, say),
    "exactness": lambda stack, effort, say, _: exactness.measure(stack, effort.size, say),
    "recovery": lambda stack, effort, say, _: recovery.measure(stack, effort.size, say),
}
MEASURES = SPEED | OTHER
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as Ctrl-C: what was made for a measurement is removed
    arguments = _arguments()
    effort = _effort(arguments)
    names = arguments.only or list(SPEED if effort.quick else MEASURES)
    about = setting(effort)
    report = about | measured(names, effort, lambda found: keep(about | found, RESULTS))
    write(report, RESULTS)
    print(json.dumps(report, indent=1))
    print_table(report)


def measured(names: Sequence[str], effort: Effort, tell: Callable[[Found], None]) -> Found:
    """By name, one after the other, on one stack; ``tell`` is told after each what there is."""
    found: Found = {}
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as fresh:
        home = Path(fresh)
        if named := os.environ.get("TEST_STACK"):
            home = _running(Path(named))
        with EmbeddedStack(home, jars=default_jars(default_home()), say=_sayer("stack")) as stack:
            for name in names:
                began = time.monotonic()
                found[name] = MEASURES[name](stack, effort, _sayer(name), found)
                found[name]["took_s"] = round(time.monotonic() - began)
                tell(found)
    return found


def keep(report: Found, folder: Path) -> None:
    """The last report, as far as it has come: hours of it are not lost with what comes next."""
    folder.mkdir(exist_ok=True)
    (folder / "latest.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")


def write(report: Found, folder: Path) -> None:
    """The last report, one line more of all of them, plots."""
    keep(report, folder)
    with (folder / "history.jsonl").open("a", encoding="utf-8") as history:
        history.write(json.dumps(report, separators=(",", ":")) + "\n")
    plots.draw(report, folder)


def setting(effort: Effort) -> Found:
    """On what it was measured."""
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "revision": _revision(),
        "effort": {"size": effort.size, "runs": effort.runs, "seconds": effort.seconds, "quick": effort.quick},
        "machine": {
            "cpus": os.cpu_count(),
            "load": [round(load, 1) for load in os.getloadavg()],
            "system": platform.platform(),
            "python": platform.python_version(),
        },
    }


def _revision() -> str:
    """Of the checkout, "" where there is none."""
    asked = ["git", "describe", "--always", "--dirty"]
    said = subprocess.run(asked, cwd=RESULTS.parent, capture_output=True, text=True, check=False)
    return said.stdout.strip()


def _running(home: Path) -> Path:
    """A stack that is said to run has to: what is not ours is neither started nor stopped."""
    running = Home(home).read()
    if running is None or not answers(running):
        raise Unavailable(f"TEST_STACK: no stack answers in {home}")
    return home


def _effort(arguments: argparse.Namespace) -> Effort:
    full = Effort()
    runs, seconds = (QUICK_RUNS, QUICK_SECONDS) if arguments.quick else (full.runs, full.seconds)
    return Effort(arguments.size, arguments.runs or runs, arguments.seconds or seconds, arguments.quick)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Headrace on a real Kafka and Redis.")
    parser.add_argument("--only", type=_names, default=[], help="names by comma: " + ",".join(MEASURES))
    parser.add_argument("--size", type=float, default=1.0, help="1 is what is reported")
    parser.add_argument("--quick", action="store_true", help="the same keys in some minutes")
    parser.add_argument("--runs", type=int, default=0, help="of each, in turn")
    parser.add_argument("--seconds", type=float, default=0.0, help="of what is sustained")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    if unknown := set(names) - set(MEASURES):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: there are {', '.join(MEASURES)}")
    return names


def _sayer(name: str) -> Callable[[str], None]:
    began = time.monotonic()
    return lambda text: print(f"{name} {time.monotonic() - began:5.0f} s | {text}", flush=True)


if __name__ == "__main__":
    main()
