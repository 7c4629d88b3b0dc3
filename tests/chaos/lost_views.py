"""A Redis that comes back with less than it had: with nothing, with what stood some seconds ago, or another one."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import redis

from services.stack.ports import free_ports
from services.stack.redis_server import start_command
from shared.adapters.failpoints import POINTS
from tests.chaos.field import Field
from tests.waiting import wait_for

SNAPSHOT = "dump.rdb"
BEHIND_S = (2.0, 15.0)
GUESTS = 200  # events whose lists only the other server gets


def kill_redis(field: Field, chance: Random) -> None:
    """It comes back empty, or with its file, under another run id."""
    field.stack.kill("redis")
    time.sleep(chance.uniform(0, 3))
    field.stack.restart("redis")


def flush_redis(field: Field, chance: Random) -> None:
    """All views are gone, the server runs on."""
    del chance
    field.redis().flushall()


def older_redis(field: Field, chance: Random) -> None:
    """It comes back with a file of some seconds ago, as a replica does that was behind when it took over."""
    files, kept = field.stack.home.data("redis"), field.output.with_name("redis-then")
    field.redis().save()
    shutil.copytree(files, kept)
    time.sleep(chance.uniform(*BEHIND_S))
    field.stack.kill("redis")
    shutil.rmtree(files)
    kept.rename(files)
    field.stack.restart("redis")
    (files / SNAPSHOT).unlink()  # the next start is as it would have been


def other_redis(field: Field, chance: Random) -> None:
    """All are sent to a replica that was behind, and back to the first one, which knows nothing of what was written
    meanwhile: an address that moves to and fro. A worker that had seen both and died at once would tell nobody.
    """
    with field.peace, _behind(field) as port:
        time.sleep(chance.uniform(1, 5))
        for there in (port, field.redis_port):
            field.proxies[1].towards(there)
            field.proxies[1].cut()
            time.sleep(chance.uniform(2, 6))
            if there == port:
                field.send_views(chance, GUESTS)
                time.sleep(chance.uniform(1, 4))


@contextmanager
def _behind(field: Field) -> Iterator[int]:
    """The port of a server that has what the field's Redis had a moment ago."""
    [port] = free_ports([None])
    folder = field.output.with_name("redis-behind")
    folder.mkdir(exist_ok=True)
    field.redis().save()
    shutil.copy(field.stack.home.data("redis") / SNAPSHOT, folder)
    server = subprocess.Popen(start_command(port, folder, append_only=False), stdout=subprocess.DEVNULL)
    try:
        wait_for("the other Redis", lambda: _answers(port))
        yield port
    finally:
        server.kill()
        server.wait()


def _answers(port: int) -> bool:
    try:
        return bool(redis.Redis(port=port).ping())
    except redis.RedisError:
        return False


def refresh(field: Field, chance: Random) -> None:
    """`headrace refresh`, with workers that are killed meanwhile; every other time Redis is emptied in the middle."""
    with field.command("refresh"):
        time.sleep(chance.uniform(1, 8))
        if chance.random() < 0.5:
            flush_redis(field, chance)


def lose_views_at_a_point(field: Field, chance: Random) -> None:
    """While somebody stands between the log and the views, in a checkpoint, before a commit."""
    with field.asleep_at(chance.choice(POINTS), 5.0):
        chance.choice([kill_redis, flush_redis])(field, chance)
