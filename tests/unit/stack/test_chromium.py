"""The fetched browser: an npm of ours stands for the registry's."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import cramjam
import pytest

from shared.contracts.errors import Unavailable
from tests.stack import chromium as under_test
from tests.stack.chromium import FETCHED, chromium

NPM = """#!/bin/sh
while [ "$1" != --pack-destination ]; do shift; done
cp "{packed}" "$2/sparticuz-chromium.tgz"
"""


def _tar(files: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the registry has, with an npm first on PATH that gives it."""
    parts = {"chromium.br": b"#!/bin/sh\n", "al2023.tar.br": _tar({"lib/libnss3.so": b"nss"})}
    parts |= {"fonts.tar.br": _tar({"fonts.conf": b"not ours"}), "swiftshader.tar.br": _tar({"libEGL.so": b"egl"})}
    squeezed = {f"package/bin/{name}": bytes(cramjam.brotli.compress(part)) for name, part in parts.items()}
    packed = tmp_path / "packed.tgz"
    packed.write_bytes(_tar(squeezed))
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(NPM.format(packed=packed))
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("sys.platform", "linux")
    return packed


def test_it_is_unpacked_with_all_that_it_needs(packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    monkeypatch.setattr(under_test, "read_lock", lambda: ((digest, "it@1"), ("0", "npm")))
    found = chromium(tmp_path / "cache", FETCHED)
    assert os.access(found.program, os.X_OK)
    assert (Path(found.variables["LD_LIBRARY_PATH"]) / "libnss3.so").read_bytes() == b"nss"
    assert str(tmp_path / "cache") in Path(found.variables["FONTCONFIG_FILE"]).read_text()
    packed.unlink()
    assert chromium(tmp_path / "cache", FETCHED) == found  # it is fetched once


@pytest.mark.usefixtures("packed")
def test_another_than_the_locked_one_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="by sha256"):
        chromium(tmp_path / "cache", FETCHED)
    assert not list((tmp_path / "cache").glob("*chromium-*"))


def test_what_npm_cannot_fetch_is_unavailable(packed: Path, tmp_path: Path) -> None:
    packed.unlink()
    with pytest.raises(Unavailable, match="status 1"):
        chromium(tmp_path / "cache", FETCHED)


def test_the_one_that_is_installed_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "chromium"
    installed.write_text("")
    installed.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium(tmp_path / "cache").program == str(installed)
    assert chromium(tmp_path / "cache", "/opt/mine").program == "/opt/mine"
