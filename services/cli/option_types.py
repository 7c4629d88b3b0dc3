"""Types of options that click does not have."""

import math
import os
from pathlib import Path
from typing import Any

import click

TAB = "\\t"


class Amount(click.FloatRange):
    """A number within a range; what is no number (nan) is within none, nor is what has no end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value} is no amount", param, ctx)
        return found


class Mark(click.ParamType):
    """What stands between columns; a tab may be written as a shell has it in single quotes, in two characters."""

    name = "mark"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return str(value).replace(TAB, "\t") or self.fail("a mark has at least one character", param, ctx)


class Writable(click.Path):
    """A file that a command will write, perhaps after much work: it, or its folder, is there for us to write to."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path: Any = super().convert(value, param, ctx)
        folder = path.parent
        if not folder.is_dir():
            self.fail(f"{folder} is not a folder", param, ctx)
        if not path.exists() and not os.access(folder, os.W_OK):
            self.fail(f"{folder} may not be written in", param, ctx)
        return path
