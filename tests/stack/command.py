"""The command `headrace` as a user starts it, in a home of its own, and what it leaves behind."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

from services.stack.embedded import default_home, default_jars

PATIENCE_S = 600.0
# a job in the background is born deaf to Ctrl-C, and so would be its children
_PROGRAM = """
import signal
from services.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


def headrace(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Started on ``home``, with the jars that `headrace up` has fetched here and no settings of ours."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEADRACE_")}
    environment |= {"HEADRACE_HOME": str(home), "HEADRACE_JARS": str(default_jars(default_home()))}
    argv = [sys.executable, "-c", _PROGRAM, *arguments]
    return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def left_over(home: Path) -> list[str]:
    """Processes that were started for this home, wherever they hang now."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HEADRACE_HOME") == str(home):
                found.append(" ".join(process.cmdline())[:200])
        except psutil.Error:
            continue
    return found
