"""What a user says of themselves: categories liked and avoided, sessions that were theirs, segments they are one of.

A word counts in the order of the log, whatever its event time: the last one on a category is the one that holds.
"""

from collections.abc import Sequence

import msgspec

from shared.contracts.events import Scalar
from shared.contracts.views import segment_scope

Names = tuple[str, ...]


class Told(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """``liked`` and ``avoided`` categories, ``sessions``: the newest last; ``segments``: scopes. Of each at most what
    the one who adds says.
    """

    liked: Names = ()
    avoided: Names = ()
    sessions: Names = ()
    segments: Names = ()


NOTHING_TOLD = Told()


class _Attributes(msgspec.Struct):
    """Of a user record."""

    attributes: dict[str, Scalar] = {}


_ATTRIBUTES = msgspec.json.Decoder(_Attributes)


def prefers(told: Told, category: str, most: int) -> Told:
    """They like it, and avoid it no longer."""
    liked, avoided = _with(told.liked, category, most), _without(told.avoided, category)
    return msgspec.structs.replace(told, liked=liked, avoided=avoided)


def avoids(told: Told, category: str, most: int) -> Told:
    """They want nothing of it, and like it no longer."""
    liked, avoided = _without(told.liked, category), _with(told.avoided, category, most)
    return msgspec.structs.replace(told, liked=liked, avoided=avoided)


def was(told: Told, session: str, most: int) -> Told:
    """What a guest did in that session was theirs."""
    return msgspec.structs.replace(told, sessions=_with(told.sessions, session, most))


def belongs(told: Told, segments: Names) -> Told:
    """They are of these segments, and of no others."""
    return msgspec.structs.replace(told, segments=segments)


def segments_of(record: bytes, attributes: Sequence[str], most: int) -> Names:
    """The scopes that a user record puts its user in, in the order of ``attributes``: those that segments are made by.
    What is null or empty makes none.
    """
    said = _ATTRIBUTES.decode(record).attributes
    found = [(name, said[name]) for name in attributes if said.get(name) not in {None, ""}]
    return tuple(segment_scope(name, value) for name, value in found[:most])


def _with(names: Names, name: str, most: int) -> Names:
    """O(``most``)."""
    return (*_without(names, name), name)[-most:]


def _without(names: Names, name: str) -> Names:
    return tuple(one for one in names if one != name)
