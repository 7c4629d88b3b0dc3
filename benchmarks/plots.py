"""Bars of what stands beside peers, and freshness by load, as SVG beside the JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "headrace", "font.size": 9}
SIZE_INCHES = (6.0, 3.0)
SHOWN = ("p50", "p99", "p99.9")
Bars = dict[str, float]


def draw(report: Mapping[str, Any], folder: Path) -> list[Path]:
    """A file for each measure that has something to compare; which were written."""
    made = {
        "state_path.svg": (_state_path(report), "events per CPU second", True),
        "freshness.svg": (_freshness(report), "ms from event to list", True),
        "scaling.svg": (dict(report.get("scaling", {}).get("us_per_event", {})), "µs of CPU per event", False),
    }
    written = []
    for name, (bars, label, logarithmic) in made.items():
        if bars:
            _bars(folder / name, bars, label, logarithmic)
            written.append(folder / name)
    return written


def _state_path(report: Mapping[str, Any]) -> Bars:
    by = report.get("state_path", {}).get("by", {})
    return {name: found["events_per_cpu_s"] for name, found in by.items()}


def _freshness(report: Mapping[str, Any]) -> Bars:
    by = report.get("freshness_ms", {}).get("by", {})
    return {
        f"{percent}\n{level.removesuffix('_percent')} %": found[percent]
        for level, found in by.items()
        for percent in SHOWN
        if found.get(percent) is not None
    }


def _bars(path: Path, bars: Bars, label: str, logarithmic: bool) -> None:
    with rc_context(STYLE):
        figure = Figure(figsize=SIZE_INCHES, layout="constrained")
        axes = figure.add_subplot()
        axes.bar_label(axes.bar(list(bars), list(bars.values())), fmt="{:,.6g}", fontsize=7)
        axes.set_ylabel(label)
        if logarithmic:
            axes.set_yscale("log")
        FigureCanvasSVG(figure).print_svg(path, metadata={"Date": None})  # type: ignore[no-untyped-call]
