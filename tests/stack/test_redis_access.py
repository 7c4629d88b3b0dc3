"""All parts and commands run as a user of Redis who may do what docs/operations.md says, and no more."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from services.ops.forget import forget
from services.reader.store.views import RedisViews
from services.stack.embedded import EmbeddedStack
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.settings import Settings
from shared.contracts.views import Keys
from tests.stack.parts import headrace, running, variables_of
from tests.stack.shop import Shop
from tests.waiting import wait_for

FOREIGN = "other:rec:ann"
INTRODUCTION = "client"  # of the client library, which goes on without
OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def rules(tenant: str) -> list[str]:
    """What follows the user's name in the documented command, for another tenant."""
    found = re.search(r"^ACL SETUSER headrace (.*?)^```$", OPERATIONS.read_text(), re.DOTALL | re.MULTILINE)
    assert found
    return found[1].replace("~shop:", f"~{tenant}:").split()


@pytest.fixture
def narrow(stack: EmbeddedStack, settings: Settings) -> Iterator[Settings]:
    """The tenant's settings, with that user, who in the end was refused nothing of the tenant's."""
    name = f"user-{settings.tenant}"
    with redis.Redis.from_url(stack.redis) as administrator:
        administrator.execute_command("ACL", "SETUSER", name, *rules(settings.tenant))
        url = stack.redis.replace("://", f"://{name}:password@")
        yield settings.model_copy(update={"redis": settings.redis.model_copy(update={"url": url})})
        refused = [entry for entry in administrator.acl_log() if entry["username"] == name]
        refused = [entry for entry in refused if entry["object"] not in {FOREIGN, INTRODUCTION}]
        administrator.acl_deluser(name)
    assert refused == []


def test_the_write_path_and_all_commands(narrow: Settings, tmp_path: Path) -> None:
    ensure_topics(narrow)
    shop, output, variables = Shop(narrow), tmp_path / "output", variables_of(narrow)
    with running(narrow, variables, output):
        shop.send_views()
        wait_for("lists", lambda: shop.whole_in(1), output)
        forget(narrow, "eve", 60)
        for command in (["explain", "ann"], ["refresh"], ["verify", "--refresh"], ["rebuild", "--then-stop"]):
            done = headrace(variables, *command)
            assert done.returncode == 0, f"{command}: {done.stdout[-2000:]} {done.stderr[-2000:]}"


def test_the_reader(narrow: Settings) -> None:
    keys = Keys(narrow)

    async def scene() -> None:
        views = RedisViews(narrow)
        streams = [(keys.changes(), None), (keys.unavailable().changes, (0, 0))]
        await views.snapshot([keys.trending("all")], keys.unavailable().members, streams)
        assert await views.members(keys.unavailable().members, keys.changes()) == (set(), (0, 0))
        for _ in range(2):
            await views.append(keys.told("ann"), b"told", 6, 60)
        assert await views.get(keys.told("ann")) == [b"old"]
        await views.close()

    asyncio.run(scene())


def test_another_tenants_keys_are_out_of_reach(narrow: Settings) -> None:
    with redis.Redis.from_url(narrow.redis.url) as client, pytest.raises(redis.exceptions.NoPermissionError):
        client.get(FOREIGN)
    with redis.Redis.from_url(narrow.redis.url.replace("user-", "")) as nobody, pytest.raises(redis.RedisError):
        nobody.ping()
