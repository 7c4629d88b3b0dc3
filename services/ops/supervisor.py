"""Keeps the parts of one machine running: starts, restarts with growing waits, stops within a deadline.

One thread starts the processes, reads what they print and sees them end; it lives as long as they do. Exit status 78
means that a person must decide: that part stays down, the others go on. Nothing outlives the supervisor: see
:mod:`services.ops.child` and :mod:`services.ops.watchdog`.
"""

import os
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from services.ops.backoff import Backoff
from services.ops.part import Part, Run
from services.ops.status import Happened, Status
from services.ops.watchdog import Watchdog
from shared.contracts.errors import EXIT_NEEDS_A_PERSON

TICK_S = 0.05
EVENTS_KEPT = 1000
SIGNALS_EVERY_S = 0.2  # a signal that comes just before a wait for a lock begins is handled when that wait ends


class _Kept:
    """The book on one part. One thread writes it; ``status`` is replaced whole, so that others may read."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.run: Run | None = None
        self.status = Status(part.name)
        self.due = 0.0  # monotonic time of the next start
        self.started = 0.0
        self.deaths = 0  # in a row


class Supervisor:
    """``start()``, then ``wait()`` or ``stop()``, from any thread; ``with`` does both."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        environment: Mapping[str, str] | None = None,
        backoff: Backoff | None = None,
        deadline_s: float = 15.0,
        on_line: Callable[[str, bytes], None] | None = None,
        on_event: Callable[[Happened], None] | None = None,
        on_change: Callable[[list[Status]], None] | None = None,
    ) -> None:
        """``on_line(part, line)``, ``on_event`` and ``on_change(statuses)`` are called on the supervisor's thread;
        what they raise stops everything and is raised again by :meth:`wait` and :meth:`stop`.
        """
        self._kept = [_Kept(part) for part in parts]
        self._environment = dict(os.environ if environment is None else environment)
        self._backoff = backoff or Backoff()
        self._deadline_s = deadline_s
        self._on_line, self._on_event, self._on_change = on_line, on_event, on_change
        self._selector = selectors.DefaultSelector()
        self._deadlines: list[float] = []  # appended to from any thread, and from within a signal's handler
        self._error: BaseException | None = None
        self._events: deque[Happened] = deque(maxlen=EVENTS_KEPT)
        self._thread = threading.Thread(target=self._live, name="supervisor")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._thread.start()

    def status(self) -> list[Status]:
        return [kept.status for kept in self._kept]

    def events(self) -> list[Happened]:
        """The last events, oldest first; bounded."""
        return list(self._events)

    @property
    def exit_status(self) -> int:
        """78 if a part stays down for a person to decide, else 0."""
        return EXIT_NEEDS_A_PERSON if any(status.state == "down" for status in self.status()) else 0

    @property
    def ended(self) -> bool:
        """Whether it keeps nothing any more: :meth:`wait` returns at once, or raises what stopped it."""
        return not self._thread.is_alive()

    def ask_to_stop(self, deadline_s: float | None = None) -> None:
        """Begin to stop, or bring the deadline forward; returns at once (a signal handler may call it)."""
        self._deadlines.append(time.monotonic() + (self._deadline_s if deadline_s is None else deadline_s))

    def stop(self, deadline_s: float | None = None) -> int:
        """End every part; the exit status."""
        self.ask_to_stop(deadline_s)
        return self.wait()

    def wait(self) -> int:
        """Until all parts are stopped or down; the exit status."""
        while self._thread.is_alive():
            self._thread.join(SIGNALS_EVERY_S)
        if self._error is not None:
            raise self._error
        return self.exit_status

    def _live(self) -> None:
        with self._selector, Watchdog(self._deadline_s) as watchdog:
            try:
                while not self._deadlines and any(kept.status.state != "down" for kept in self._kept):
                    self._start_due(watchdog)
                    self._read()
                    self._see_ends(watchdog)
            except OSError as error:  # no process can be started
                self._error = error
            self._end_all(watchdog)

    def _start_due(self, watchdog: Watchdog) -> None:
        for kept in self._kept:
            if kept.status.state == "waiting" and time.monotonic() >= kept.due:
                kept.run, kept.started = Run(kept.part, self._environment), time.monotonic()
                watchdog.watch(kept.run.pid)
                self._selector.register(kept.run.output, selectors.EVENT_READ, kept)
                self._change(kept, "started", kept.run.url or "", state="running", pid=kept.run.pid, url=kept.run.url)

    def _read(self) -> None:
        if not self._selector.get_map():
            time.sleep(TICK_S)
            return
        for key, _ in self._selector.select(TICK_S):
            self._print(key.data)

    def _print(self, kept: _Kept) -> bool:
        """Pass on what a part printed; whether it may have printed more."""
        assert kept.run is not None
        if kept.run.at_end:
            return False
        lines, more = kept.run.read()
        if kept.run.at_end:
            self._selector.unregister(kept.run.output)
        for line in lines:
            self._call(self._on_line, kept.part.name, line)
        return more

    def _see_ends(self, watchdog: Watchdog) -> None:
        for kept in self._kept:
            if kept.run is None or (code := kept.run.ended()) is None:
                continue
            while self._print(kept):
                pass
            if not kept.run.at_end:
                self._selector.unregister(kept.run.output)
            watchdog.forget(kept.run.pid)
            kept.run.close()
            kept.run = None
            self._after_end(kept, code)

    def _after_end(self, kept: _Kept, code: int) -> None:
        kept.deaths = self._backoff.deaths(kept.deaths, time.monotonic() - kept.started)
        how = f"exit status {code}" if code >= 0 else f"ended by signal {-code}"
        if code == EXIT_NEEDS_A_PERSON:
            self._change(kept, "down", f"{how}: it stays down until a person decides", state="down", exit_status=code)
        elif self._deadlines:
            self._change(kept, "ended", how, state="stopped", exit_status=code)
        else:
            wait = self._backoff.wait(kept.deaths)
            kept.due = time.monotonic() + wait
            again = f"{how}; starts again in {wait:g} s"
            self._change(kept, "ended", again, state="waiting", exit_status=code, restarts=kept.status.restarts + 1)

    def _end_all(self, watchdog: Watchdog) -> None:
        self.ask_to_stop()
        running = [kept for kept in self._kept if kept.run is not None]
        for kept in running:
            assert kept.run is not None
            kept.run.ask_to_end()
            self._tell("stopping", kept, "")
        killed = False
        while any(kept.run for kept in self._kept):
            self._read()
            self._see_ends(watchdog)
            if not killed and time.monotonic() >= min(self._deadlines):
                killed = True
                self._kill_rest()
        for kept in self._kept:
            if kept.status.state == "waiting":
                kept.status = replace(kept.status, state="stopped")
        self._call(self._on_change, self.status())

    def _kill_rest(self) -> None:
        for kept in self._kept:
            if kept.run is not None:
                kept.run.kill()
                self._tell("killed", kept, "it did not end in time")

    def _change(self, kept: _Kept, what: str, detail: str, **fields: Any) -> None:
        pid = kept.status.pid if kept.run is None else kept.run.pid
        kept.status = replace(kept.status, **({"pid": None} | fields))
        self._tell(what, kept, detail, pid)
        self._call(self._on_change, self.status())

    def _tell(self, what: str, kept: _Kept, detail: str, pid: int | None = None) -> None:
        event = Happened(what, kept.part.name, pid or kept.status.pid, detail)
        self._events.append(event)
        self._call(self._on_event, event)

    def _call(self, callback: Callable[..., None] | None, *arguments: object) -> None:
        """After the first error nothing more is told: what is left is to end the parts."""
        if callback is None or self._error is not None:
            return
        try:
            callback(*arguments)
        except Exception as error:  # noqa: BLE001 - wait() raises it again once nothing is left running
            self._error = error
            self.ask_to_stop()
