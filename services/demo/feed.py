"""Sends the demo's events at their rate on a thread of its own, and follows some of them to the lists."""

import threading
import time
from collections.abc import Iterator

from services.demo.probe import Probes
from services.producers.publishing import Publisher
from services.producers.records import UNPACED, Outgoing

FOLLOW_EVERY_S = 0.05
NAP_S = 0.005


class Feed(threading.Thread):
    """Sends for ``seconds`` (None: to the end); ``stop`` ends it sooner. An error is kept and raised by
    :meth:`result`.
    """

    def __init__(
        self, publisher: Publisher, events: Iterator[Outgoing], rate: float, probes: Probes, seconds: float | None
    ) -> None:
        super().__init__(name="feed", daemon=True)
        self._publisher, self._events, self._rate, self._probes = publisher, events, rate, probes
        self._seconds = float("inf") if seconds is None else seconds
        self._halt = threading.Event()
        self._error: BaseException | None = None
        self._look_at = 0.0
        self.sent = 0
        self.finished = False

    def run(self) -> None:
        try:
            self._send()
            self._publisher.flush()
            while self._probes.waiting:
                time.sleep(NAP_S)
                self._probes.look()
        except BaseException as error:  # noqa: BLE001 - told by result()
            self._error = error
        self.finished = True

    def _send(self) -> None:
        start = time.monotonic()
        follow_at = start
        for message in self._events:
            paced = message.at != UNPACED
            if paced:
                self._wait(start + self.sent / self._rate)
            if self._halt.is_set() or time.monotonic() - start >= self._seconds:
                return
            if paced and time.monotonic() >= follow_at:
                follow_at = time.monotonic() + FOLLOW_EVERY_S
                self._probes.follow(message)
            self._publisher.send(message)
            self.sent += paced

    def _wait(self, until: float) -> None:
        """Until the event is due, or late events have piled up; the lists are read every few milliseconds."""
        while True:
            now = time.monotonic()
            if now >= self._look_at:
                self._look_at = now + NAP_S
                self._probes.look()
            if now >= until or self._halt.is_set():
                return
            time.sleep(min(NAP_S, until - now))

    def stop(self) -> None:
        """No more events; waits for the last lists."""
        self._halt.set()

    def result(self) -> int:
        """Events sent; raises what went wrong."""
        if self._error is not None:
            raise self._error
        return self.sent
