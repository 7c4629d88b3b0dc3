"""What a command that reads a file of somebody else's says of it: bad rows, and what was not delivered."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from services.cli.option_types import writing
from services.producers.rejects import SHOWN, Rejects
from shared.contracts.errors import BadRecord

if TYPE_CHECKING:
    from services.producers.publishing import Publisher


def say(text: str) -> None:
    """To standard error, whatever characters its terminal knows."""
    click.echo(text.encode(errors="replace").decode(), err=True)


@contextmanager
def reporter(path: Path | None) -> Iterator[Rejects]:
    """Shows the first bad rows and, if a file is named, writes down all of them."""
    shown = 0
    file = path.open("w", encoding="utf-8", errors="replace", buffering=1) if path else None  # told while it can stop

    def tell(name: str, where: str, why: BadRecord) -> None:
        nonlocal shown
        shown += 1
        if shown <= SHOWN:
            say(f"bad row {name}:{where}: {why}{_field(why)}")
        if path and file:
            with writing(path):
                file.write(f"{name}\t{where}\t{why.reason}\t{why.detail}{_field(why)}\n")

    try:
        yield Rejects(tell)
    finally:
        if path and file:
            with writing(path):
                file.close()


def _field(why: BadRecord) -> str:
    """The field, where the text does not name it."""
    return "" if why.field is None or why.field in why.detail else f" [{why.field}]"


def tell_rejects(rejects: Rejects) -> None:
    """How many there were, by reason."""
    if rejects.count:
        why = ", ".join(f"{n:,} {reason}" for reason, n in rejects.reasons.most_common())
        say(f"{rejects.count:,} bad rows: {why}")


def end_if_undelivered(publisher: "Publisher") -> None:
    """Exit status 1 if Kafka did not take something."""
    if publisher.undelivered:
        why = ", ".join(f"{n:,} × {reason}" for reason, n in publisher.undelivered.most_common())
        say(f"NOT delivered: {why}")
        sys.exit(1)
