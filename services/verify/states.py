"""An oracle's state in the shapes that :mod:`services.verify.saved_state` has for production's."""

from services.verify.examples_replay import ExamplesReplay
from services.verify.items_oracle import ItemsOracle
from services.verify.profiles_oracle import ProfilesOracle
from services.verify.saved_state import Shapes, digests, shown
from services.verify.slots import Slots
from services.verify.ties import order_key


def of_profiles(oracle: ProfilesOracle) -> Shapes:
    return {
        "history of": oracle.histories(),
        "what is owned or refused by": oracle.possessions(),
        "what was told by": oracle.told(),
        "recent event ids of": oracle.recent_ids(),
        "minute and its events of": oracle.minutes(),
        **in_order("users", oracle.user_slots),
        **in_order("items", oracle.item_slots),
        "watermark of": oracle.sources(),
        "repeatable": dict(enumerate(oracle.repeatable())),
        "newest event time": {"": oracle.ts},
    }


def of_items(oracle: ItemsOracle) -> Shapes:
    return {
        "neighbours of": oracle.rows.held(),
        "exponents of the row of": oracle.rows.exponents(),
        "bought with": oracle.bought.held(),
        "exponents of what was bought with": oracle.bought.exponents(),
        "counters of": oracle.counters(),
        "facts of": {item: oracle.facts.of(item) for item in oracle.counters()},
        "embedding of": {item: list(oracle.facts.said(item).embedding) for item in oracle.counters()},
        "named as near by": {item: [*map(order_key, oracle.facts.said(item).near)] for item in oracle.counters()},
        "terms of": {item: oracle.facts.titles.digests(item) for item in oracle.counters()},
        "order in which it was filed": dict(enumerate(oracle.facts.filed)),
        "unavailable": dict(enumerate(oracle.unavailable())),
        "watermark of frames partition": oracle.sources(),
        "items of scope": oracle.scopes(),
        "order of categories counted in": dict(enumerate(oracle.categories.members)),
        "categories of, in the order of their records": dict(enumerate(oracle.categories.said.items())),
        "counts within scope": oracle.contexts.counts,
        "order within scope": {scope: _seen(slots) for scope, slots in oracle.contexts.slots.items()},
        "order of scopes counted in": dict(enumerate(oracle.contexts.counts)),
        "first filed": dict(enumerate(oracle.newest.first.items())),
        "order of categories filed in": dict(enumerate(oracle.newest.lists)),
        "new in scope": {scope: oracle.newest.newest(scope, 1000) for scope in oracle.newest.lists},
        "newest event time": {"": oracle.ts},
        "catalogue entry of": {item: shown(record) for item, record in oracle.catalogue.items()},
        **in_order("items", oracle.slots),
        **in_order("catalogue-ids", oracle.catalogue_slots),
    }


def in_order(what: str, slots: Slots) -> Shapes:
    """As :func:`services.verify.saved_state.in_order`."""
    seen, free = dict(enumerate(_seen(slots))), dict(enumerate(slots.free))
    return {f"{what} as they were seen": seen, f"free slots of {what}": free}


def _seen(slots: Slots) -> list[tuple[str, int, int]]:
    return [(name, slot, order_key(name)) for name, slot in slots.of.items()]


def of_learner(replay: ExamplesReplay) -> Shapes:
    return {
        "weights": dict(enumerate(replay.blend.weights().tolist())),
        "digest of": digests(replay.blend.take() | replay.taste.take()),
        "watermark of frames partition": replay.sources,
        "examples learned": {"": replay.blend.learned},
    }
