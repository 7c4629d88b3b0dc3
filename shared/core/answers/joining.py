"""Who asks: a user's stored list, what they did as a guest, and what they told a moment ago, as one.

A guest's history is in another partition than the user's; it is joined here, when it is read, so that it counts with
the first request after the login. See docs/decisions/0008.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import msgspec

from shared.contracts.told import Kind, Word
from shared.contracts.views import View

DAY_MS = 86_400_000
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Person:
    """``view``: what is known, None if nothing is; ``anew``: its list does not include all of it, so it is to be ranked
    anew; ``batch``: the list that a model of the team's own made; ``barred`` items, and categories ``liked`` and
    ``avoided`` beyond those of the view.
    """

    view: View | None
    anew: bool = False
    batch: View | None = None
    barred: frozenset[str] = NOBODY
    liked: tuple[str, ...] = ()
    avoided: frozenset[str] = NOBODY

    @property
    def has_history(self) -> bool:
        return self.view is not None and (self.view.visits > 0 or bool(self.view.recent))


def person(view: View | None, guests: Sequence[View], words: Sequence[Word], batch: View | None = None) -> Person:
    """What is known of somebody. O(length of their histories and lists)."""
    lately = _lately(view, guests)
    joint = _with_guests(view, guests, lately) if guests else view
    anew = bool(lately)
    if words:
        said = _said(words)
        likes = tuple(said[Kind.LIKE])
        joint = _with_likes(joint, likes) if likes else joint
        barred = [*said[Kind.DISLIKE], *said[Kind.SKIP], *said[Kind.HIDE]]
        avoided, liked = frozenset(said[Kind.AVOID]), tuple(reversed(said[Kind.PREFER]))
        anew = anew or bool(likes)
    else:
        barred, avoided, liked = [], NOBODY, ()
    if joint is not None and (joint.liked or joint.avoided):
        liked = tuple(dict.fromkeys([*liked, *reversed([c for c in joint.liked if c not in avoided])]))
        avoided = avoided.union(c for c in joint.avoided if c not in liked)
    return Person(joint, anew, batch, frozenset(barred), liked, avoided)


def _said(words: Sequence[Word]) -> dict[Kind, dict[str, None]]:
    """By kind, the newest last; the newest word on a thing is the one that counts."""
    said: dict[Kind, dict[str, None]] = {kind: {} for kind in Kind}
    for word in words:
        for kind in _OPPOSITES[word.kind]:
            said[kind].pop(word.of, None)
        said[word.kind][word.of] = None
    return said


_ITEMS = (Kind.LIKE, Kind.DISLIKE, Kind.SKIP, Kind.HIDE)
_CATEGORIES = (Kind.PREFER, Kind.AVOID)
_OPPOSITES = {kind: _ITEMS if kind in _ITEMS else _CATEGORIES for kind in Kind}


def _lately(view: View | None, guests: Sequence[View]) -> list[View]:
    """Those with a history. That of a session of more than a day before the user's last event has had its time."""
    newest = 0 if view is None else view.ts
    return [guest for guest in guests if guest.recent and guest.ts >= newest - DAY_MS]


def _with_guests(view: View | None, guests: Sequence[View], lately: Sequence[View]) -> View:
    """The newer history first. What guests told, took or refused counts whenever that was."""
    own = [] if view is None else [view]
    everybody = sorted([*guests, *own], key=lambda part: part.ts)
    parts = sorted([*lately, *own], key=lambda part: -part.ts)
    base = (parts or everybody[::-1])[0] if view is None else view
    liked, avoided = _told(everybody)
    joint = msgspec.structs.replace(
        _without(base, {item for guest in guests if guest is not base for item in guest.seen}),
        seen=list(dict.fromkeys(item for part in reversed(everybody) for item in part.seen)),
        liked=liked,
        avoided=avoided,
    )
    if lately:
        joint.ts = parts[0].ts
        joint.recent = list(dict.fromkeys(item for part in parts for item in part.recent))
        joint.visits = sum(part.visits for part in parts)
        joint.again = [one for part in parts for one in part.again]
    return joint


def _told(everybody: Sequence[View]) -> tuple[list[str], list[str]]:
    """Categories liked and avoided, newest last: of a category what was told last counts."""
    said: dict[str, bool] = {}
    for part in everybody:
        for category in (*part.liked, *part.avoided):
            said.pop(category, None)
            said[category] = category in part.liked
    return [one for one, likes in said.items() if likes], [one for one, likes in said.items() if not likes]


def _without(view: View, met: AbstractSet[str]) -> View:
    """The list without these items."""
    if met.isdisjoint(view.items):
        return view
    places = [place for place, item in enumerate(view.items) if item not in met]
    return msgspec.structs.replace(
        view,
        items=[view.items[place] for place in places],
        scores=[view.scores[place] for place in places],
        why=[view.why[place] for place in places] if len(view.why) == len(view.items) else [],
    )


def _with_likes(view: View | None, likes: tuple[str, ...]) -> View:
    """What was liked just now stands first in the history."""
    newest = list(reversed(likes))
    if view is None:
        return View(1, "", 0, "personal", "", [], [], recent=newest, seen=newest, visits=len(newest))
    return msgspec.structs.replace(
        view,
        recent=list(dict.fromkeys([*newest, *view.recent])),
        seen=list(dict.fromkeys([*newest, *view.seen])),
        visits=view.visits + len(newest),
    )
