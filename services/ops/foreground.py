"""`headrace run`: the supervisor in the foreground, with signals and prefixed output."""

import signal
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

import click

from services.ops.part import Part
from services.ops.status import Happened, home, run_file
from services.ops.supervisor import Supervisor

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLOURS = ("cyan", "green", "magenta", "blue", "yellow", "bright_cyan", "bright_green", "bright_magenta")
LOUD = {"down", "killed"}


class Printer:
    """Lines of the parts to standard output, each behind the name of its part."""

    def __init__(self, names: Sequence[str]) -> None:
        self._width = max((len(name) for name in [*names, "run"]), default=0)
        self._colours = {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(names)}

    def line(self, part: str, line: bytes) -> None:
        self._print(part, line.decode(errors="replace"), self._colours.get(part))

    def event(self, event: Happened) -> None:
        detail = f": {event.detail}" if event.detail else ""
        text = f"{event.part} {event.what} (pid {event.pid}){detail}"
        self._print("run", text, "red" if event.what in LOUD else None)

    def _print(self, name: str, text: str, colour: str | None) -> None:
        click.echo(f"{click.style(f'{name:<{self._width}} |', fg=colour)} {text}")
        sys.stdout.flush()


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
            on_change=file.write,
        )
        asked: list[int] = []

        def on_signal(number: int, _frame: FrameType | None) -> None:
            asked.append(number)  # first of all: a second signal may come while the first is handled
            supervisor.ask_to_stop(0.0 if len(asked) > 1 else None)

        for number in STOP_SIGNALS:
            signal.signal(number, on_signal)
        supervisor.start()
        status = supervisor.wait()
        for name in (report.part for report in supervisor.status() if report.state == "down"):
            click.echo(f"headrace: {name} ended with exit status 78 and was left down: a person must decide", err=True)
        return status
