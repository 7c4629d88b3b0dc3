"""What requests with a body ask: JSON, checked by its shape first, then as queries are."""

from typing import Any, TypeVar

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request

from services.reader.asked.parameters import BadRequest
from services.web.bodies import TooLarge, TooSlow, body_of
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.events import Scalar, bad_json
from shared.contracts.told import Kind

LARGEST = 1_000_000  # bytes
ONE = {"category", "brand", "seller", "tag", "exclude", "fields"}
"""Wishes of which a query may have several."""


class Wishes(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """As in a query of the same names; ``context`` as an object."""

    n: int | None = None
    offset: int | None = None
    cursor: str | None = None
    surface: str | None = None
    context: dict[str, Scalar] = {}
    category: list[str] = []
    brand: list[str] = []
    seller: list[str] = []
    tag: list[str] = []
    price_min: float | None = None
    price_max: float | None = None
    exclude: list[str] = []
    fields: list[str] = []
    session: str | None = None
    diversity: float | None = None
    explain: bool = False
    preview: bool = False


class Items(Wishes, forbid_unknown_fields=True, kw_only=True):
    """Of a session or a basket: ``items`` in the order in which they were met, the last one the newest."""

    items: list[str]
    user: str | None = None


class Several(Wishes, forbid_unknown_fields=True, kw_only=True):
    """Users, each of whom gets a list."""

    users: list[str]


class Row(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A row of a page: its kind, how long it is, what it is about where the kind needs that."""

    row: str
    n: int | None = None
    item: str | None = None
    category: str | None = None


class Page(Wishes, forbid_unknown_fields=True, kw_only=True):
    """Rows in the order in which items are dealt out to them."""

    rows: list[Row]
    user: str | None = None


class Feedback(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a user says of an item, or of a category."""

    kind: Kind
    item_id: str | None = None
    category: str | None = None
    rec_id: str | None = None
    event_id: str | None = None


class Preferences(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a user answers when asked at the beginning."""

    liked_items: list[str] = []
    liked_categories: list[str] = []
    avoided_categories: list[str] = []


T = TypeVar("T")


async def decoded(request: Request, shape: type[T]) -> T:
    """The body. Raises :class:`BadRequest` with the field that is wrong."""
    raw = await _body(request)
    try:
        return msgspec.json.decode(raw, type=shape)
    except DECODE_ERRORS as error:
        verdict = bad_json(error, raw)
        raise BadRequest(verdict.field or "body", verdict.detail) from error


async def _body(request: Request) -> bytes:
    try:
        raw = await body_of(request, LARGEST)
    except TooSlow as why:
        raise BadRequest("body", str(why)) from why
    except TooLarge:
        raw = b""
    if not raw:
        raise BadRequest("body", f"a JSON object of at most {LARGEST} bytes is needed")
    return raw


def as_query(wishes: Wishes, **more: Any) -> QueryParams:
    """The same wishes as a query has them."""
    pairs: list[tuple[str, str]] = []
    for name in Wishes.__struct_fields__:
        value = more.get(name, getattr(wishes, name))
        if name == "context":
            pairs += [(f"context.{field}", _text(one)) for field, one in value.items() if one is not None]
        elif name in ONE:
            pairs += [(name, one) for one in value]
        elif value is not None:
            pairs.append((name, _text(value)))
    return QueryParams(pairs)


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
