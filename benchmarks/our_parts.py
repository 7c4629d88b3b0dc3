"""Ingest and worker as `headrace run` starts them, and what they say of how far they are."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.metering import Meter
from benchmarks.tenants import variables_of
from services.ops.parts import parts_of
from services.ops.supervisor import Supervisor
from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_lag import LagReader
from shared.adapters.redis_views import ViewStore
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import partition_counts, topic_name
from shared.contracts.views import Keys

STATE_WORKER = "benchmarks.state_worker"
PATIENCE_S = 600.0
LOOK_S, LAG_S = 0.05, 0.5
ANSWER_S = 5.0


class OurParts:
    """Both processes of a tenant; the worker first, so that it holds its partitions when the first frame comes."""

    def __init__(self, stack: EmbeddedStack, settings: Settings) -> None:
        self._stack, self._settings = stack, settings
        self._said: list[str] = []
        self._parts: dict[str, Supervisor] = {}

    @contextmanager
    def running(self, worker: str | None = None, more: Mapping[str, str] | None = None) -> Iterator[Meter]:
        """Until the end of the block; the meter runs from when ingest was given the raw topics.

        ``worker`` names a module that takes the place of the worker's.
        """
        settings = self._settings
        variables = variables_of(settings, **{"HEADRACE_LOG_LEVEL": "info"} | dict(more or {}))
        taken, working = parts_of(settings, ingests=1, workers=1, reader=False, collector=False)
        if worker:
            working = replace(working, argv=[*working.argv[:-1], worker])
        with self._supervised(working, variables):
            self._wait(self._views_stand, "the worker's views do not stand")
            with self._supervised(taken, variables):
                self._wait(lambda: self._has_said(taken.name, "assigned"), "ingest was given no partitions")
                yield Meter(self._stack, self.pids())

    @contextmanager
    def _supervised(self, part: Any, variables: Mapping[str, str]) -> Iterator[None]:
        def keep(name: str, line: bytes) -> None:
            self._said.append(f"{name}: {line.decode(errors='replace')}")

        with Supervisor([part], environment=variables, on_line=keep) as supervisor:
            self._parts[part.name] = supervisor
            yield

    def pids(self) -> dict[str, int]:
        """Of ingest and worker."""
        statuses = [status for parts in self._parts.values() for status in parts.status()]
        return {status.part: status.pid for status in statuses if status.pid is not None}

    def catch_up(self) -> None:
        """Back when no record waits anywhere: in the raw topics, nor between the steps."""
        lags = LagReader(self._settings)
        try:
            zeros, deadline = 0, time.monotonic() + PATIENCE_S
            while zeros < 2:  # a record may be on its way from one topic to the next while both are asked
                zeros = zeros + 1 if not any(lag.records_behind for lag in lags.read(None)) else 0
                self._look_out(deadline, "records still wait")
                time.sleep(LAG_S)
        finally:
            lags.close()

    def applied(self) -> int:
        """Events that entered the profiles, by the worker's own count."""
        return int(self.metric("worker", "headrace_events_applied_total"))

    def metric(self, part: str, name: str, **labels: str) -> float:
        """The sum of a metric over the labels that are not given."""
        (status,) = self._parts[part].status()
        with urlopen(f"{status.url}/metrics", timeout=ANSWER_S) as answer:  # noqa: S310 - our own process
            text = answer.read().decode()
        samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
        wanted = labels.items()
        return sum(float(s.value) for s in samples if s.name == name and wanted <= s.labels.items())

    def _views_stand(self) -> bool:
        views, keys = ViewStore(self._settings.redis), Keys(self._settings)
        sizes = partition_counts(self._settings).items()
        markers = [keys.published(topic_name(self._settings, topic), n) for topic, size in sizes for n in range(size)]
        stand = None not in views.read(markers)
        views.close()
        return stand

    def _has_said(self, part: str, what: str) -> bool:
        return any(line.startswith(f"{part}:") and what in line for line in self._said)

    def _wait(self, true: Callable[[], bool], failure: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            self._look_out(deadline, failure)
            time.sleep(LOOK_S)

    def _look_out(self, deadline: float, failure: str) -> None:
        restarts = sum(status.restarts for parts in self._parts.values() for status in parts.status())
        if restarts or time.monotonic() > deadline:
            said = "\n".join(self._said[-30:])
            raise Unavailable(f"{failure}; a part started again {restarts} times\n{said}")
