"""What a shop says of its items and users: the compacted `item` and `user` topics, keyed by id, null removes."""

from collections.abc import Sized
from math import isfinite

import msgspec

from shared.contracts import reasons
from shared.contracts.errors import BadRecord
from shared.contracts.events import Scalar, check_number, decode_record
from shared.contracts.identity import canonical_item, normalise, normalise_user
from shared.contracts.sections import EventSettings, IdentitySettings

RECORD_VERSION = 1
MAX_CATEGORIES = 16
MAX_TAGS = 32
MAX_MARKETS = 64
MAX_ATTRIBUTES = 32
MAX_DIMENSIONS = 1024  # of an embedding
MAX_NEAR = 50
LONGEST_VALUE = 256  # characters of a tag, a market, a seller, an attribute's name or text
LONGEST_TEXT = 4096  # of what a page shows of an item: title, brand, image
LONGEST_DESCRIPTION = 1000  # characters of it in an item's view; a longer one is cut
LARGEST_SHOWN = 50_000  # bytes of JSON of all that a page shows of an item, its description aside


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
    near: list[str] = []
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
    record = decode_record(_ITEM, raw, rules.max_record_bytes, RECORD_VERSION)
    record.item_id = canonical_item(normalise(record.item_id, "item_id", identity, rules.max_id_length), identity)
    _normalise_names(record, rules, identity)
    for field in ("title", "brand", "image"):
        if len(getattr(record, field) or "") > LONGEST_TEXT:
            raise BadRecord(reasons.TOO_LARGE, f"{field} has more than {LONGEST_TEXT} characters", field)
    _check_price(record.price, "price")
    for market, said in record.markets.items():
        _check_price(said.price, f"markets.{market[:32]}.price")
    _check_embedding(record.embedding)
    _check_near(record)
    check_number(record.published_at, "published_at")
    check_number(record.expires_at, "expires_at")
    _check_attributes(record.attributes)
    _check_size(record)
    return record


def _normalise_names(record: ItemRecord, rules: EventSettings, identity: IdentitySettings) -> None:
    """What others are compared with: brought to one spelling, as ids are."""
    for field, most in (("categories", MAX_CATEGORIES), ("tags", MAX_TAGS), ("markets", MAX_MARKETS)):
        _check_count(getattr(record, field), most, field)
    record.categories = [normalise(c, "categories", identity, rules.max_id_length) for c in record.categories]
    record.tags = [normalise(tag, "tags", identity, LONGEST_VALUE) for tag in record.tags]
    record.markets = {
        normalise(market, "markets", identity, LONGEST_VALUE): said for market, said in record.markets.items()
    }
    if record.seller is not None:
        record.seller = normalise(record.seller, "seller", identity, LONGEST_VALUE)
    if record.parent_id is not None:
        parent = normalise(record.parent_id, "parent_id", identity, rules.max_id_length)
        record.parent_id = canonical_item(parent, identity)
    _check_count(record.near, MAX_NEAR, "near")
    near = (normalise(other, "near", identity, rules.max_id_length) for other in record.near)
    record.near = [canonical_item(other, identity) for other in near]


def _check_count(entries: Sized, most: int, field: str) -> None:
    if len(entries) > most:
        raise BadRecord(reasons.TOO_MUCH_CONTEXT, f"{len(entries)} {field}, {most} at most", field)


def _check_price(price: float | None, field: str) -> None:
    if price is None:
        return
    if not isfinite(price):
        raise BadRecord(reasons.NOT_FINITE, f"{field} is {price}", field)
    if price < 0:
        raise BadRecord(reasons.WRONG_TYPE, f"{field} is {price}, a price is not below 0", field)


def _check_embedding(embedding: list[float]) -> None:
    _check_count(embedding, MAX_DIMENSIONS, "embedding")
    if not all(map(isfinite, embedding)):
        raise BadRecord(reasons.NOT_FINITE, "the embedding holds a number that is not finite", "embedding")


def _check_near(record: ItemRecord) -> None:
    """Names of others, each once."""
    if record.item_id in record.near:
        raise BadRecord(reasons.WRONG_TYPE, "the item is near itself", "near")
    if len(set(record.near)) != len(record.near):
        raise BadRecord(reasons.WRONG_TYPE, "an item is named twice as near", "near")


def _check_size(record: ItemRecord) -> None:
    """The bounds of all fields together are more than a state's record has room for."""
    size = len(ENCODER.encode(msgspec.structs.replace(record, description="", embedding=[], near=[])))
    if size > LARGEST_SHOWN:
        raise BadRecord(reasons.TOO_LARGE, f"what pages show has {size} bytes, {LARGEST_SHOWN} at most")


def decode_user(raw: bytes, rules: EventSettings, identity: IdentitySettings) -> UserRecord:
    """Bytes → validated record; raises :class:`BadRecord`."""
    record = decode_record(_USER, raw, rules.max_record_bytes, RECORD_VERSION)
    record.user_id = normalise_user(record.user_id, "user_id", identity, rules.max_id_length)
    _check_attributes(record.attributes)
    return record


def _check_attributes(attributes: dict[str, Scalar]) -> None:
    _check_count(attributes, MAX_ATTRIBUTES, "attributes")
    for name, value in attributes.items():
        field = f"attributes.{name[:32]}"
        if len(name) > LONGEST_VALUE or (isinstance(value, str) and len(value) > LONGEST_VALUE):
            raise BadRecord(reasons.TOO_LARGE, f"{field} has more than {LONGEST_VALUE} characters", field)
        check_number(value, field)
