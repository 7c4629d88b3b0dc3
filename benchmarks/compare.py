"""`make bench-compare BASE=rev`: the same measures from a worktree of that revision and from here, in turn, as ratios.

Each side runs its own code, its own benchmarks included, with this environment: the revision has to have them. A figure
that one side does not have is left out. A ratio is here over base, of the medians; where the ranges of both overlap, or
one run cannot tell, it says so.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.table import ROWS, figure

ROOT = Path(__file__).parent.parent
RUNS = 3
Report = Mapping[str, Any]


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as Ctrl-C: the worktree is removed
    parser = argparse.ArgumentParser(description="Compare this checkout with a revision.")
    parser.add_argument("base")
    parser.add_argument("--runs", type=int, default=RUNS, help="of each side, in turn")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="after --: what benchmarks.run takes")
    arguments = parser.parse_args()
    rest = [word for word in arguments.rest if word != "--"] or ["--quick"]
    with tempfile.TemporaryDirectory(prefix="headrace-bench-base-") as folder:
        base = Path(folder) / "base"
        _git("worktree", "add", "--detach", str(base), arguments.base)
        try:
            found = _in_turn({"base": base, "here": ROOT}, arguments.runs, rest)
        finally:
            _git("worktree", "remove", "--force", str(base))
    ratios = compared(found["base"], found["here"])
    (ROOT / "benchmarks" / "results" / "compared.json").write_text(json.dumps(ratios, indent=1) + "\n", "utf-8")
    print_ratios(ratios, arguments.base)


def _in_turn(sides: Mapping[str, Path], runs: int, rest: Sequence[str]) -> dict[str, list[Report]]:
    found: dict[str, list[Report]] = {name: [] for name in sides}
    for turn in range(runs):
        for name in list(sides) if turn % 2 == 0 else list(sides)[::-1]:
            found[name].append(_run(sides[name], rest))
    return found


def _run(root: Path, rest: Sequence[str]) -> Report:
    """In that checkout; jars and the peers' environment are taken from here."""
    peers = root / ".venv-peers"
    if not peers.exists() and (ROOT / ".venv-peers").exists():
        peers.symlink_to(ROOT / ".venv-peers")
    home = os.environ.get("HEADRACE_HOME") or str(ROOT / ".headrace")
    environment = os.environ | {"PYTHONPATH": str(root), "HEADRACE_HOME": home}
    subprocess.run([sys.executable, "-m", "benchmarks.run", *rest], cwd=root, env=environment, check=True)
    report: Report = json.loads((root / "benchmarks" / "results" / "latest.json").read_text("utf-8"))
    return report


def compared(base: Sequence[Report], here: Sequence[Report]) -> dict[str, dict[str, Any]]:
    """By place: both medians, here over base, and whether every run of one side is beyond every run of the other."""
    ratios = {}
    for _, place in ROWS:
        old, new = (
            [n for n in (figure(report, place) for report in reports) if n is not None] for reports in (base, here)
        )
        if old and new and median(old):
            apart = min(len(old), len(new)) > 1 and (max(old) < min(new) or max(new) < min(old))
            ratio = round(median(new) / median(old), 3)
            ratios[place] = {"base": median(old), "here": median(new), "ratio": ratio, "apart": apart}
    return ratios


def print_ratios(ratios: Mapping[str, Mapping[str, Any]], base: str, console: Console | None = None) -> None:
    """A row per figure that both sides have."""
    shown = Table("measure", title=f"here against {base}", title_justify="left")
    for name in (base, "here", "ratio", ""):
        shown.add_column(name, justify="right")
    labels = {place: label for label, place in ROWS}
    for place, row in ratios.items():
        told = "" if row["apart"] else "within the spread"
        shown.add_row(labels[place], f"{row['base']:,}", f"{row['here']:,}", f"{row['ratio']:.3f}", told)
    (console or Console()).print(shown)


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S607


if __name__ == "__main__":
    main()
