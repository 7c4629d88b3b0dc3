"""Views as they stand in Redis, read; what cannot be is :class:`Unreadable`."""

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Raw

from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import HeadraceError
from shared.contracts.source_letters import CODES, check_letters
from shared.contracts.views import VIEW_VERSION, ItemView, View, decode_item_view, decode_view


class Unreadable(HeadraceError):  # noqa: N818 - a verdict on a value
    """A value in Redis is not a view of a version that is known here."""


class Listed(msgspec.Struct, gc=False):
    """A user's list as far as most answers look at it: ids stay JSON, what ranks it anew is left out."""

    v: int
    at: str
    ts: int
    source: str
    model: str
    items: Raw
    scores: list[float]
    why: list[str] = []
    by: str = ""
    seen: Raw = Raw(b"[]")
    newest: int = 0
    recent: Raw = Raw(b"[]")
    visits: int = 0
    explore: list[str] = []
    liked: list[str] = []
    avoided: list[str] = []
    sessions: list[str] = []


_LISTED = msgspec.json.Decoder(Listed)
_IDS = msgspec.json.Decoder(list[str])


def read_listed(raw: bytes) -> Listed:
    """Without a look at ids, of which there have to be as many as scores."""
    try:
        listed = _LISTED.decode(raw)
    except DECODE_ERRORS as error:
        raise Unreadable(f"not a view: {error}") from error
    if listed.v != VIEW_VERSION:
        raise Unreadable(f"a view of version {listed.v}, known is {VIEW_VERSION}")
    return listed


def codes_at(listed: Listed, places: list[int], beside: str) -> list[str]:
    """A source code for each place in the list, ``beside`` for one that is below 0. All are "" where not every item has
    one.
    """
    told: Sequence[str] = listed.by or listed.why
    try:
        check_letters(listed.by)
    except ValueError as unknown:
        raise Unreadable(f"not a view: {unknown}") from unknown
    if len(told) != len(listed.scores):
        return ["" if place >= 0 else beside for place in places]
    named: Callable[[str], str] = CODES.__getitem__ if listed.by else str
    return [named(told[place]) if place >= 0 else beside for place in places]


def read_ids(raw: Raw) -> list[str]:
    try:
        return _IDS.decode(raw)
    except DECODE_ERRORS as error:
        raise Unreadable(f"no ids: {error}") from error


def read_view(raw: bytes) -> View:
    try:
        view = decode_view(raw)
    except DECODE_ERRORS as error:
        raise Unreadable(f"not a view: {error}") from error
    if view.v != VIEW_VERSION:
        raise Unreadable(f"a view of version {view.v}, known is {VIEW_VERSION}")
    if len(view.items) != len(view.scores):
        raise Unreadable(f"a view of {len(view.items)} items and {len(view.scores)} scores")
    return view


def read_item(raw: bytes) -> ItemView:
    try:
        return decode_item_view(raw)
    except DECODE_ERRORS as error:
        raise Unreadable(f"not an item: {error}") from error
