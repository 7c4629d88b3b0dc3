"""The state log: compacted topics that hold the state of each partition of `frames` and `item-deltas`.

A checkpoint is one transaction: the segments that changed, then a manifest with the digest of every segment. Keys are
``generation/name``; a generation knows nothing of another. The manifest's fingerprint is of all that decides what a log
folds into, so that a state is never continued under settings that it was not made under.
"""

from hashlib import blake2b

import msgspec

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.settings import Settings
from shared.contracts.topics import EXAMPLES, FRAMES, ITEM_DELTAS, STATE_ITEMS, STATE_LEARNER, STATE_PROFILES

STATE_VERSION = 1
ALGORITHM = 23
"""Raised when the same log and settings would fold into another state."""
FEW_ITEMS = 4096  # by which states of this algorithm were made before the fingerprint looked at it

MANIFEST = "manifest"
STATE_TOPICS = {FRAMES: STATE_PROFILES, ITEM_DELTAS: STATE_ITEMS, EXAMPLES: STATE_LEARNER}
"""Topic that is folded → topic that its state is kept in, partition by partition."""


class Manifest(msgspec.Struct, frozen=True):
    """``offset``: the last record that the state includes. ``digests``: by segment name."""

    v: int
    fingerprint: str
    offset: int
    digests: dict[str, bytes]


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
    """Of the settings that decide what a log folds into, and of the algorithm. What only decides how views are made
    from a state (lengths of lists, exponents of a row's normalisation, paces) may change at any time.
    """
    cooccurrence, popularity = settings.cooccurrence, settings.popularity
    decisive = {
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
        decisive["few_items"] = cooccurrence.few_items
    return digest(msgspec.json.encode(decisive, order="sorted")).hex()
