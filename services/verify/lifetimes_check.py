"""How long keys live: what is of a user goes by itself, all else stands until it is replaced or removed."""

from services.verify.shop import Shop

GOING = {"rec", "batch", "told", "shown", "removed"}
STAYING = {
    "sim", "row", "stat", "item", "model", "trending", "ztrending", "popular", "new",
    "scopes", "scopes-at", "unavailable", "unavailable-at",
}  # fmt: skip
FOR_EVER = -1


def check_lifetimes(shop: Shop) -> None:
    """Of all keys of the tenant, by what they are. O(keys in Redis)."""
    prefix, findings = shop.keys.prefix, shop.findings.of("lifetimes")
    keys = [prefix + rest for rest in shop.views.names(prefix) if _kind(rest) in GOING | STAYING]
    for key, seconds in zip(keys, shop.views.lifetimes(keys), strict=True):
        if seconds >= FOR_EVER:  # else it has gone meanwhile
            findings.same(f"{key}: it goes by itself", _kind(key.removeprefix(prefix)) in GOING, seconds > FOR_EVER)


def _kind(rest: str) -> str:
    """By what follows the tenant in a key."""
    return rest.partition(":")[0].partition("@")[0]
