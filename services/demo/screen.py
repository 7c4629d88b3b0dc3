"""What the demo shows in the terminal, from figures that others gathered."""

from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.demo.figures import Figures
from services.demo.probe import Change
from shared.contracts.views import View

SHOWN = 8


@dataclass
class Scene:
    """One moment of the demo."""

    source: str
    url: str
    stage: str = ""
    elapsed_s: float = 0.0
    sent: int = 0
    events_per_s: float = 0.0
    lag: int | None = None
    p50_ms: float = float("nan")
    p99_ms: float = float("nan")
    figures: Figures = field(default_factory=Figures)
    trending: list[str] = field(default_factory=list)
    change: Change | None = None
    titles: dict[str, str] = field(default_factory=dict)


def render(scene: Scene) -> RenderableType:
    """The whole screen."""
    lists = Table.grid(expand=True, padding=(0, 2))
    lists.add_column(ratio=1)
    lists.add_column(ratio=2)
    lists.add_row(Panel(_named(scene.trending, scene), title="trending now"), _changed(scene))
    return Group(
        Text(f"Headrace · {scene.source} · {scene.elapsed_s:.0f} s", style="bold"),
        _numbers(scene),
        lists,
        Text(f"open {scene.url}", style="bold green") if scene.url else Text(scene.stage),
    )


def one_line(scene: Scene) -> str:
    """The same for a terminal that cannot move its cursor."""
    return (
        f"{scene.elapsed_s:4.0f} s  {scene.sent:,} events sent, {scene.figures.applied:,} applied "
        f"({scene.events_per_s:,.0f}/s), lag {'?' if scene.lag is None else scene.lag}, "
        f"{scene.figures.lists:,} lists, freshness p50 {scene.p50_ms:.0f} ms p99 {scene.p99_ms:.0f} ms, "
        f"hit rate {_share(scene.figures.hit_rate)} (popular: {_share(scene.figures.popularity_hit_rate)})"
    )


def _numbers(scene: Scene) -> Table:
    table = Table.grid(padding=(0, 3))
    figures = scene.figures
    table.add_row("events/s", "lag", "freshness p50 / p99", "lists", "dead letters", "hit rate@20 (popular)")
    table.add_row(
        f"{scene.events_per_s:,.0f}",
        "?" if scene.lag is None else f"{scene.lag:,}",
        f"{scene.p50_ms:.0f} / {scene.p99_ms:.0f} ms",
        f"{figures.lists:,}",
        f"{figures.dead:,}",
        f"{_share(figures.hit_rate)} ({_share(figures.popularity_hit_rate)})",
        style="bold cyan",
    )
    return table


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _named(items: list[str], scene: Scene, old: frozenset[str] | None = None) -> Text:
    text = Text()
    for place, item in enumerate(items[:SHOWN], 1):
        style = "green" if old is not None and item not in old else ""
        text.append(f"{place:>2} {scene.titles.get(item) or item}\n", style=style)
    return text


def _changed(scene: Scene) -> RenderableType:
    change = scene.change
    if change is None:
        return Panel("waiting for the first list", title="one user's list")
    before: View | None = change.before
    old = frozenset(before.items) if before else frozenset()
    grid = Table.grid(expand=True, padding=(0, 2))
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(Text("before", style="dim"), Text(f"{1000 * change.seconds:.0f} ms after", style="dim"))
    grid.add_row(_named(before.items if before else [], scene), _named(change.after.items, scene, old))
    did = scene.titles.get(change.item) or change.item
    return Panel(grid, title=Text(f"{change.user}: {change.kind} of {did}"))  # a title that is a str is markup
