"""An oracle's state in the shapes that :mod:`services.verify.saved_state` has for production's."""

from services.verify.examples_replay import ExamplesReplay
from services.verify.items_oracle import ItemsOracle
from services.verify.profiles_oracle import ProfilesOracle
from services.verify.saved_state import Shapes, digests, shown
from services.verify.ties import order_key


def of_profiles(oracle: ProfilesOracle) -> Shapes:
    return {
        "history of": oracle.histories(),
        "what is owned or refused by": oracle.possessions(),
        "what was told by": oracle.told(),
        "recent event ids of": oracle.recent_ids(),
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
        "counts within scope": oracle.contexts.counts,
        "order of scopes counted in": dict(enumerate(oracle.contexts.counts)),
        "first filed": oracle.newest.first,
        "new in scope": {scope: oracle.newest.newest(scope, 1000) for scope in oracle.newest.lists},
        "newest event time": {"": oracle.ts},
        "catalogue entry of": {item: shown(record) for item, record in oracle.catalogue.items()},
    }


def of_learner(replay: ExamplesReplay) -> Shapes:
    return {
        "weights": dict(enumerate(replay.blend.weights().tolist())),
        "digest of": digests(replay.blend.take() | replay.taste.take()),
        "watermark of frames partition": replay.sources,
        "examples learned": {"": replay.blend.learned},
    }
