"""The Makefile and deploy/python.sh where users have wishes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WISHES = {
    "PIP_USER": "1",
    "PIP_TARGET": "elsewhere",
    "PIP_REQUIRE_HASHES": "1",
    "UV_SYSTEM_PYTHON": "1",
    "UV_PYTHON": "another",
}


def seen_by_recipes(tmp_path: Path, **more: str) -> dict[str, str]:
    """The environment in which the Makefile runs what it runs."""
    (tmp_path / "show.mk").write_text("show:\n\t@env\n")
    kept = {name: value for name, value in os.environ.items() if name not in ("UV_CACHE_DIR", "XDG_CACHE_HOME")}
    done = subprocess.run(
        ["make", "--no-print-directory", "-f", "Makefile", "-f", str(tmp_path / "show.mk"), "show"],
        cwd=ROOT,
        env=kept | more,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def test_what_is_wished_of_other_environments_is_not_heard(tmp_path: Path) -> None:
    """`UV_SYSTEM_PYTHON=1`, which images of containers set, sent the locked packages into the system's Python."""
    seen = seen_by_recipes(tmp_path, **WISHES, PIP_INDEX_URL="a mirror", HOME=str(tmp_path))
    assert not seen.keys() & WISHES.keys()
    assert seen["PIP_INDEX_URL"] == "a mirror"
    assert "UV_NO_CACHE" not in seen


def test_a_home_that_cannot_be_written_is_no_end(tmp_path: Path) -> None:
    """uv had ended at its cache."""
    no_folder = tmp_path / "file"
    no_folder.touch()
    assert seen_by_recipes(tmp_path, HOME=str(no_folder))["UV_NO_CACHE"] == "1"
    assert "UV_NO_CACHE" not in seen_by_recipes(tmp_path, HOME=str(no_folder), UV_CACHE_DIR=str(tmp_path))


@pytest.mark.parametrize("folder", ["plain", "with a blank"])
def test_the_python_that_is_asked_for_is_taken(tmp_path: Path, folder: str) -> None:
    python = tmp_path / folder / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    environment = os.environ | {"PYTHON": str(python)}
    script = ["bash", str(ROOT / "deploy" / "python.sh")]
    assert subprocess.run(script, env=environment, capture_output=True, text=True, check=True).stdout.strip() == str(
        python
    )
