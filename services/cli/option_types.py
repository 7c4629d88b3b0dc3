"""Types of options that click does not have."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from shared.contracts.errors import HeadraceError

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


class Zone(click.ParamType):
    """A time zone by its name in the IANA database."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        if isinstance(value, ZoneInfo):
            return value
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone; one is Europe/Paris", param, ctx)


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


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What cannot be written after all, since the disk is full, ends the command with its name: `HeadraceError`."""
    try:
        yield
    except OSError as error:
        raise HeadraceError(f"{path} cannot be written: {error.strerror}") from error


class WritingCommand(click.Command):
    """A command that writes files: refused, before it begins, if one of them is another that it reads or writes."""

    def invoke(self, ctx: click.Context) -> Any:
        named = list(self._files(ctx))
        for param, path in named:
            if isinstance(param.type, Writable):
                for other in (other for other, also in named if other is not param and _same(path, also)):
                    names = " and ".join(sorted(repr(p.get_error_hint(ctx).strip("'")) for p in (param, other)))
                    raise click.UsageError(f"{names} are one file: {path}", ctx)
        return super().invoke(ctx)

    def _files(self, ctx: click.Context) -> Iterator[tuple[click.Parameter, Path]]:
        for param in self.params:
            if isinstance(param.type, click.Path) and param.name is not None:
                given = ctx.params.get(param.name)
                paths = given if isinstance(given, tuple) else (given,)
                yield from ((param, path) for path in paths if path is not None)


def _same(one: Path, other: Path) -> bool:
    """Whether they are one file, by whatever names; a terminal or a pipe may be named twice."""
    if one.exists() and other.exists():
        return one.is_file() and one.samefile(other)
    return one.resolve() == other.resolve()
