"""``python -m shared.adapters.starting MODULE``: a part's process, in which nothing looks for cycles while it starts.

Hundreds of thousands of objects are made while modules are imported and kernels read, and nearly all of them stay:
looking through them again and again was a fourth of a start. A part that is built looks seldom
(:mod:`shared.adapters.garbage`).
"""

import gc
import runpy
import sys

STARTING = "shared.adapters.starting"


def argv_of(module: str) -> list[str]:
    """What starts a part of that module."""
    return [sys.executable, "-m", STARTING, module]


if __name__ == "__main__":
    gc.disable()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
