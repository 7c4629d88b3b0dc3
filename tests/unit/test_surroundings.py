"""Tests mean the same wherever they run."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_settings_of_whoever_runs_them_do_not_matter() -> None:
    """With a Kafka of their own, a tenant or a headrace.toml in the folder, some had failed."""
    theirs = {"HEADRACE_LISTS_LENGTH": "5", "HEADRACE_TENANT": "theirs", "HEADRACE_CONFIG": "nowhere.toml"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/ops/test_settings_text.py"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | theirs, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
