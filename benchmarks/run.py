"""`make bench`: each measurement on a real Kafka and Redis, then one JSON of all, also in results/latest.json.

TEST_STACK names the home of a stack that runs already. ``ONLY=restore,recovery`` chooses, ``SIZE=0.01`` is for a look
at whether it works.
"""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import exactness, reader, recovery, restore
from services.stack.embedded import EmbeddedStack, default_home, default_jars
from services.stack.finding import answers
from services.stack.home import Home
from shared.contracts.errors import Unavailable

Measure = Callable[[EmbeddedStack, float, Callable[[str], None]], dict[str, Any]]
MEASURES: dict[str, Measure] = {
    "restore": restore.measure,
    "exactness": exactness.measure,
    "recovery": recovery.measure,
    "reader": reader.measure,
}
LATEST = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as Ctrl-C: what was made for a measurement is removed
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="headrace-bench-") as fresh:
        home = Path(fresh)
        if named := os.environ.get("TEST_STACK"):
            home = _running(Path(named))
        with EmbeddedStack(home, jars=default_jars(default_home()), say=_sayer("stack")) as stack:
            results = {name: MEASURES[name](stack, arguments.size, _sayer(name)) for name in arguments.only}
    report = json.dumps(_setting(arguments.size) | results, indent=1)
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(report + "\n", "utf-8")
    print(report)


def _running(home: Path) -> Path:
    """A stack that is said to run has to: what is not ours is neither started nor stopped."""
    running = Home(home).read()
    if running is None or not answers(running):
        raise Unavailable(f"TEST_STACK: no stack answers in {home}")
    return home


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Headrace on a real Kafka and Redis.")
    parser.add_argument("--only", type=_names, default=list(MEASURES), help="names by comma: " + ",".join(MEASURES))
    parser.add_argument("--size", type=float, default=1.0, help="1 is what is reported")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    if unknown := set(names) - set(MEASURES):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: there are {', '.join(MEASURES)}")
    return names


def _setting(size: float) -> dict[str, Any]:
    """On what it was measured."""
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "size": size,
        "machine": {
            "cpus": os.cpu_count(),
            "load": [round(load, 1) for load in os.getloadavg()],
            "system": platform.platform(),
            "python": platform.python_version(),
        },
    }


def _sayer(name: str) -> Callable[[str], None]:
    began = time.monotonic()
    return lambda text: print(f"{name} {time.monotonic() - began:5.0f} s | {text}", flush=True)


if __name__ == "__main__":
    main()
