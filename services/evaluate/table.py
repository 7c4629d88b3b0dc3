"""The figures as a table for the terminal."""

from typing import Any

from rich.markup import escape
from rich.table import Table

from services.evaluate.figures import MAIN

WHOLE = ("coverage@20", "diversity@20")  # of the lists as such
COLUMNS = ("hr@10", MAIN, "95 %", "mrr@20", "ndcg@10", "cold", "< 3 events", "warm", "new items", *WHOLE)


def ordered(document: dict[str, Any]) -> list[str]:
    """Methods by HR@20, the best first."""
    methods = document["methods"]
    return sorted(methods, key=lambda name: (-(methods[name][MAIN] or 0.0), name))


def table(document: dict[str, Any]) -> Table:
    """A row per method, the best first; the last columns are CPU time."""
    data, reference = document["data"], document["paired"]["reference"]
    title = escape(f"{data['name']}: {data['targets']:,} targets of {data['events']:,} events")
    shown = Table("method", title=title, title_justify="left", caption_justify="left")
    for name in (*COLUMNS, f"{reference} −", "learn µs", "list µs", "fit s"):
        shown.add_column(name, justify="right", no_wrap=True)
    for name in ordered(document):
        shown.add_row(name, *_cells(document, name), style="bold" if name == reference else None)
    shown.caption = escape(caption(document))
    return shown


def caption(document: dict[str, Any]) -> str:
    data, protocol = document["data"], document["protocol"]
    counted = "every target but the last item again" if protocol["repeats"] else "items new to the user"
    left_out = ", ".join(f"{n:,} {kind}" for kind, n in data["left_out"].items())
    return (
        f"{counted}; {data['cold_users_share']:.0%} by cold users, {data['new_items_share']:.0%} items never seen; "
        f"warm-up {protocol['warmup']:.0%}, seed {protocol['seed']}, sample drawn by {protocol['sample_seed']}; "
        "full catalogue, no sampled negatives"
        + (f"; left out: {left_out}" if left_out else "")
        + ("; nothing of a basket is visible when it is predicted" if protocol["baskets"] else "")
        + (f"; Headrace's model is {protocol['behind']} s behind" if protocol["behind"] else "")
        + _unseen(protocol["frame"])
    )


def _unseen(frame: int | None) -> str:
    """What Headrace's own methods do not know; nothing is said of a recording, whose frames are production's."""
    if frame is None:
        return ""
    return "; Headrace's lists know all events" + (f" but up to {frame - 1} of others" if frame > 1 else "")


def _cells(document: dict[str, Any], name: str) -> list[str]:
    figures, splits = document["methods"][name], document["methods"][name]["splits"]
    low, high = figures["intervals"][MAIN]
    return [
        *(share(figures[key]) for key in COLUMNS[:2]),
        f"{share(low)}–{share(high)}",
        *(share(figures[key]) for key in COLUMNS[3:5]),
        *(share(splits[key][MAIN]) for key in ("cold_users", "beginners", "warm_users", "new_items")),
        *(share(figures[key]) for key in WHOLE),
        difference(document, name),
        *(_cost(figures.get(key)) for key in ("learn_us", "recommend_us", "fit_s")),
    ]


def share(value: float | None) -> str:
    """.4206; – where there is none."""
    return "–" if value is None else f"{value:.4f}".removeprefix("0")


def difference(document: dict[str, Any], name: str) -> str:
    found = document["paired"]["differences"].get(name)
    if not found:
        return ""
    by, low, high = found[MAIN]
    return f"{by:+.4f} [{low:+.4f}, {high:+.4f}]"


def _cost(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"
