"""The command line answers at once: a command's modules are imported when it is called."""

import subprocess
import sys

import pytest

from services.cli.main import COMMANDS

HEAVY = (
    "pydantic",
    "numpy",
    "numba",
    "redis",
    "confluent_kafka",
    "faust",
    "rich",
    "msgspec",
    "asyncio",
    "importlib.metadata",
)
LOADED = """
import sys
from services.cli.main import main
sys.argv = ["headrace", *sys.argv[1:]]
try:
    main()
finally:
    print("loaded:", *sys.modules)
"""


def run(*arguments: str) -> tuple[str, set[str]]:
    """What it says, and the modules that it took."""
    command = [sys.executable, "-c", LOADED, *arguments]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text, _, loaded = said.rpartition("loaded:")
    return text, set(loaded.split())


def test_help_names_every_command_and_imports_none() -> None:
    text, loaded = run("--help")
    assert all(f"\n  {name}" in text for name in COMMANDS)
    assert loaded.isdisjoint(HEAVY)
    assert {name for name in loaded if name.startswith(("services.", "shared."))} == {
        "services.cli",
        "services.cli.main",
        "shared.contracts",
        "shared.contracts.errors",
    }


@pytest.mark.parametrize("part", ["ingest", "worker", "reader", "collector"])
def test_a_part_starts_as_what_it_is(part: str) -> None:
    text, loaded = run(part, "--help")
    assert "Usage" in text
    assert loaded.isdisjoint(HEAVY), "the process becomes the part: what is imported before is imported twice"
