"""A named place: nothing without its file; with it, exactly one process dies there."""

import signal
import subprocess
import sys
from pathlib import Path

from shared.adapters.failpoints import POINTS

REACH = "from shared.adapters import failpoints; failpoints.reach('{}'); print('lives on')"


def _come_to(point: str, folder: Path | None) -> subprocess.CompletedProcess[str]:
    environment = {} if folder is None else {"FAILPOINTS": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", REACH.format(point)], env=environment, capture_output=True, text=True, check=False
    )


def test_one_process_dies_where_the_file_says(tmp_path: Path) -> None:
    here, elsewhere = POINTS[:2]
    (tmp_path / here).touch()
    assert _come_to(elsewhere, tmp_path).stdout == "lives on\n"
    died = _come_to(here, tmp_path)
    assert (died.returncode, died.stdout) == (-signal.SIGKILL, "")
    assert _come_to(here, tmp_path).stdout == "lives on\n"


def test_the_file_may_name_another_signal(tmp_path: Path) -> None:
    (tmp_path / POINTS[0]).write_text(str(signal.SIGTERM.value))
    assert _come_to(POINTS[0], tmp_path).returncode == -signal.SIGTERM


def test_without_a_folder_nobody_dies(tmp_path: Path) -> None:
    (tmp_path / POINTS[0]).touch()
    assert _come_to(POINTS[0], None).stdout == "lives on\n"
    assert (tmp_path / POINTS[0]).exists()
