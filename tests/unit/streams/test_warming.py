import json
import subprocess
import sys

import pytest

from shared.contracts.settings import load_settings
from shared.core.kernel import Floats
from shared.core.learning.safety import Safety
from shared.core.warming import compile_kernels


def test_no_kernel_is_compiled_once_events_flow() -> None:
    """In a process of its own: here, other tests have compiled kernels for types of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.streams.late_kernels"], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert found["late"] == []
    assert min(found["applied"].values()) > 5


def test_ingest_compiles_nothing_once_events_flow() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.streams.late_ingest_kernels"], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert found["late"] == []
    assert found["sent"] > 5


def test_the_example_that_is_learned_is_judged_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """One in twenty is: a worker may run for a while before it meets the first."""
    judged: list[Floats] = []
    monkeypatch.setattr(Safety, "_learn", lambda _, ranks: judged.append(ranks))
    compile_kernels(load_settings())
    assert len(judged) == 1


def test_a_worker_loads_of_river_only_what_it_uses() -> None:
    """With the package of all its detectors come scipy.stats and data sets: a second, which each start would take."""
    code = (
        "import streams.app, sys; from shared.core.warming import compile_kernels;"
        "from shared.contracts.settings import load_settings; compile_kernels(load_settings());"
        "print([name for name in sys.modules if name.startswith(('river.', 'scipy.stats'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "river.base" in done.stdout
    assert "river.drift" not in done.stdout
    assert "scipy.stats" not in done.stdout
