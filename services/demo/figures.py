"""Sums of the parts' Prometheus metrics, read from /metrics as any monitoring would."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

TIMEOUT_S = 3.0


@dataclass(frozen=True)
class Figures:
    """Counters since the parts started."""

    taken: int = 0
    applied: int = 0
    duplicates: int = 0
    dead: int = 0
    lists: int = 0
    tries: int = 0
    hits: int = 0
    popular_hits: int = 0

    @property
    def hit_rate(self) -> float | None:
        return self.hits / self.tries if self.tries else None

    @property
    def popularity_hit_rate(self) -> float | None:
        return self.popular_hits / self.tries if self.tries else None


def answers(url: str) -> bool:
    """Whether a part listens there: a reader does once its kernels are compiled."""
    try:
        with urlopen(f"{url}/healthz", timeout=TIMEOUT_S):  # noqa: S310 - our own parts
            return True
    except (URLError, TimeoutError, ConnectionError):
        return False


def read_figures(urls: Iterable[str]) -> Figures | None:
    """The sum over the parts; None while one does not answer."""
    sums: dict[str, float] = {}
    for url in urls:
        try:
            with urlopen(f"{url}/metrics", timeout=TIMEOUT_S) as answer:  # noqa: S310 - our own parts
                text = answer.read().decode()
        except (URLError, TimeoutError, ConnectionError):
            return None
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                label = sample.labels.get("view") or sample.labels.get("list") or ""
                for name in (sample.name, f"{sample.name}:{label}"):
                    sums[name] = sums.get(name, 0.0) + sample.value
    return Figures(
        taken=int(sums.get("headrace_events_in_total", 0)),
        applied=int(sums.get("headrace_events_applied_total", 0)),
        duplicates=int(sums.get("headrace_events_duplicate_total", 0)),
        dead=int(sums.get("headrace_events_dead_total", 0)),
        lists=int(sums.get("headrace_lists_total:rec", 0)),
        tries=int(sums.get("headrace_hit_trials_total", 0)),
        hits=int(sums.get("headrace_hits_total:personal", 0)),
        popular_hits=int(sums.get("headrace_hits_total:popular", 0)),
    )
