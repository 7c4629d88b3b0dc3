"""What a team's own batch model says of a user: the compacted `batch-list` topic, keyed by user, null removes.

User ids are those behind ingest: with ``identity.user_secret`` set, the hash.
"""

from math import isfinite

import msgspec

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.events import check_number, decode_record
from shared.contracts.identity import canonical_item, normalise, normalise_user
from shared.contracts.sections import EventSettings, IdentitySettings

BATCH_VERSION = 1
MAX_ITEMS = 1000  # of a list
SOURCE = "batch"  # of the view, and the reason code of what only it has


class BatchList(msgspec.Struct, omit_defaults=True, gc=False):
    """A user's list, the best first. ``scores``, where they are given, one per item; ``ts``: when it was made (epoch
    ms).
    """

    user_id: str
    items: list[str]
    scores: list[float] = []
    ts: int = 0
    v: int = BATCH_VERSION


_DECODER = msgspec.json.Decoder(BatchList)
_ENCODER = msgspec.json.Encoder()


def encode_batch_list(record: BatchList) -> bytes:
    return _ENCODER.encode(record)


def decode_batch_list(raw: bytes, rules: EventSettings, identity: IdentitySettings) -> BatchList:
    """Bytes → validated record, its items once each, by falling score; raises :class:`BadRecord`."""
    record = decode_record(_DECODER, raw, rules.max_record_bytes, BATCH_VERSION)
    record.user_id = normalise_user(record.user_id, "user_id", identity, rules.max_id_length)
    _check(record)
    ids = [canonical_item(normalise(i, "items", identity, rules.max_id_length), identity) for i in record.items]
    record.items, record.scores = _ordered(ids, record.scores)
    return record


def _check(record: BatchList) -> None:
    if not record.items:
        raise BadRecord(reasons.MISSING_FIELD, "items is empty; a null value removes a list", "items")
    if len(record.items) > MAX_ITEMS:
        raise BadRecord(reasons.TOO_LARGE, f"{len(record.items)} items, {MAX_ITEMS} at most", "items")
    if record.scores and len(record.scores) != len(record.items):
        raise BadRecord(reasons.WRONG_TYPE, f"{len(record.scores)} scores for {len(record.items)} items", "scores")
    if not all(map(isfinite, record.scores)):
        raise BadRecord(reasons.NOT_FINITE, "scores holds a number that is not finite", "scores")
    check_number(record.ts, "ts")


def _ordered(items: list[str], scores: list[float]) -> tuple[list[str], list[float]]:
    """An item that is there twice counts at its best place; equal scores keep the order of the record."""
    if not scores:
        return list(dict.fromkeys(items)), []
    best: dict[str, float] = {}
    for score, item in sorted(zip(scores, items, strict=True), key=lambda pair: -pair[0]):
        best.setdefault(item, score)
    return list(best), list(best.values())
