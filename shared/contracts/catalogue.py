"""What a shop says of its items and users: the compacted `item` and `user` topics, keyed by id, null removes."""

import msgspec

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.events import Scalar, bad_json, check_bytes
from shared.contracts.identity import canonical_item, normalise
from shared.contracts.settings import EventSettings, IdentitySettings

RECORD_VERSION = 1
MAX_CATEGORIES = 16


class ItemRecord(msgspec.Struct, omit_defaults=True, gc=False):
    """One item as the catalogue knows it. Unknown fields are ignored; the record key is the item id."""

    item_id: str
    title: str = ""
    description: str = ""
    categories: list[str] = []
    brand: str | None = None
    price: float | None = None
    tags: list[str] = []
    image: str | None = None
    parent_id: str | None = None
    published_at: int | None = None
    expires_at: int | None = None
    available: bool = True
    repeatable: bool = False
    attributes: dict[str, Scalar] = {}
    v: int = RECORD_VERSION


class UserRecord(msgspec.Struct, omit_defaults=True, gc=False):
    """What is known of a user beyond events. The record key is the user id; null forgets the user."""

    user_id: str
    attributes: dict[str, Scalar] = {}
    v: int = RECORD_VERSION


_ITEM = msgspec.json.Decoder(ItemRecord)
_USER = msgspec.json.Decoder(UserRecord)
ENCODER = msgspec.json.Encoder()


def decode_item(raw: bytes, rules: EventSettings, identity: IdentitySettings) -> ItemRecord:
    """Bytes → validated record; raises :class:`BadRecord`."""
    check_bytes(raw, rules.max_record_bytes)
    try:
        record = _ITEM.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_json(error, raw) from error
    if record.v != RECORD_VERSION:
        raise BadRecord(reasons.UNKNOWN_VERSION, f"v is {record.v}, known is {RECORD_VERSION}", "v")
    record.item_id = canonical_item(normalise(record.item_id, "item_id", identity, rules.max_id_length), identity)
    if len(record.categories) > MAX_CATEGORIES:
        raise BadRecord(reasons.TOO_MUCH_CONTEXT, f"{len(record.categories)} categories", "categories")
    record.categories = [normalise(c, "categories", identity, rules.max_id_length) for c in record.categories]
    return record


def decode_user(raw: bytes, rules: EventSettings, identity: IdentitySettings) -> UserRecord:
    """Bytes → validated record; raises :class:`BadRecord`."""
    check_bytes(raw, rules.max_record_bytes)
    try:
        record = _USER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_json(error, raw) from error
    if record.v != RECORD_VERSION:
        raise BadRecord(reasons.UNKNOWN_VERSION, f"v is {record.v}, known is {RECORD_VERSION}", "v")
    record.user_id = normalise(record.user_id, "user_id", identity, rules.max_id_length)
    return record
