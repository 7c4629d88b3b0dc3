"""Views of items as they stand in Redis, by the delta that each includes."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from services.verify.shop import Shop
from shared.contracts.rank_views import is_view, version_of
from shared.contracts.routing import partition_of
from shared.contracts.views import at

SIM, ROW, STAT = "sim", "row", "stat"


@dataclass(frozen=True)
class Published:
    """One view, as it was read."""

    kind: str
    key: str
    item: str
    payload: bytes


ByDelta = dict[int, list[Published]]


def item_views(shop: Shop) -> dict[str, Callable[[str], str]]:
    """Kind → how its keys are made."""
    return {SIM: shop.keys.sim, ROW: shop.keys.row, STAT: shop.keys.stat}


def published_views(shop: Shop) -> dict[int, ByDelta]:
    """Items partition → delta → the views that include just that one. One of another generation is a difference, once
    everything has been published anew.
    """
    found: dict[int, ByDelta] = defaultdict(lambda: defaultdict(list))
    generation = at(shop.settings.generation, 0)[:7]
    for view in _standing(shop):
        version = shop.decoded(view.key, view.payload, version_in)
        if version is None:
            continue
        if version.startswith(generation):
            partition = partition_of(view.item, shop.settings.topics.items_partitions)
            found[partition][int(version[len(generation) :])].append(view)
        elif shop.refreshed:
            shop.findings.of(part_of(view.kind)).same(
                f"generation of {view.key}", generation, version[: len(generation)]
            )
    return found


def version_in(raw: bytes) -> str:
    """The version of a view. Raises :class:`ValueError` where there is none."""
    if not is_view(raw):
        raise ValueError("it does not begin with a version")
    return version_of(raw)


def part_of(kind: str) -> str:
    """The name under which what is found of these views is counted."""
    return {SIM: "rows", ROW: "ranking rows", STAT: "item numbers"}[kind]


def _standing(shop: Shop) -> list[Published]:
    found = []
    for kind, key_of in item_views(shop).items():
        names = shop.views.names(key_of(""))
        payloads = shop.read([key_of(name) for name in names])
        found += [Published(kind, key_of(n), n, raw) for n, raw in zip(names, payloads, strict=True) if raw is not None]
    return found
