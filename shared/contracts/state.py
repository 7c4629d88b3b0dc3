"""The state log: compacted topics that hold the state of each partition of `frames` and `item-deltas`.

A checkpoint is one transaction: the segments that changed, then a manifest with the digest of every segment. Keys are
``generation/name``; a generation knows nothing of another. The manifest's fingerprint is of all that decides what a log
folds into, so that a state is never continued under settings that it was not made under.
"""

from hashlib import blake2b
from typing import Any

import msgspec

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.settings import Settings
from shared.contracts.topics import EXAMPLES, FRAMES, ITEM_DELTAS, STATE_ITEMS, STATE_LEARNER, STATE_PROFILES

STATE_VERSION = 1
ALGORITHM = 23
"""Raised when the same log and settings would fold into another state."""
FEW_ITEMS = 4096  # by which states of this algorithm were made before the fingerprint looked at it

SECTIONS = {
    "types": "events.types",
    "partitions": "topics.frames_partitions, items_partitions",
    "few_items": "cooccurrence.few_items",
}
"""What is decisive by another name than that of its setting."""

MANIFEST = "manifest"
STATE_TOPICS = {FRAMES: STATE_PROFILES, ITEM_DELTAS: STATE_ITEMS, EXAMPLES: STATE_LEARNER}
"""Topic that is folded → topic that its state is kept in, partition by partition."""


class Manifest(msgspec.Struct, frozen=True):
    """``offset``: the last record that the state includes. ``digests``: by segment name. ``decisive``: what the
    fingerprint is of, for whoever is told that it differs; states of before have none.
    """

    v: int
    fingerprint: str
    offset: int
    digests: dict[str, bytes]
    decisive: dict[str, Any] = {}


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Manifest)


def encode_manifest(manifest: Manifest) -> bytes:
    return _ENCODER.encode(manifest)


def decode_manifest(raw: bytes) -> Manifest | None:
    """None for what is no manifest of a known version."""
    try:
        manifest = _DECODER.decode(raw)
    except DECODE_ERRORS:
        return None
    return manifest if manifest.v == STATE_VERSION else None


def generation_prefix(generation: int) -> str:
    """What every key of a generation begins with."""
    return f"{generation:06d}/"


def digest(segment: bytes) -> bytes:
    return blake2b(segment, digest_size=16).digest()


def fingerprint(settings: Settings) -> str:
    """Of what is :func:`decisive`."""
    return digest(msgspec.json.encode(decisive(settings), order="sorted")).hex()


def decisive(settings: Settings) -> dict[str, Any]:
    """The settings that decide what a log folds into, and the algorithm. What only decides how views are made from a
    state (lengths of lists, exponents of a row's normalisation, paces) may change at any time.
    """
    cooccurrence, popularity = settings.cooccurrence, settings.popularity
    found: dict[str, Any] = {
        "algorithm": ALGORITHM,
        "types": {name: (kind.weight, kind.meaning) for name, kind in settings.events.types.items()},
        "partitions": (settings.topics.frames_partitions, settings.topics.items_partitions),
        "profiles": settings.profiles.model_dump(),
        "cooccurrence": cooccurrence.model_dump(
            include={
                "max_items",
                "neighbours",
                "pairs_per_event",
                "gap_weight",
                "half_life_ms",
                "quick_half_life_ms",
                "embedding_dimensions",
                "bought",
                "bought_pairs",
                "bought_neighbours",
            }
        ),
        "ranker": settings.ranker.model_dump(include={"rate", "contender", "taste_items"}),
        "popularity": popularity.model_dump(
            include={"half_lives_ms", "max_scopes", "contexts", "max_contexts", "context_items"}
        ),
    }
    if cooccurrence.few_items != FEW_ITEMS:
        found["few_items"] = cooccurrence.few_items
    return found


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What is decisive and differs, in words, by the names of the settings; ``before`` as a manifest has it."""
    if not before:
        return []
    then, here = _flat(before), _flat(msgspec.json.decode(msgspec.json.encode(now)))
    names = sorted(then.keys() | here.keys())
    return [f"{name} was {then.get(name)}, is {here.get(name)}" for name in names if then.get(name) != here.get(name)]


def _flat(found: dict[str, Any]) -> dict[str, Any]:
    """By the names of the settings."""
    flat = {"cooccurrence.few_items": FEW_ITEMS}
    for name, value in found.items():
        if isinstance(value, dict):
            section = SECTIONS.get(name, name)
            flat |= {f"{section}.{inner}": one for inner, one in value.items()}
        else:
            flat[SECTIONS.get(name, name)] = value
    return flat
