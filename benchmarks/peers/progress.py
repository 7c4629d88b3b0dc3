"""What a peer's process says to the benchmark on standard output: a line of JSON at its first event, one at its last.

The CPU of a process is read by the benchmark, from the operating system, at these moments: the start of Python and of
the library is nobody's work on events.
"""

import json
import os
import sys
from dataclasses import dataclass, fields
from typing import IO, Any


@dataclass(frozen=True)
class Task:
    """Given as one argument of JSON. ``redis`` empty: no lists. ``state``: a folder for those that keep files."""

    bootstrap: str
    topics: list[str]
    partitions: int
    group: str
    events: int
    state: str = ""
    redis: str = ""
    prefix: str = ""
    history: int = 40
    pairs: int = 15
    neighbours: int = 64
    recent: int = 20
    length: int = 50
    ttl_s: int = 2_592_000


def task_given() -> Task:
    """From the command line, which is then empty: Faust reads it too."""
    known: dict[str, Any] = json.loads(sys.argv.pop(1))
    return Task(**{field.name: known[field.name] for field in fields(Task) if field.name in known})


class Progress:
    """Counts events that went all the way through."""

    def __init__(self, events: int) -> None:
        self._out, self._events = own_output(), events
        self.begun = False
        self.done = 0

    def begin(self) -> None:
        """Call before the first event."""
        if not self.begun:
            self.begun = True
            self._say({"first": True})

    def pass_on(self, events: int = 1) -> bool:
        """So many more are done; whether those were the last."""
        self.done += events
        return self.done >= self._events

    def end(self, **figures: int) -> None:
        """What was folded, so that the benchmark can see that it is all there."""
        self._say({"last": True, "events": self.done} | figures)

    def _say(self, what: dict[str, Any]) -> None:
        self._out.write(json.dumps(what) + "\n")
        self._out.flush()


def own_output() -> IO[str]:
    """Standard output for what is said here; what a library prints goes to standard error."""
    ours = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return ours
