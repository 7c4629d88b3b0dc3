"""Settings of a pod."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.contracts.settings import Settings, load_settings

Load = Callable[[dict[str, str]], Settings]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """The settings of a pod with these variables and no others."""
    monkeypatch.chdir(tmp_path)

    def loaded(variables: dict[str, str]) -> Settings:
        for variable in [v for v in os.environ if v.startswith("HEADRACE_")]:
            monkeypatch.delenv(variable)
        for variable, value in variables.items():
            monkeypatch.setenv(variable, value)
        return load_settings()

    return loaded
