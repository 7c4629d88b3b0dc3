"""The key numbers of this reader and of the write path before it: for the page at ``/`` and for a quick look."""

from typing import Any

from services.reader.store.views import Views
from shared.adapters.metrics import IMPRESSIONS_DROPPED, READER_ERRORS, READER_LATENCY
from shared.contracts.errors import Unavailable
from shared.contracts.pulse import decode_pulse
from shared.contracts.views import Keys


def numbers() -> dict[str, Any]:
    """Answers by source, degraded ones, dropped impressions, and the latency's p50 and p99 in milliseconds."""
    counts: dict[str, int] = {}
    buckets: dict[float, float] = {}
    for sample in (s for family in READER_LATENCY.collect() for s in family.samples):
        if sample.name.endswith("_count"):
            counts[sample.labels["source"]] = int(sample.value)
        elif sample.name.endswith("_bucket"):
            le = float(sample.labels["le"])
            buckets[le] = buckets.get(le, 0.0) + sample.value
    return {
        "answers": counts,
        "latency_ms": {"p50": quantile(buckets, 0.50), "p99": quantile(buckets, 0.99)},
        "degraded": _total(READER_ERRORS),
        "impressions_dropped": _total(IMPRESSIONS_DROPPED),
    }


async def write_path(views: Views, keys: Keys, partitions: int) -> dict[str, Any] | None:
    """How the workers say they are, together: None if none of them has said anything for a while."""
    try:
        found = await views.get(*map(keys.pulse, range(partitions)))
    except Unavailable:
        return None
    pulses = [pulse for raw in found if raw is not None and (pulse := decode_pulse(raw)) is not None]
    if not pulses:
        return None
    buckets: dict[float, float] = {}
    for edge, count in (entry for pulse in pulses for entry in pulse.freshness.items()):
        buckets[float(edge)] = buckets.get(float(edge), 0.0) + count
    return {
        "applied": sum(pulse.applied for pulse in pulses),
        "behind": sum(pulse.behind for pulse in pulses),
        "freshness_ms": {"p50": quantile(buckets, 0.50), "p99": quantile(buckets, 0.99)},
    }


def quantile(buckets: dict[float, float], q: float) -> float | None:
    """Milliseconds below which a share ``q`` of the observations lies, linear within its bucket (as Prometheus)."""
    edges = sorted(buckets.items())
    total = edges[-1][1] if edges else 0.0
    low, below = 0.0, 0.0
    for edge, up_to in edges:
        if total and up_to >= q * total:
            high = low if edge == float("inf") else edge
            share = (q * total - below) / (up_to - below) if up_to > below else 1.0
            return round(1000 * (low + (high - low) * share), 3)
        low, below = edge, up_to
    return None


def _total(metric: Any) -> int:
    return int(sum(s.value for family in metric.collect() for s in family.samples if s.name.endswith("_total")))
