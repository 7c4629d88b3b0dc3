"""The shapes of answers on the wire."""

from typing import Any

import msgspec

from shared.contracts.catalogue import Market
from shared.contracts.events import Scalar

NONE = "none"
"""The source of an answer that has nothing to show."""


class Answer(msgspec.Struct, omit_defaults=True, gc=False):
    """A view as it is served: exactly one of user, item, scope says what was asked for.

    ``because``: the item of the user's that led to an item, where one did, and the ``reasons`` in words; ``fields``:
    what was asked of the items, one object each; ``next``: the cursor of the page that follows.
    """

    v: int
    at: str
    ts: int
    source: str
    model: str
    rec_id: str
    items: list[str]
    scores: list[float]
    why: list[str]
    user_id: str | None = None
    item_id: str | None = None
    scope: str | None = None
    because: list[str | None] = []
    reasons: list[str] = []
    fields: list[dict[str, Any]] = []
    next: str | None = None
    degraded: bool = False


class Shown(msgspec.Struct, omit_defaults=True, gc=False):
    """What a page shows of an item: ``item:{item}`` without its version."""

    item_id: str
    title: str = ""
    description: str = ""
    categories: list[str] = []
    brand: str | None = None
    price: float | None = None
    image: str | None = None
    parent_id: str | None = None
    published_at: int | None = None
    expires_at: int | None = None
    tags: list[str] = []
    seller: str | None = None
    markets: dict[str, Market] = {}
    attributes: dict[str, Scalar] = {}
    available: bool = True
