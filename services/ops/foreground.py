"""`headrace run`: the supervisor in the foreground, with signals and prefixed output."""

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

import click

from services.ops.part import Part
from services.ops.status import Happened, RunFile, Status, home, run_file
from services.ops.supervisor import Supervisor
from shared.adapters.outlet import Outlet

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLOURS = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_green", "bright_magenta")
LOUD = {"down", "killed"}


class Printer:
    """Lines of the parts to standard output, each behind the name of its part. What it does not take is left out."""

    def __init__(self, names: Sequence[str]) -> None:
        self._width = max((len(name) for name in [*names, "run"]), default=0)
        self._outlet = Outlet(sys.stdout, lambda lines: self._line("run", f"{lines} lines could not be written", "red"))
        self._coloured = sys.stdout is not None and sys.stdout.isatty()
        self._colours = {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(names)}

    def line(self, part: str, line: bytes) -> None:
        self._print(part, line.decode(errors="replace"), self._colours.get(part))

    def event(self, event: Happened) -> None:
        detail = f": {event.detail}" if event.detail else ""
        self.note(f"{event.part} {event.what} (pid {event.pid}){detail}", loud=event.what in LOUD)

    def note(self, text: str, *, loud: bool = False) -> None:
        """A line of the supervisor's own."""
        self._print("run", text, "red" if loud else None)

    def _print(self, name: str, text: str, colour: str | None) -> None:
        self._outlet.write(self._line(name, text, colour) + "\n")

    def _line(self, name: str, text: str, colour: str | None) -> str:
        line = f"{click.style(f'{name:<{self._width}} |', fg=colour)} {text}"
        return line if self._coloured else click.unstyle(line)


def _telling(file: RunFile, printer: Printer) -> Callable[[list[Status]], None]:
    """A disk that is full ends nothing: ``run.json`` is behind until it can be written again."""

    def write(statuses: list[Status]) -> None:
        try:
            file.write(statuses)
        except OSError as error:
            printer.note(f"run.json cannot be written: {error.strerror}", loud=True)

    return write


def run_in_foreground(parts: Sequence[Part], environment: Mapping[str, str], *, deadline_s: float = 15.0) -> int:
    """Keep the parts until a signal or until nothing is left; the exit status.

    A first signal stops them within the deadline, a second one at once.
    """
    with run_file(home()) as file:
        printer = Printer([part.name for part in parts])
        supervisor = Supervisor(
            parts,
            environment=environment,
            deadline_s=deadline_s,
            on_line=printer.line,
            on_event=printer.event,
            on_change=_telling(file, printer),
        )
        asked: list[int] = []

        def on_signal(number: int, _frame: FrameType | None) -> None:
            asked.append(number)  # first of all: a second signal may come while the first is handled
            supervisor.ask_to_stop(0.0 if len(asked) > 1 else None)

        for number in STOP_SIGNALS:
            signal.signal(number, on_signal)
        supervisor.start()
        status, last = supervisor.wait(), Outlet(sys.stderr, str)
        for name in (report.part for report in supervisor.status() if report.state == "down"):
            last.write(f"headrace: {name} ended with exit status 78 and was left down: a person must decide\n")
        return status
