"""A part that is asked to end before it is built ends at once, without a traceback."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.adapters.starting import ASKS_TO_END, argv_of

PATIENCE_S = 60
STARTS = "print('imported so far', flush=True)\nimport time\ntime.sleep(600)\n"
ASKED_BEFORE = """
import os, signal, sys
from services.cli.parts import become

def asked(*arguments):
    signal.raise_signal(signal.SIGINT)
    replace(*arguments)

signal.signal(signal.SIGINT, signal.default_int_handler)
replace, os.execv = os.execv, asked
become("slow_part")
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """In which there is a part that imports for ten minutes."""
    (tmp_path / "slow_part.py").write_text(STARTS)
    return os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(tmp_path)])}


@pytest.mark.parametrize("number", ASKS_TO_END)
def test_a_signal_ends_it_while_it_imports(environment: dict[str, str], number: signal.Signals) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(argv_of("slow_part"), env=environment, stdout=pipe, stderr=pipe) as part:
        assert part.stdout is not None
        assert part.stdout.readline() == b"imported so far\n"
        part.send_signal(number)
        assert part.communicate(timeout=PATIENCE_S) == (b"", b"")
    assert part.returncode == 0


def test_one_that_comes_before_python_has_started_anew_waits(environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", ASKED_BEFORE]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=PATIENCE_S)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
