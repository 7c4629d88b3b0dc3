"""Files and folders that ARCHITECTURE.md and docs/internals.md name are there."""

import re

import pytest

from tests.docs.blocks import DOCS

ROOT = DOCS.parent
PACKAGES = ("shared", "streams", "services")
FILES = {path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py")}


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "docs/internals.md"])
def test_what_is_named_is_there(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    named = set(re.findall(r"`([\w/]+\.py)`", text))
    assert named
    assert [name for name in sorted(named) if not any(f"/{file}".endswith(f"/{name}") for file in FILES)] == []
    folders = set(re.findall(rf"`((?:{'|'.join(PACKAGES)})/[\w/]+)`", text))
    assert [folder for folder in sorted(folders) if not (ROOT / folder).is_dir()] == []


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "docs/internals.md", "README.md"])
def test_links_lead_somewhere(document: str) -> None:
    links = re.findall(r"\]\(\s*([^)#:]+)(?:#[^)]*)?\)", (ROOT / document).read_text("utf-8"))
    assert links
    assert [link for link in links if not ((ROOT / document).parent / link.strip()).exists()] == []
