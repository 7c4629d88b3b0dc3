import json
import subprocess
import sys


def test_no_kernel_is_compiled_once_requests_come() -> None:
    """In a process of its own: here, other tests have compiled kernels for types of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.reader.late_kernels"], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["late"] == []
    assert found["rules"] == {"count": 6, "wrong": ""}
    assert min(map(len, found["answered"])) >= 1
