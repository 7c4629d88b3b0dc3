"""Plots of an evaluation as inline SVG: readable on light and dark, text as text, no address in them."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from shared.core.kernel import Floats, Longs

GREY = "#808080"
COLOURS = ("#e4572e", "#3a86ff", "#2a9d60", "#b07aa1", "#c99700", "#17a2b8", "#9c6b4e", "#d1478c")
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "headrace",
    "font.family": "sans-serif",
    "font.size": 9,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), GREY),
    "axes.spines.top": False,
    "axes.spines.right": False,
}
POINTS = 200  # of a curve
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def over_time(hits: Mapping[str, Floats], ts: Longs, window: int) -> str:
    """The mean of the last ``window`` targets' hits, against time (ms); ``hits`` float64[q] by method, in order."""
    with rc_context(STYLE):
        figure, axes = _figure("HR@20, rolling")
        drawn = np.linspace(window - 1, len(ts) - 1, min(POINTS, len(ts) - window + 1)).astype(int)
        times: Any = [datetime.fromtimestamp(at / 1000, UTC) for at in ts[drawn].tolist()]
        for n, (name, hit) in enumerate(hits.items()):
            axes.plot(times, rolling(hit, window)[drawn - window + 1], label=name, color=colour(n), linewidth=1.2)
        axes.tick_params(axis="x", labelrotation=20)
        _legend(axes)
        return _svg(figure)


def by_hour(hits: Mapping[str, Sequence[float | None]]) -> str:
    """HR@20 by hour of day, 24 values per method, None where nothing was asked."""
    with rc_context(STYLE):
        figure, axes = _figure("HR@20")
        for n, (name, shares) in enumerate(hits.items()):
            values = [np.nan if share is None else share for share in shares]
            axes.plot(range(24), values, label=name, color=colour(n), linewidth=1.2, marker="o", markersize=2.5)
        axes.set_xlabel("hour of day, UTC")
        axes.set_xticks(range(0, 24, 3))
        _legend(axes)
        return _svg(figure)


def against_cost(points: Mapping[str, tuple[float, float]]) -> str:
    """(µs per list, HR@20) by method."""
    with rc_context(STYLE):
        figure, axes = _figure("HR@20")
        for n, (name, (cost, share)) in enumerate(points.items()):
            axes.plot([cost], [share], marker="o", markersize=5, color=colour(n), linestyle="")
            offset = (5, 3) if n % 2 else (5, -9)
            axes.annotate(name, (cost, share), xytext=offset, textcoords="offset points", fontsize=8)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_minor_formatter("{x:,.0f}")
        axes.set_xlabel("CPU per list, µs")
        return _svg(figure)


def ladder(points: Mapping[str, tuple[float, float]]) -> str:
    """(µs per list, HR@20) by the source that was added, one after the other, joined by a line."""
    with rc_context(STYLE):
        figure, axes = _figure("HR@20")
        costs, shares = zip(*points.values(), strict=True)
        axes.plot(costs, shares, marker="o", markersize=5, color=colour(0), linewidth=1.2)
        for name, at in points.items():
            axes.annotate(f"+ {name}", at, xytext=(5, -9), textcoords="offset points", fontsize=8)
        axes.set_xlabel("CPU per list, µs")
        return _svg(figure)


def rolling(values: Floats, window: int) -> Floats:
    """Means of all runs of ``window`` values: float64[q − window + 1]."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    means: Floats = (sums[window:] - sums[:-window]) / window
    return means


def colour(n: int) -> str:
    return COLOURS[n % len(COLOURS)]


def _figure(label: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_ylabel(label)
    axes.patch.set_visible(False)
    axes.grid(color=GREY, alpha=0.25, linewidth=0.5)
    return figure, axes


def _legend(axes: Axes) -> None:
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize=8)


def _svg(figure: Figure) -> str:
    """The <svg> element; HTML knows its namespaces without addresses."""
    figure.patch.set_visible(False)
    text = StringIO()
    FigureCanvasSVG(figure).print_svg(text, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]
    whole = text.getvalue()
    element = re.sub(r' xmlns(:\w+)?="[^"]*"', "", whole[whole.index("<svg") :])
    return element.replace("xlink:href", "href").replace("\u2212", "-")
