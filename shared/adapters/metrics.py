"""Prometheus metrics of every part, in one place, so that a name means the same everywhere. No user id is a label."""

import prometheus_client
from prometheus_client import Counter, Gauge, Histogram

from shared.adapters.bulk_histogram import BulkHistogram
from shared.contracts.errors import Unavailable
from shared.contracts.sections import MetricsSettings

_SECONDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300)
_ANSWER_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1)

EVENTS_IN = Counter("headrace_events_in", "raw records taken by ingest", ["topic"])
EVENTS_DEAD = Counter("headrace_events_dead", "raw records sent to dead-letter", ["reason"])
EVENTS_LOST = Counter("headrace_events_lost", "raw records that the broker gave up before ingest took them", ["topic"])
EVENTS_APPLIED = Counter("headrace_events_applied", "events that entered the profiles", ["type"])
EVENTS_DUPLICATE = Counter("headrace_events_duplicate", "events dropped as repeats", ["how"])
EVENTS_BOT = Counter("headrace_events_bot", "events applied to the history, not learned: too many of one user")
FRAMES = Counter("headrace_frames", "frames, deltas and tops records processed", ["step"])
LISTS = Counter("headrace_lists", "views written", ["view"])
STALE_VIEWS = Counter("headrace_views_stale", "writes refused since a newer view stood there", ["view"])
FRESHNESS = BulkHistogram(
    "headrace_freshness_seconds", "from the raw record in Kafka to the user's list in Redis", _SECONDS
)
STATE_SIZE = Gauge("headrace_state", "users or items held", ["step", "partition", "what"])
HIT_TRIALS = Counter("headrace_hit_trials", "events on an item new to a user who had a published list")
HITS = Counter("headrace_hits", "of those, the item was among the first 20 of that list", ["list"])
RERANKED = Counter("headrace_reader_reranked", "lists ranked when they were read, by how that ended", ["end"])
EXAMPLES_MISSED = Counter("headrace_examples_missed", "choices that were no candidates, so taught the ranker nothing")
LEARNED = Gauge("headrace_ranker_examples", "choices that the ranker has learned from")
DRIFTS = Gauge("headrace_ranker_drifts", "times that behaviour changed: the ranker's horizon was shortened")
SHADOW = Gauge(
    "headrace_ranker_shadow", "mean reciprocal rank of choices on the shadow sample, of contenders and sources", ["of"]
)
PUBLISHED = Gauge("headrace_ranker_published", "1: what ranks; 0: what does not", ["of"])
CHECKPOINTS = Counter("headrace_checkpoints", "states saved", ["step"])
CHECKPOINT_BYTES = Counter("headrace_checkpoint_bytes", "bytes of states saved: only what changed", ["step"])
LAG_RECORDS = Gauge("headrace_lag_records", "records behind the end of the log", ["topic", "partition"])
READER_LATENCY = Histogram(
    "headrace_reader_seconds", "time of an answer by its source", ["source"], buckets=_ANSWER_SECONDS
)
READER_ERRORS = Counter("headrace_reader_degraded", "answers given without Redis", ["why"])
RULES_WRONG = Gauge("headrace_reader_rules_wrong", "1: the file of rules is wrong, older rules hold")
IMPRESSIONS_DROPPED = Counter("headrace_impressions_dropped", "answers not logged: the queue was full")
COLLECTED = Counter("headrace_collected", "events accepted by the collector", ["type"])
REFUSED = Counter("headrace_collector_refused", "events refused by the collector", ["reason"])


def serve_metrics(settings: MetricsSettings) -> int:
    """Serve /metrics on a thread of its own; returns the port (a free one for port 0). Raises :class:`Unavailable`."""
    try:
        server, _ = prometheus_client.start_http_server(settings.port, settings.host)
    except OSError as error:
        why = error.strerror or str(error)
        raise Unavailable(f"cannot serve /metrics on {settings.host}:{settings.port}: {why}") from error
    return int(server.server_port)
