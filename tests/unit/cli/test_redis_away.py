"""Who asks for one answer hears soon that Redis is away."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.main import cli
from shared.contracts.errors import Unavailable

LONGEST_S = 5.0


@pytest.mark.parametrize(
    "command",
    [
        ["explain", "ann"],
        ["compare", "--json"],
        ["compare", "ann"],
        ["rules", "try", "ann", "--file", "rules.toml"],
        ["forget", "ann"],
        ["refresh"],
        ["rebuild"],
        ["skip", "frames", "0", "0", "--why", "unreadable"],
    ],
)
def test_a_person_does_not_wait_as_a_worker_does(
    command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules.toml").touch()
    monkeypatch.setenv("HEADRACE_REDIS_URL", "redis://127.0.0.1:1/0")
    naps: list[float] = []
    monkeypatch.setattr("redis.retry.sleep", naps.append)
    with pytest.raises(Unavailable, match="Redis did not answer"):
        CliRunner().invoke(cli, command, catch_exceptions=False)
    assert 1.0 < sum(naps) < LONGEST_S


def test_a_sample_is_of_somebody() -> None:
    done = CliRunner().invoke(cli, ["compare", "--sample", "-5"])
    assert done.exit_code == 2
    assert "--sample" in done.output
