"""Every test of this folder needs the embedded stack (fixtures `stack` and `settings`, in tests/conftest.py)."""

from pathlib import Path

import pytest

START_S = 900  # the first test's time includes the start of the stack, on a machine that may be busy
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.stack)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(START_S))
