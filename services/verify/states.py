"""An oracle's state in the shapes that :mod:`services.verify.saved_state` has for production's."""

from services.verify.items_oracle import ItemsOracle
from services.verify.profiles_oracle import ProfilesOracle
from services.verify.saved_state import Shapes, shown


def of_profiles(oracle: ProfilesOracle) -> Shapes:
    return {
        "history of": oracle.histories(),
        "what is owned or refused by": oracle.possessions(),
        "recent event ids of": oracle.recent_ids(),
        "watermark of": oracle.sources(),
        "repeatable": dict(enumerate(oracle.repeatable())),
    }


def of_items(oracle: ItemsOracle) -> Shapes:
    return {
        "neighbours of": oracle.rows(),
        "exponent of the row of": oracle.exponents(),
        "counters of": oracle.counters(),
        "unavailable": dict(enumerate(oracle.unavailable())),
        "watermark of frames partition": oracle.sources(),
        "items of scope": oracle.scopes(),
        "newest event time": {"": oracle.ts},
        "catalogue entry of": {item: shown(record) for item, record in oracle.catalogue.items()},
    }
