"""A progress bar on standard error, where that is a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """A bar that is being shown."""

    def __init__(self, shown: "Progress", task: "TaskID") -> None:
        self._shown, self._task = shown, task

    def __call__(self, more: int) -> None:
        self._shown.advance(self._task, more)

    def at(self, done: int, total: int) -> None:
        """How many are done, of a total that may move."""
        self._shown.update(self._task, completed=done, total=total)


@contextmanager
def progress(total: int, what: str = "events") -> Iterator["Bar | None"]:
    """Yields the bar, called with how many more are done; None where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    columns = (BarColumn(), TaskProgressColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield Bar(bar, task)
