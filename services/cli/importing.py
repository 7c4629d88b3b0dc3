"""What the three ``headrace import-…`` have in common: a file is checked whole, then sent, then counted."""

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import click

from services.cli.option_types import Mark, Writable
from services.cli.progress import progress
from services.cli.rejecting import end_if_undelivered, say, tell_rejects
from services.producers.importing import Checked, Entries, check, messages
from services.producers.records import Outgoing
from services.producers.rejects import Rejects
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings

SHOWN_RECORDS = 5
Removals = Callable[[Checked], Iterable[Outgoing]]


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What each of them takes."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Say what was understood, show the first; send nothing."),
        click.option("--allow-rejects", is_flag=True, help="Exit status 0 though some rows were bad."),
        click.option(
            "--rejects",
            "rejects_file",
            type=Writable(),
            help="Write every bad row's place here.",
        ),
        click.option("--delimiter", metavar="MARK", type=Mark(), help="Between columns; found out unless said."),
        click.option("--column", "pairs", multiple=True, metavar="FIELD=NAME", help="Which column a field is in."),
    ):
        command = option(command)
    return command


def columns_of(pairs: Sequence[str], fields: Sequence[str]) -> dict[str, list[str]]:
    """``FIELD=NAME`` options by field; a field may be said several times."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        name, _, column = pair.partition("=")
        if name not in fields or not column:
            raise click.BadParameter(f"{pair}: FIELD is one of {', '.join(fields)}", param_hint="--column")
        found.setdefault(name, []).append(column)
    return found


@dataclass(frozen=True)
class Import:
    """One run: ``kind`` is a topic's short name, ``what`` the word for its records."""

    file: str
    kind: str
    what: str
    settings: Settings
    given: Mapping[str, Any]

    def run(
        self,
        entries: Entries,
        rejects: Rejects,
        removals: Removals | None = None,
        sent: Callable[[], Entries] | None = None,
    ) -> None:
        """Ends with exit status 1 if a row was bad, unless that is allowed, or if anything was not delivered.

        ``sent`` is asked, once the file may be sent, for what its entries become then.
        """
        checked = check(entries, self.file, rejects)
        self._tell(checked, rejects)
        self._stop_if_bad(checked, rejects, replaced=removals is not None)
        if self.given["dry_run"]:
            for _, record in islice(entries(lambda *_: None), SHOWN_RECORDS):
                click.echo(record.decode())
            gone = sum(1 for _ in removals(checked)) if removals else 0
            say(f"nothing was sent; {checked.rows:,} would be" + (f", {gone:,} removed" if removals else ""))
        else:
            self._send(entries if sent is None else sent(), checked, removals(checked) if removals else ())
        if rejects.count and not self.given["allow_rejects"]:
            sys.exit(1)

    def _tell(self, checked: Checked, rejects: Rejects) -> None:
        again = f", {checked.repeated:,} rows come again: the last counts" if checked.repeated else ""
        say(f"{len(checked.keys):,} {self.what}{again}")
        tell_rejects(rejects)

    def _stop_if_bad(self, checked: Checked, rejects: Rejects, *, replaced: bool) -> None:
        if not checked.rows:
            why = ": every row is bad" if rejects.count else ""
            raise HeadraceError(f"no {self.what} in {self.file}{why}; nothing was sent")
        if replaced and rejects.count and not self.given["allow_rejects"]:
            raise HeadraceError(
                f"{rejects.count} bad rows and --replace: nothing was sent; --allow-rejects sends the rest"
            )

    def _send(self, entries: Entries, checked: Checked, gone: Iterable[Outgoing]) -> None:
        from services.producers.pacing import Pace
        from services.producers.publishing import connect

        removed, publisher, start = list(gone), connect(self.settings), time.monotonic()
        with progress(checked.rows, self.what) as tell:
            publisher.send_all(messages(entries, self.kind), Pace(), 0, tell)
        publisher.send_all(removed, Pace(), 0)
        publisher.flush()
        wall = time.monotonic() - start
        ended = f", {len(removed):,} removed" if removed else ""
        say(f"{checked.rows:,} {self.what} sent{ended} in {wall:.1f} s: {checked.rows / wall:,.0f} a second")
        end_if_undelivered(publisher)
