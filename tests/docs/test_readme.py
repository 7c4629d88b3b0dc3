"""Every command of the README's shell blocks is one that exists; those of the stack are run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.main import COMMANDS
from services.stack.embedded import default_home, default_jars

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
LINES = [line.split("#")[0].strip() for block in BLOCKS for line in block.splitlines() if line.strip()]
NAMED = re.findall(r"`headrace ([a-z-]+)", (ROOT / "README.md").read_text("utf-8"))


def test_the_make_targets_of_the_readme_exist() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wanted = {line.split()[1] for line in LINES if line.startswith("make ")}
    assert {"demo", "test", "setup"} <= wanted
    assert wanted <= set(re.findall(r"make (\w+)", listed))


def test_the_headrace_commands_that_the_readme_names_exist() -> None:
    assert NAMED
    assert set(NAMED) <= set(COMMANDS)


@pytest.mark.stack
@pytest.mark.timeout(1500)
def test_the_stack_commands_of_the_readme_run_as_they_stand(tmp_path: Path) -> None:
    home = {"HEADRACE_HOME": str(tmp_path), "HEADRACE_JARS": str(default_jars(default_home()))}
    commands = [line.split() for line in LINES if line.startswith(".venv/bin/headrace")]
    assert [words[1] for words in commands] == ["up", "status", "down"]
    for words in commands:
        argv = [sys.executable, "-m", "services.cli", *words[1:]]
        done = subprocess.run(argv, cwd=ROOT, env=os.environ | home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
