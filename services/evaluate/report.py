"""The report as one HTML page: nothing is loaded from anywhere."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from services.evaluate import plots, table
from services.evaluate.figures import DEPTH, MAIN
from services.evaluate.run import Result
from shared.core.metrics import hits, places_of

SHOWN = 8  # methods drawn: the best ones
ROLLED = 20  # a rolling mean covers one in so many of the targets
STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #8884;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
tr.reference{font-weight:600}
svg{width:100%;height:auto;max-width:60rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
"""


def page(result: Result) -> str:
    """``result.document`` as it is in the JSON, costs in the methods if they were measured."""
    document = result.document
    title = f"Headrace evaluation: {document['data']['name']}"
    parts = [
        f"<h1>{escape(title)}</h1><p>{escape(table.caption(document))}.</p>",
        _section("Next item", _methods(document, _NEXT)),
        _section(
            f"{document['paired']['reference']} against every other: difference, 95 % interval", _paired(document)
        ),
        _section(f"Over time: the last {_window(result):,} targets", _over_time(result)),
        _section("Quality against cost", _against_cost(document)),
        _section("Sources switched on one by one", _ladder(document)),
        _section("By hour of day", _by_hour(document)),
        _section(f"The rest of the {document['protocol']['rest_of']}", _methods(document, _rest(document))),
        _section("What the lists are like", _methods(document, _LIKE)),
        _section("Users and items, HR@20 (targets)", _splits(document)),
        _section("Ratings foretold", _ratings(document)),
        _section("Data and protocol", _data(document)),
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


_NEXT = ("hr@10", "hr@20", "mrr@20", "ndcg@10", "ndcg@20", "learn_us", "recommend_us", "fit_s", "fits")
_LIKE = tuple(f"{name}@{DEPTH}" for name in ("coverage", "diversity", "novelty", "gini"))


def _rest(document: dict[str, Any]) -> tuple[str, ...]:
    cutoffs = sorted({10, 20, document["protocol"]["k"]})
    return tuple(f"{name}@{k}" for name in ("precision", "recall", "map") for k in cutoffs)


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>{body}" if body else ""


def _table(head: Sequence[str], rows: Iterable[tuple[Sequence[str], bool]]) -> str:
    """Rows are (cells, whether it is the reference's)."""
    body = "".join(
        f"<tr{' class=reference' if marked else ''}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for cells, marked in rows
    )
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    return f"<div class=wide><table><tr>{top}</tr>{body}</table></div>"


def _methods(document: dict[str, Any], keys: Sequence[str]) -> str:
    reference, methods = document["paired"]["reference"], document["methods"]
    present = [key for key in keys if any(key in figures for figures in methods.values())]
    return _table(
        ["method", *present],
        (
            ([name, *(_figure(key, methods[name].get(key)) for key in present)], name == reference)
            for name in table.ordered(document)
        ),
    )


def _figure(key: str, value: float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    return table.share(value) if "@" in key and not key.startswith("novelty") else f"{value:,.1f}"


def _paired(document: dict[str, Any]) -> str:
    differences = document["paired"]["differences"]
    keys = list(next(iter(differences.values()), {}))
    rows = (
        ([name, *(f"{by:+.4f} [{low:+.4f}, {high:+.4f}]" for by, low, high in differences[name].values())], False)
        for name in table.ordered(document)
        if name in differences
    )
    return _table(["method", *keys], rows) if keys else ""


def _drawn(document: dict[str, Any]) -> list[str]:
    """The best methods, and the reference."""
    names = table.ordered(document)
    reference = document["paired"]["reference"]
    return names[:SHOWN] if reference in names[:SHOWN] else [*names[: SHOWN - 1], reference]


def _window(result: Result) -> int:
    return max(1, len(result.targets.event) // ROLLED)


def _over_time(result: Result) -> str:
    item = result.targets.item
    rates = {name: hits(places_of(item, result.outcomes[name].lists), DEPTH) for name in _drawn(result.document)}
    return plots.over_time(rates, result.targets.ts, _window(result))


def _against_cost(document: dict[str, Any]) -> str:
    methods = document["methods"]
    points = {
        name: (max(figures["recommend_us"], 0.1), figures[MAIN])
        for name, figures in ((name, methods[name]) for name in table.ordered(document))
        if figures.get("recommend_us") is not None
    }
    return plots.against_cost(points) if points else ""


def _ladder(document: dict[str, Any]) -> str:
    """What each source adds, and the way up if costs were measured."""
    rungs, methods = document.get("ladder", []), document["methods"]
    if not rungs:
        return ""
    rows = (
        ([rung["adds"], table.share(rung[MAIN]), _gain(rung), _cost_of(methods[rung["method"]])], False)
        for rung in rungs
    )
    told = _table(["with", MAIN, "more than the one above", "list µs"], rows)
    if any(methods[rung["method"]].get("recommend_us") is None for rung in rungs):
        return told
    return told + plots.ladder(
        {rung["adds"]: (max(methods[rung["method"]]["recommend_us"], 0.1), rung[MAIN]) for rung in rungs}
    )


def _gain(rung: dict[str, Any]) -> str:
    if "gain" not in rung:
        return ""
    by, low, high = rung["gain"]
    return f"{by:+.4f} [{low:+.4f}, {high:+.4f}]"


def _cost_of(figures: dict[str, Any]) -> str:
    return _figure("recommend_us", figures.get("recommend_us"))


def _by_hour(document: dict[str, Any]) -> str:
    methods = document["methods"]
    return plots.by_hour(
        {name: [part[MAIN] for part in methods[name]["splits"]["hour"].values()] for name in _drawn(document)}
    )


def _splits(document: dict[str, Any]) -> str:
    methods, reference = document["methods"], document["paired"]["reference"]
    of_first = next(iter(methods.values()))["splits"]
    names = [name for name in of_first if name != "hour"]
    head = ["method", *(f"{name.replace('_', ' ')} ({of_first[name]['n']:,})" for name in names)]
    return _table(
        head,
        (
            ([name, *(table.share(methods[name]["splits"][part][MAIN]) for part in names)], name == reference)
            for name in table.ordered(document)
        ),
    )


def _ratings(document: dict[str, Any]) -> str:
    found = {name: figures for name, figures in document["methods"].items() if "rmse" in figures}
    found |= document.get("ratings", {})
    rows = (([name, f"{of['rmse']:.4f}", f"{of['mae']:.4f}"], False) for name, of in found.items())
    return _table(["model", "RMSE", "MAE"], rows) if found else ""


def _data(document: dict[str, Any]) -> str:
    text = json.dumps({key: document[key] for key in ("data", "protocol")}, indent=1, ensure_ascii=False)
    return f"<details><summary>as in the JSON</summary><pre>{escape(text)}</pre></details>"
