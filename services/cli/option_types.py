"""Types of options that click does not have."""

import math
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
