"""``python -m shared.adapters.starting MODULE``: a part's process, in which nothing looks for cycles while it starts.

Hundreds of thousands of objects are made while modules are imported and kernels read, and nearly all of them stay:
looking through them again and again was a fourth of a start. A part that is built looks seldom
(:mod:`shared.adapters.garbage`).

Nor does a part that starts hold anything that wants an end of its own: a signal ends it at once, until the part has
handlers of its own.
"""

import gc
import os
import runpy
import signal
import sys
from types import FrameType

STARTING = "shared.adapters.starting"
ASKS_TO_END = (signal.SIGINT, signal.SIGTERM)


def argv_of(module: str) -> list[str]:
    """What starts a part of that module."""
    return [sys.executable, "-m", STARTING, module]


def end(_number: int, _frame: FrameType | None) -> None:
    """Asked to end; nothing that is being imported or compiled could turn it into an error of its own."""
    os._exit(0)


if __name__ == "__main__":
    for number in ASKS_TO_END:
        signal.signal(number, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKS_TO_END)
    gc.disable()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
