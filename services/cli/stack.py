"""`headrace up`, `down`, `status`: the embedded Kafka and Redis."""

import json
import signal
import threading
from contextlib import suppress

import click

from services.stack.embedded import EmbeddedStack, default_home, stop_stack
from services.stack.finding import answers
from services.stack.home import Home, Running

CHECK_S = 1.0


def say(text: str) -> None:
    """Progress goes to standard error, so that standard output is the answer alone. Where it goes ends nothing."""
    with suppress(OSError):
        click.echo(f"headrace: {text}", err=True)


def _json(running: Running) -> str:
    return json.dumps({"kafka": running.kafka, "redis": running.redis}, separators=(",", ":"))


def _tell(stack: EmbeddedStack, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"kafka": stack.kafka, "redis": stack.redis}, separators=(",", ":")))
        return
    click.echo(f"export HEADRACE_KAFKA_BOOTSTRAP_SERVERS={stack.kafka}")
    click.echo(f"export HEADRACE_REDIS_URL={stack.redis}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One line of JSON: where Kafka and Redis are.")
@click.option("--foreground", is_flag=True, help="Hold the stack, and stop it with this command.")
@click.option("--redis-append-only", is_flag=True, help="Let Redis keep its data over a restart.")
def up(as_json: bool, foreground: bool, redis_append_only: bool) -> None:
    """Start the embedded Kafka and Redis, or find those that run; they stay until `headrace down`."""
    with EmbeddedStack(default_home(), say=say, redis_append_only=redis_append_only) as stack:
        if not foreground:
            stack.detach()
        _tell(stack, as_json)
        if foreground and stack.found:
            say("it runs already, started by another command, which keeps it")
        elif foreground:
            _hold(stack)


def _hold(stack: EmbeddedStack) -> None:
    """Until Ctrl-C, SIGTERM, or the end of a server (which is an error)."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: asked.set())
    say("Ctrl-C stops it")
    while not asked.wait(CHECK_S):
        stack.check()
    say("stopping")


@click.command()
def down() -> None:
    """Stop the embedded stack; nothing of it is left running."""
    was = stop_stack(default_home())
    say(f"stopped {was}" if was else f"nothing runs in {default_home()}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Say whether the embedded stack runs, and where; exit status 1 if it does not."""
    home = Home(default_home())
    running = home.read() if home.keeper() is not None else None
    works = running is not None and answers(running)
    if as_json:
        said = {"running": works, "home": str(home.root)}
        click.echo(json.dumps(said | (json.loads(_json(running)) if running else {})))
    elif running is None:
        click.echo(f"nothing runs in {home.root}")
    else:
        owner = f"until process {running.owner.pid} ends" if running.owner else "until `headrace down`"
        state = f"Kafka {running.kafka_version} at {running.kafka}, Redis at {running.redis}, {owner}"
        click.echo(state if works else f"does not answer: {state}")
    if not works:
        context.exit(1)
