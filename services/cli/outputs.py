"""Files that a command writes in the end: whether it can is found out before its work, which may take hours."""

import os
from pathlib import Path
from typing import Any

import click


class OutFile(click.Path):
    """A path in a folder that is there and may be written to."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"{path}: there is no folder {path.parent}", param, ctx)
        if not os.access(path.parent, os.W_OK):
            self.fail(f"{path}: folder {path.parent} may not be written to", param, ctx)
        return path
