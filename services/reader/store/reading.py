"""Views as they stand in Redis, read; what cannot be is :class:`Unreadable`."""

import msgspec

from shared.contracts.errors import HeadraceError
from shared.contracts.views import VIEW_VERSION, ItemView, View, decode_item_view, decode_view


class Unreadable(HeadraceError):  # noqa: N818 - a verdict on a value
    """A value in Redis is not a view of a version that is known here."""


def read_view(raw: bytes) -> View:
    try:
        view = decode_view(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"not a view: {error}") from error
    if view.v != VIEW_VERSION:
        raise Unreadable(f"a view of version {view.v}, known is {VIEW_VERSION}")
    if len(view.items) != len(view.scores):
        raise Unreadable(f"a view of {len(view.items)} items and {len(view.scores)} scores")
    return view


def read_item(raw: bytes) -> ItemView:
    try:
        return decode_item_view(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"not an item: {error}") from error
