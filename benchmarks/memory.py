"""What a user and an item add to a worker's resident memory, and a user's list to Redis.

A user has USER_EVENTS events and a history of about as many items; an item has a row of what met it in them. All
partitions are in one process. Tables grow by a quarter, so a figure may be off by what stands free at either size.
"""

from collections.abc import Callable
from statistics import median
from typing import Any

import redis

from benchmarks.effort import Effort
from benchmarks.folding import UNIFORM, folded
from benchmarks.lists import folded_shop
from benchmarks.tenants import tenant
from services.stack.embedded import EmbeddedStack
from shared.contracts.views import decode_view

USERS, ITEMS, TIMES = 50_000, 20_000, 4
QUICK_USERS, QUICK_ITEMS = 10_000, 6_000
USER_EVENTS = 10
LENGTH = 50
SEED = 33
Say = Callable[[str], None]


def measure(stack: EmbeddedStack, effort: Effort, say: Say) -> dict[str, Any]:
    """Bytes; of processes with TIMES as many users, and with TIMES as many items."""
    users, items = effort.scaled(USERS, QUICK_USERS), effort.scaled(ITEMS, QUICK_ITEMS)
    sizes = {"base": (users, items), "more users": (TIMES * users, items), "more items": (users, TIMES * items)}
    grown = {
        name: _grown(*size, TIMES * users * USER_EVENTS if name == "more users" else users * USER_EVENTS)
        for name, size in sizes.items()
    }
    say(f"resident growth {grown}")
    in_redis = _redis_bytes(stack, effort)
    say(f"in Redis {in_redis}")
    return {
        "user_bytes": round((grown["more users"] - grown["base"]) / ((TIMES - 1) * users)),
        "item_bytes": round((grown["more items"] - grown["base"]) / ((TIMES - 1) * items)),
        "redis_user_bytes": in_redis["memory_usage"],
        "grown_bytes": grown,
        "sizes": sizes,
        "redis": in_redis,
    }


def _grown(users: int, items: int, events: int) -> int:
    return int(folded(users, items, events, UNIFORM, SEED)["grown_bytes"])


def _redis_bytes(stack: EmbeddedStack, effort: Effort) -> dict[str, int]:
    """Of a list of LENGTH items: what Redis says of such keys, and what all lists have added to it."""
    client: Any = redis.Redis.from_url(stack.redis)
    with tenant(stack) as settings:
        shop = folded_shop(settings, effort)
        before = client.info("memory")["used_memory"]
        for step in shop.profiles:
            step.write_lists(step.users)
        added = client.info("memory")["used_memory"] - before
        users = sum(len(step.users) for step in shop.profiles)
        keys = [shop.ports.keys.rec(name) for name in shop.profiles[0].names[:500]]
        payloads = shop.views.read(keys)
        whole = [key for key, raw in zip(keys, payloads, strict=True) if raw and len(decode_view(raw).items) == LENGTH]
        usage = [client.memory_usage(key) for key in whole]
        payload = median(len(raw) for raw in payloads if raw)
        shop.close()
    client.close()
    return {
        "memory_usage": round(median(usage)) if usage else 0,
        "used_memory_per_user": round(added / users),
        "payload_bytes": round(payload),
        "users": users,
    }
