"""Ingest and workers as `headrace run` starts them, and what they say of how far they are."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.metering import Meter, memory_of
from benchmarks.tenants import variables_of
from services.ops.part import Part
from services.ops.parts import parts_of
from services.ops.refresh import all_stand
from services.ops.supervisor import Supervisor
from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_lag import LagReader
from shared.adapters.redis_views import ViewStore
from shared.contracts.errors import Unavailable
from shared.contracts.settings import Settings

STATE_WORKER = "benchmarks.state_worker"
PATIENCE_S = 600.0
LOOK_S, LAG_S = 0.05, 0.5
ANSWER_S = 5.0


class OurParts:
    """The processes of a tenant; the workers first, so that they hold their partitions when the first frame comes."""

    def __init__(self, stack: EmbeddedStack, settings: Settings, workers: int = 1) -> None:
        self._stack, self._settings, self._workers = stack, settings, workers
        self._said: list[str] = []
        self._parts: dict[str, Supervisor] = {}

    @contextmanager
    def running(self, worker: str | None = None, more: Mapping[str, str] | None = None) -> Iterator[Meter]:
        """Until the end of the block; the meter runs from when ingest was given the raw topics.

        ``worker`` names a module that takes the place of each worker's.
        """
        settings = self._settings
        variables = variables_of(settings, **{"HEADRACE_LOG_LEVEL": "info"} | dict(more or {}))
        taken, *working = parts_of(settings, ingests=1, workers=self._workers, reader=False, collector=False)
        if worker:
            working = [replace(part, argv=[*part.argv[:-1], worker]) for part in working]
        with self._supervised("workers", working, variables):
            for part in working:
                self._wait(partial(self._has_said, part.name, "assigned"), f"{part.name} was given no partitions")
            self._wait(self._views_stand, "the workers' views do not stand")
            with self._supervised("ingest", [taken], variables):
                self._wait(partial(self._has_said, taken.name, "assigned"), "ingest was given no partitions")
                yield Meter(self._stack, self.pids())

    @contextmanager
    def _supervised(self, name: str, parts: list[Part], variables: Mapping[str, str]) -> Iterator[None]:
        def keep(name: str, line: bytes) -> None:
            self._said.append(f"{name}: {line.decode(errors='replace')}")

        with Supervisor(parts, environment=variables, on_line=keep) as supervisor:
            self._parts[name] = supervisor
            yield

    def pids(self) -> dict[str, int]:
        """Of ingest and the workers."""
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
        """Events that entered the profiles, by the workers' own count."""
        return int(self.of_workers("headrace_events_applied_total"))

    def of_workers(self, name: str, **labels: str) -> float:
        """The sum of a metric over workers and the labels that are not given."""
        return sum(_metric(status.url, name, labels) for status in self._parts["workers"].status())

    def workers_bytes(self) -> int:
        """Resident memory of all workers."""
        return sum(memory_of(status.pid) for status in self._parts["workers"].status() if status.pid is not None)

    def _views_stand(self) -> bool:
        views = ViewStore(self._settings)
        stand = all_stand(views, self._settings)
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


def _metric(url: str | None, name: str, labels: Mapping[str, str]) -> float:
    with urlopen(f"{url}/metrics", timeout=ANSWER_S) as answer:  # noqa: S310 - our own process
        text = answer.read().decode()
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    return sum(float(s.value) for s in samples if s.name == name and labels.items() <= s.labels.items())
