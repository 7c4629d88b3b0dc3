"""The demo: stack, parts, events; gathers what there is to show; ends with a summary."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import redis

from services.demo.feed import Feed
from services.demo.figures import Figures, answers, read_figures
from services.demo.probe import Probes
from services.demo.screen import SHOWN, Scene
from services.demo.source import Source
from services.ops.supervisor import Supervisor
from services.producers.pacing import Pace
from services.producers.publishing import Publisher, connect
from shared.adapters.kafka_lag import LagReader
from shared.contracts.errors import HeadraceError, Unavailable
from shared.contracts.settings import Settings
from shared.contracts.views import Keys, decode_item_view, decode_view

READY_S = 300.0
DRAIN_S = 120.0
EVERY_S = 1.0


class NothingChanged(HeadraceError):  # noqa: N818 - what happened, said as one
    """The demo ran and no list changed because of an event."""


@dataclass(frozen=True)
class Plan:
    """``seconds`` None: until stopped, or the source's end."""

    seconds: float | None
    rate: float
    log: Path


class Demo:
    """Over a running stack and running parts."""

    def __init__(
        self, plan: Plan, settings: Settings, source: Source, parts: Supervisor, show: Callable[[Scene], None]
    ) -> None:
        self._plan, self._settings, self._source, self._parts, self._show = plan, settings, source, parts, show
        self._redis = redis.Redis.from_url(settings.redis.url, socket_timeout=5)
        self._keys = Keys(settings)
        self._probes = Probes(self._redis, settings)
        self._scene = Scene(source.name, "")
        self._base = Figures()

    def run(self) -> dict[str, Any]:
        """Publish, watch, drain; the summary."""
        with closing(connect(self._settings)) as publisher, closing(LagReader(self._settings)) as lags:
            self._make_ready(publisher)
            feed = Feed(publisher, self._source.events, self._plan.rate, self._probes, self._plan.seconds)
            started = time.monotonic()
            feed.start()
            try:
                self._watch(feed, lags, started)
            finally:
                feed.stop()
            feed.join()
            sent = feed.result()
            self._drain(lags)
            return self._summary(sent, time.monotonic() - started, publisher)

    def _make_ready(self, publisher: Publisher) -> None:
        """Publish the catalogue and the first event; ready is when its user has a list, and the reader answers."""
        self._tell("publishing the catalogue")
        publisher.send_all(self._source.catalogue, Pace(), 0)
        self._send_first(publisher)
        self._tell("waiting for the first list (the first time on a machine, kernels are compiled)")
        deadline = time.monotonic() + READY_S
        while not self._is_ready():
            self._probes.look()
            self._check_parts(deadline)
            time.sleep(0.05)
        self._probes.seconds.clear()
        self._probes.changes = 0
        self._base = self._figures() or Figures()
        url, first = self._reader(), self._probes.last
        self._scene.url = f"{url}/#{quote(first.user)}" if first else f"{url}/"
        self._tell(f"one user's list, live: {self._scene.url}")

    def _send_first(self, publisher: Publisher) -> None:
        """Events up to one that shows in a list; it is waited for as long as the parts may take to start."""
        for message in self._source.events:
            self._probes.follow(message, READY_S)
            publisher.send(message)
            if self._probes.waiting:
                publisher.flush()
                return
        raise HeadraceError(f"{self._source.name}: no event has a user and an item")

    def _check_parts(self, deadline: float) -> None:
        down = [s for s in self._parts.status() if s.state == "down"]
        if down:
            raise HeadraceError(f"{down[0].part} ended with status {down[0].exit_status}; see {self._plan.log}")
        if time.monotonic() > deadline:
            raise HeadraceError(f"no list within {READY_S:.0f} s; see {self._plan.log}")

    def _is_ready(self) -> bool:
        url = self._reader()
        return bool(self._probes.seconds and url) and self._figures() is not None and answers(url)

    def _reader(self) -> str:
        """Where it is."""
        return next(s.url or "" for s in self._parts.status() if s.part == "reader")

    def _figures(self) -> Figures | None:
        urls = [s.url for s in self._parts.status() if s.part.startswith(("ingest", "worker"))]
        if any(url is None for url in urls):
            return None
        return read_figures(url for url in urls if url)

    def _tell(self, stage: str) -> None:
        self._scene.stage = stage
        self._show(self._scene)

    def _watch(self, feed: Feed, lags: LagReader, started: float) -> None:
        last = self._base.applied
        last_at = started
        while not feed.finished:
            time.sleep(EVERY_S)
            now = time.monotonic()
            scene = self._scene
            figures = self._figures() or scene.figures
            scene.events_per_s = max(0, figures.applied - last) / (now - last_at)
            last, last_at = figures.applied, now
            scene.elapsed_s, scene.sent, scene.figures = now - started, feed.sent, figures
            scene.lag = _behind(lags)
            scene.p50_ms, scene.p99_ms = self._probes.percentile(0.5), self._probes.percentile(0.99)
            self._gather_lists()
            self._show(scene)

    def _gather_lists(self) -> None:
        scene = self._scene
        raw = self._redis.get(self._keys.trending("all"))
        scene.trending = decode_view(raw).items[:SHOWN] if isinstance(raw, bytes) else []
        scene.change = self._probes.last
        shown = set(scene.trending)
        if scene.change:
            before = scene.change.before.items[:SHOWN] if scene.change.before else []
            shown |= {scene.change.item, *before, *scene.change.after.items[:SHOWN]}
        names = sorted(shown)
        for item, payload in zip(names, self._redis.mget([self._keys.item(i) for i in names]), strict=True):
            scene.titles[item] = decode_item_view(payload).title if isinstance(payload, bytes) else ""
        if len(scene.titles) > 10_000:
            scene.titles.clear()

    def _drain(self, lags: LagReader) -> None:
        deadline = time.monotonic() + DRAIN_S
        while (behind := _behind(lags)) != 0 and time.monotonic() < deadline:
            time.sleep(0.2)
        self._scene.lag = behind
        time.sleep(0.3)  # the last lists' tick

    def _summary(self, sent: int, seconds: float, publisher: Publisher) -> dict[str, Any]:
        figures = self._figures() or self._scene.figures
        if publisher.undelivered:
            raise HeadraceError(f"{sum(publisher.undelivered.values())} events were not delivered to Kafka")
        if not self._probes.changes:
            raise NothingChanged(f"{sent} events were sent and no list changed; see {self._plan.log}")
        return {
            "events": sent,
            "events_per_s": round((figures.applied - self._base.applied) / seconds, 1),
            "lists": figures.lists,
            "freshness_ms": {
                "p50": round(self._probes.percentile(0.5), 1),
                "p99": round(self._probes.percentile(0.99), 1),
            },
            "dead_letters": figures.dead,
            "hit_rate_20": _rounded(figures.hit_rate),
            "popularity_hit_rate_20": _rounded(figures.popularity_hit_rate),
            "changed_lists_seen": self._probes.changes,
            "lag": self._scene.lag,
        }


def _behind(lags: LagReader) -> int | None:
    """Records that wait; None when the broker is too busy to say."""
    try:
        found = lags.read(None)
    except Unavailable:
        return None
    return sum(lag.records_behind for lag in found)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
