"""The settings as a table for a terminal, as Markdown for the documentation, and as a TOML file to start from."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from services.ops.settings_rows import Row

_BARE = re.compile(r"[A-Za-z0-9_-]+")
NARROW = 100  # columns of a terminal: in less the table leaves its meanings no room
TOML_HEAD = """\
# Settings of Headrace. What is commented out is the default.
# HEADRACE_CONFIG names this file (else headrace.toml of the working folder); the environment wins over it.
"""


def table(rows: Iterable[Row]) -> Table:
    """What differs from the default is bold, with the default beside it."""
    shown = Table(title="Settings", title_justify="left")
    shown.add_column("variable", no_wrap=True)
    shown.add_column("value", overflow="fold")
    shown.add_column("meaning")
    for _, of_section in groupby(rows, key=lambda row: row.section):
        for row in of_section:
            default = f" (default: {_short(row.default)})" if row.changed else ""
            style = "bold" if row.changed else None
            shown.add_row(row.env, escape(_short(row.value)), escape(row.description + default), style=style)
        shown.add_section()
    return shown


def listing(rows: Iterable[Row]) -> Iterator[Text]:
    """The same for a terminal on which the columns have no room beside each other."""
    for row in rows:
        default = f"  (default: {_short(row.default)})" if row.changed else ""
        style = "bold" if row.changed else ""
        yield Text(f"{row.env} = {_short(row.value)}{default}", style=style, overflow="fold")
        yield Text(f"{row.description}\n", style="dim")


def markdown(rows: Iterable[Row]) -> str:
    """Without values of this machine, so that it can stand in the documentation."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for row in rows:
        default = f"`{_short(row.default)}`".replace("|", "\\|")
        lines.append(f"| `{row.env}` | {default} | {row.description} |")
    return "\n".join(lines) + "\n"


def _short(value: Any) -> str:
    """Texts as they are; of a table of tables the names only."""
    if isinstance(value, str):
        return value or '""'
    if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


def toml(rows: Iterable[Row]) -> str:
    """A complete ``headrace.toml``: defaults commented out, what is set now as it is."""
    lines = [TOML_HEAD]
    for section, of_section in groupby(rows, key=lambda row: row.section):
        lines += _section(section, list(of_section))
    return "\n".join(lines)


def _section(section: str, rows: list[Row]) -> Iterator[str]:
    """Single values first: a table within the section would swallow what follows it."""
    if section:
        yield f"[{section}]"
    for row in (row for row in rows if not isinstance(row.value, dict)):
        yield f"# {row.description}"
        yield f"{'' if row.changed else '#'}{row.name} = {_value(row.value)}"
    for row in (row for row in rows if isinstance(row.value, dict)):
        yield f"# {row.description}"
        yield from (line if row.changed else f"#{line}" for line in _table(f"{section}.{row.name}", row.value))
    yield ""


def _table(name: str, values: dict[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    for key, value in values.items():
        yield f"{_key(key)} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
