import json
import subprocess
import sys


def test_no_kernel_is_compiled_once_events_flow() -> None:
    """In a process of its own: here, other tests have compiled kernels for types of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.streams.late_kernels"], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert found["late"] == []
    assert min(found["applied"].values()) > 5
