"""``headrace verify``: does what stands in Kafka and Redis equal an oracle's fold of the log?"""

import json
import sys

import click

from services.cli.stack import say
from services.ops.refresh import refresh as publish_again
from services.verify.run import verification
from services.verify.shop import Findings
from shared.contracts.settings import load_settings

PATIENCE_S = 120.0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="one JSON document")
@click.option("--refresh", is_flag=True, help="have the workers publish everything first, then compare lists whole")
def verify(as_json: bool, refresh: bool) -> None:
    """Compare states, deltas and views with an independent fold of the log; 1 on any difference.

    It asks for a quiet moment: no events coming, no lag. What is still behind is said, and not compared.
    """
    settings = load_settings()
    if refresh:
        say("refreshing all views")
        publish_again(settings, PATIENCE_S, lambda _: None)
    findings = verification(settings, say, refreshed=refresh)
    click.echo(json.dumps(document(findings)) if as_json else text(findings))
    sys.exit(1 if findings.differing else 0)


def document(findings: Findings) -> dict[str, object]:
    """What ``--json`` prints."""
    return {
        "compared": sum(part.compared for part in findings.parts.values()),
        "differing": findings.differing,
        "parts": {
            name: {"compared": part.compared, "differing": part.differing, "differences": part.differences}
            for name, part in findings.parts.items()
        },
        "not_compared": findings.not_compared,
    }


def text(findings: Findings) -> str:
    """The same for a person."""
    lines = [f"{name}: {part.compared:,} compared, {part.differing:,} differ" for name, part in findings.parts.items()]
    lines += [f"  {difference}" for part in findings.parts.values() for difference in part.differences]
    lines += [f"not compared: {what}" for what in findings.not_compared]
    return "\n".join([*lines, "equal" if not findings.differing else "NOT equal"])
