"""What a shop says of its items and users: the compacted `item` and `user` topics, keyed by id, null removes."""

import msgspec

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.events import DECODE_ERRORS, Scalar, bad_json, check_number, checked_text
from shared.contracts.identity import canonical_item, normalise
from shared.contracts.sections import EventSettings, IdentitySettings

RECORD_VERSION = 1
MAX_CATEGORIES = 16
MAX_TAGS = 32
MAX_MARKETS = 64
MAX_ATTRIBUTES = 32
MAX_DIMENSIONS = 1024  # of an embedding
LONGEST_VALUE = 256  # characters of a tag, a market, a seller, an attribute's name or text
LONGEST_TEXT = 4096  # of what a page shows of an item: title, brand, image


class Market(msgspec.Struct, omit_defaults=True, frozen=True, gc=False):
    """What is otherwise in one market: a country, a shop, whatever ``reader.market_field`` names."""

    price: float | None = None
    available: bool | None = None


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
    seller: str | None = None
    markets: dict[str, Market] = {}
    embedding: list[float] = []
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
    text = checked_text(raw, rules.max_record_bytes)
    try:
        record = _ITEM.decode(text)
    except DECODE_ERRORS as error:
        raise bad_json(error, raw) from error
    if record.v != RECORD_VERSION:
        raise BadRecord(reasons.UNKNOWN_VERSION, f"v is {record.v}, known is {RECORD_VERSION}", "v")
    record.item_id = canonical_item(normalise(record.item_id, "item_id", identity, rules.max_id_length), identity)
    if len(record.categories) > MAX_CATEGORIES:
        raise BadRecord(reasons.TOO_MUCH_CONTEXT, f"{len(record.categories)} categories", "categories")
    record.categories = [normalise(c, "categories", identity, rules.max_id_length) for c in record.categories]
    for field in ("title", "brand", "image"):
        if len(getattr(record, field) or "") > LONGEST_TEXT:
            raise BadRecord(reasons.TOO_LARGE, f"{field} has more than {LONGEST_TEXT} characters", field)
    if record.parent_id is not None:
        parent = normalise(record.parent_id, "parent_id", identity, rules.max_id_length)
        record.parent_id = canonical_item(parent, identity)
    check_number(record.published_at, "published_at")
    check_number(record.expires_at, "expires_at")
    _check_attributes(record.attributes)
    return record


def decode_user(raw: bytes, rules: EventSettings, identity: IdentitySettings) -> UserRecord:
    """Bytes → validated record; raises :class:`BadRecord`."""
    text = checked_text(raw, rules.max_record_bytes)
    try:
        record = _USER.decode(text)
    except DECODE_ERRORS as error:
        raise bad_json(error, raw) from error
    if record.v != RECORD_VERSION:
        raise BadRecord(reasons.UNKNOWN_VERSION, f"v is {record.v}, known is {RECORD_VERSION}", "v")
    record.user_id = normalise(record.user_id, "user_id", identity, rules.max_id_length)
    _check_attributes(record.attributes)
    return record


def _check_attributes(attributes: dict[str, Scalar]) -> None:
    for name, value in attributes.items():
        check_number(value, f"attributes.{name[:32]}")
