"""A host that a test turns by hand."""

import pytest

from streams.hosting import host


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not pause with nothing to do."""
    monkeypatch.setattr(host, "IDLE_S", 0.001)
