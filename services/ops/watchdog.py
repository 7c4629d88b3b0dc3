"""Ends process groups whose supervisor was killed: reads ``+group`` and ``-group`` lines, acts at end of file.

The kernel's signal at a parent's death reaches only direct children, and only as SIGTERM. The watchdog sees the same
death as the end of its standard input, gives what is left a moment, and then kills whole groups.
Runs isolated (``-I -S``), so it imports the standard library only.
"""

import os
import signal
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

POLL_S = 0.05


class Watchdog:
    """The supervisor's end of it. ``with`` keeps it; leaving lets it act on what was not forgotten, and waits."""

    def __init__(self, grace_s: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, str(grace_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def watch(self, group: int) -> None:
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()


def signal_group(group: int, number: int) -> bool:
    """Signal a process group (0: only ask); whether there is one."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def end_groups(groups: set[int], grace_s: float) -> None:
    """SIGTERM, up to ``grace_s``, SIGKILL."""
    for group in groups:
        signal_group(group, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while any(signal_group(group, 0) for group in groups) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    for group in groups:
        signal_group(group, signal.SIGKILL)


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
    end_groups(groups, float(sys.argv[1]))


if __name__ == "__main__":
    main()
