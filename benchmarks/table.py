"""The figures of a report as a table for a person."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

Report = Mapping[str, Any]
ROWS = (
    ("state path, events per CPU second", "state_path.events_per_cpu_s"),
    ("  times Faust", "state_path.x_faust"),
    ("  times quixstreams", "state_path.x_quixstreams"),
    ("  times a plain loop", "state_path.x_plain"),
    ("whole way, events/s", "whole.events_per_s"),
    ("  with so many workers", "whole.workers"),
    ("  one worker, times Faust", "whole.x_faust"),
    ("  one worker, times a plain loop", "whole.x_plain"),
    ("whole way with full lists, events/s", "whole_full.events_per_s"),
    ("lists per CPU second", "lists.per_cpu_s"),
    ("freshness p50, ms", "freshness_ms.p50"),
    ("freshness p99, ms", "freshness_ms.p99"),
    ("  with a large catalogue, p50, ms", "large_catalogue_ms.p50"),
    ("  with a large catalogue, p99, ms", "large_catalogue_ms.p99"),
    ("reader, CPU µs per answer", "reader.cpu_us"),
    ("  times plain Starlette", "reader.x_reference"),
    ("  mixed with what trends", "reader.fused_cpu_us"),
    ("  ranked anew", "reader.reranked_cpu_us"),
    ("  of somebody unknown", "reader.unknown_cpu_us"),
    ("  p99 at half load, ms", "reader.p99_ms"),
    ("worker, bytes per user", "memory.user_bytes"),
    ("worker, bytes per item", "memory.item_bytes"),
    ("Redis, bytes per user", "memory.redis_user_bytes"),
    ("cost at 1e6 over 1e4", "scaling.cost_1e6_over_1e4"),
    ("restore, s", "restore.median.wall_s"),
    ("exactness, % of a worker's CPU", "exactness.cost_percent"),
    ("lists fresh again after a kill, s", "recovery.unnamed.recovered_s.median"),
    ("  of a named worker that comes back", "recovery.named.recovered_s.median"),
)
"""What is shown, and where it stands in the report."""


def figure(report: Report, place: str) -> float | None:
    """The number at a dotted place, None where it was not measured."""
    found: Any = report
    for name in place.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, int | float) else None


def print_table(report: Report) -> None:
    """Rows of what was measured."""
    shown = Table("measure", title=f"Headrace {report.get('revision', '')}", title_justify="left")
    shown.add_column("figure", justify="right")
    for label, place in ROWS:
        if (number := figure(report, place)) is not None:
            shown.add_row(label, f"{number:,}")
    Console().print(shown)
