"""What the commands say of the folder of what runs here, where it cannot be used."""

import fcntl
import os
from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner

from services.cli.demo import demo
from services.cli.run import run
from services.cli.stack import down, status, up
from shared.contracts.errors import HeadraceError, SettingsError


@pytest.mark.parametrize("command", [up, demo, run])
def test_a_home_that_is_no_folder_is_a_wrong_setting(tmp_path: Path, command: Command) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(command, env={"HEADRACE_HOME": str(tmp_path / "file")})

    assert isinstance(result.exception, SettingsError)
    assert "HEADRACE_HOME" in str(result.exception)


@pytest.mark.parametrize(("command", "exit_status"), [(status, 1), (down, 0)])
def test_nothing_runs_in_a_home_that_is_no_folder(tmp_path: Path, command: Command, exit_status: int) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(command, env={"HEADRACE_HOME": str(tmp_path / "file")})

    assert result.exit_code == exit_status
    assert "nothing runs in" in result.output


def test_a_second_demo_leaves_the_first_ones_folder_alone(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    lock = os.open(folder / "keeper.lock", os.O_RDWR | os.O_CREAT)
    os.write(lock, str(os.getpid()).encode())
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        result = CliRunner().invoke(demo, env={"HEADRACE_HOME": str(tmp_path)})
    finally:
        os.close(lock)

    assert isinstance(result.exception, HeadraceError)
    assert "a demo runs in" in str(result.exception)
    assert (folder / "keeper.lock").exists()
