"""Where a process that has to go on says what it does: a full disk, a pipe nobody reads or one that is closed neither
end it nor hold it up.
"""

import os
import select
import threading
from collections.abc import Callable
from typing import TextIO

PIECE = 4096  # bytes that a pipe takes at once (PIPE_BUF) if it takes any
PATIENCE_MS = 1000  # what is full is given so long to be read, until it has once been waited for in vain


class Outlet:
    """Writes to a standard stream, each time all of it, or what it takes within a moment; keeps nothing back.

    What was left out is counted, and said by ``missing`` (a line) once the stream takes something again. None, a stream
    that was closed before the process began, takes nothing.
    """

    def __init__(self, stream: TextIO | None, missing: Callable[[int], str]) -> None:
        self._descriptor = None if stream is None else stream.fileno()
        self._encoding = "utf-8" if stream is None else stream.encoding
        self._missing = missing
        self._left_out = 0
        self._torn = False  # the last line of the stream has no end
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        """As of a text file; the text is whole lines."""
        with self._lock:
            if self._left_out:
                told = ("\n" if self._torn else "") + self._missing(self._left_out) + "\n"
                if self._put(told):
                    self._left_out = 0
            if self._left_out or not self._put(text):
                self._left_out += text.count("\n")
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def _put(self, text: str) -> bool:
        """Whether all of it was taken."""
        rest = memoryview(text.encode(self._encoding, errors="replace"))
        whole = len(rest)
        while rest and self._descriptor is not None and self._room(self._descriptor):
            try:
                rest = rest[os.write(self._descriptor, rest[:PIECE]) :]
            except OSError:
                break
        self._torn = 0 < len(rest) < whole or (self._torn and len(rest) == whole)
        return not rest

    def _room(self, descriptor: int) -> bool:
        looking = select.poll()
        looking.register(descriptor, select.POLLOUT)
        return bool(looking.poll(0 if self._left_out else PATIENCE_MS))
