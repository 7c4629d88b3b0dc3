"""What the commands say of the folder of what runs here, where it cannot be used."""

import errno
import fcntl
import os
from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner

from services.cli.demo import demo
from services.cli.run import run
from services.cli.stack import down, status, up
from services.stack.home import Home
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


def test_other_accounts_do_not_look_into_a_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    assert all(not folder.stat().st_mode & 0o077 for folder in (home.root, home.data("kafka"), home.logs))


def test_a_home_of_another_account_is_a_wrong_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, *_: int) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(os, "open", refused)
    result = CliRunner().invoke(down, env={"HEADRACE_HOME": str(tmp_path)})

    assert isinstance(result.exception, SettingsError)
    assert "somebody else's" in str(result.exception)


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
