"""Programs that stand for parts, and whether one is gone."""

import psutil

SLEEPS = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS


def gone(pid: int) -> bool:
    """Not running; a zombie waits for its parent only."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
