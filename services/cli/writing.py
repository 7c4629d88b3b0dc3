"""Files that a command will write, perhaps after much work: whether they can be is known before it."""

import os
from pathlib import Path
from typing import Any

import click


class Writable(click.Path):
    """An option's file that can be written: it, or the folder that it will be in, is there for us to write."""

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
