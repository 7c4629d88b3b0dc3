"""Builds the next generation from the log's beginning, beside the one that serves.

Its workers are told, when they are started and by a key in Redis that this process renews, to publish nothing until
they have caught up; a key that is lost is not taken for the word to publish. Then they publish everything, rows before
lists; each key is replaced by the first write of the later generation, and the earlier generation's writes are refused
from there on.
"""

import os
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from typing import Self

from services.ops.parts import parts_of
from services.ops.refresh import markers_of, missing
from services.ops.supervisor import Supervisor
from shared.adapters.kafka_lag import LagReader
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.redis_views import ViewStore, need_redis
from shared.contracts.errors import NeedsAPerson, Unavailable
from shared.contracts.settings import Settings
from shared.contracts.topics import WORKER, group_name
from shared.contracts.views import HELD, HELD_S, HOLD, PUBLISH, Keys

LOOK_S = 0.5
PATIENCE_S = 120.0  # Kafka may be away for so long
CAUGHT_UP = 20  # records behind, with events still coming

Progress = Callable[[int, int], None]


class Rebuild:
    """``settings`` are those of the generation that serves. ``with`` it: its workers end with it."""

    def __init__(self, settings: Settings, workers: int, on_line: Callable[[str, bytes], None]) -> None:
        need_redis(settings)
        self.settings = settings.model_copy(update={"generation": settings.generation + 1})
        self._views, self._keys = ViewStore(settings), Keys(self.settings)
        ensure_topics(self.settings)
        parts = parts_of(settings, ingests=0, workers=workers, reader=False, collector=False)
        environment = os.environ | {"HEADRACE_GENERATION": str(self.settings.generation), "HEADRACE_METRICS_PORT": "0"}
        held = [replace(part, argv=[*part.argv, HELD]) for part in parts]
        self._workers = Supervisor(held, environment=environment, on_line=on_line)

    def __enter__(self) -> Self:
        self._tell(HOLD)
        self._workers.start()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._workers.stop()
        finally:
            self._tell(PUBLISH)  # workers of the generation that somebody else started do not wait
            self._views.close()

    def catch_up(self, progress: Progress) -> None:
        """Returns when the workers have folded the log; ``progress`` hears (records folded, of all). A broker that is
        away for a while does not end it: the workers go on, too.
        """
        with closing(LagReader(self.settings)) as lag:
            self._catch_up(lag, progress)

    def _catch_up(self, reader: LagReader, progress: Progress) -> None:
        behind, heard = CAUGHT_UP + 1, time.monotonic()
        while behind > CAUGHT_UP:
            self._look()
            self._tell(HOLD)
            try:
                mine = [lag for lag in reader.read(None) if lag.group == group_name(self.settings, WORKER)]
            except Unavailable:
                if time.monotonic() - heard > PATIENCE_S:
                    raise
                continue
            heard = time.monotonic()
            behind, total = sum(lag.records_behind for lag in mine), sum(lag.end for lag in mine)
            progress(total - behind, total)

    def publish(self, progress: Progress) -> None:
        """Have everything published; returns when it stands. ``progress`` hears (partitions, of all).

        Markers of an earlier rebuild of this generation do not tell of what was folded since.
        """
        markers = markers_of(self.settings)
        self._views.erase(markers)
        standing = 0
        while standing < len(markers):
            self._tell(PUBLISH)
            self._look()
            standing = len(markers) - len(missing(self._views, markers))
            progress(standing, len(markers))

    def wait(self, seconds: float) -> None:
        """The workers go on meanwhile, also one that starts anew: it was told to publish nothing when it was started.
        A Redis that is away does not end it, as it ends none of them for good.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._look()
            with suppress(Unavailable):
                self._tell(PUBLISH)

    def _tell(self, word: bytes) -> None:
        """Told again and again: Redis may lose it."""
        self._views.mark(self._keys.rebuilding(), word, HELD_S)

    def _look(self) -> None:
        """A moment's pause; :class:`NeedsAPerson` if a worker will not be started again, or what ended them all."""
        time.sleep(LOOK_S)
        if self._workers.ended:
            self._workers.wait()
        if self._workers.exit_status:
            raise NeedsAPerson(f"a worker of generation {self.settings.generation} ended and needs a person: see above")
