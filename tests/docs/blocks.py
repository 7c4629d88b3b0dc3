"""Reads what a document promises: fenced blocks and tables under an HTML comment that names them."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"<!-- (\w+): ([^>]+?) -->\n```\w+\n(.*?)\n```\n", re.DOTALL)
_TABLE = re.compile(r"<!-- table: ([^>]+?) -->\n((?:\|.*\n)+)")


def text(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def blocks(document: str, kind: str) -> dict[str, str]:
    """Name → text of the blocks of a kind: ``run`` or ``example``."""
    return {name: body for found, name, body in _BLOCK.findall(text(document)) if found == kind}


def tables(document: str) -> dict[str, list[list[str]]]:
    """Name → rows of cells, without the head; code marks are taken off."""
    return {name: _rows(body) for name, body in _TABLE.findall(text(document))}


def _rows(body: str) -> list[list[str]]:
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in body.splitlines()[2:]]
