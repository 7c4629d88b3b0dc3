"""The Redis views: keys and payloads. Any language reads them with one GET and a JSON parser.

Columnar JSON. ``at`` is the first field after ``v`` and of fixed width: ``generation-offset``, the source offset
that the view includes. A writer sets a key only if its own ``at`` is not lower, compared as text.
"""

from hashlib import sha1
from typing import NamedTuple

import msgspec

from shared.contracts.catalogue import Market
from shared.contracts.events import Scalar
from shared.contracts.settings import Settings
from shared.contracts.source_letters import codes_of

VIEW_VERSION = 1
AT_START = len(b'{"v":1,"at":"')
GENERATION_LENGTH = 6
AT_LENGTH = GENERATION_LENGTH + 1 + 16
ALL = "all"
MAX_SEEN = 100
LIST_DIGITS, SCORE_DIGITS = 3, 6
"""After the point: of scores in users' lists, which order them and say no more; of others."""
HOLD, PUBLISH = b"1", b"0"
"""What a rebuild tells the workers of its generation (:meth:`Keys.rebuilding`)."""
HELD = "held"
"""The argument of a worker that a rebuild starts: as if it had heard :data:`HOLD` before it looks."""
HELD_S = 120  # without the rebuild's process, they publish so long after its last HOLD
HOUR = "hour"
"""The field of a context that every event has: the hour of its own time, unless it names another."""


class View(msgspec.Struct, omit_defaults=True, gc=False):
    """A list of items with its origin. ``id`` fields say whose it is: exactly one of user, item, scope is set.

    ``ts`` is the event time (epoch ms) that the list includes; ``scores`` descend; ``why`` holds one source code per
    item: ``together``, ``next`` and ``quick`` are neighbours of what the user did
    (:mod:`shared.core.items.cooccurrence`), ``alike`` the catalogue's, ``again`` the user's own items, ``trend``
    trending.

    For the reader alone, shown in no answer: ``seen``, the newest items (at most :data:`MAX_SEEN`) that must not be
    added; ``recent`` items, newest first, and how many ``visits`` there are in the history; what may come ``again`` of
    the user's own (item, times taken, when last met), if anything: what a list that has grown old is ranked anew from.
    ``explore``: items hardly known yet that a share of the places may go to. What the user told: categories ``liked``
    and ``avoided``, ``sessions`` of theirs (newest last), the scopes of their ``segments``.

    ``bought``: of an item, what the same users bought, with scores that descend.

    Users' lists are stored shorter: ``by``, a letter for each item (:mod:`shared.contracts.source_letters`), instead of
    ``why``; ``newest``, how many of ``seen``, from its front, are what ``recent`` would say. Both are gone once a view
    has been read.
    """

    v: int
    at: str
    ts: int
    source: str
    model: str
    items: list[str]
    scores: list[float]
    why: list[str] = []
    user_id: str | None = None
    item_id: str | None = None
    scope: str | None = None
    seen: list[str] = []
    recent: list[str] = []
    visits: int = 0
    again: list[tuple[str, int, int]] = []
    explore: list[str] = []
    liked: list[str] = []
    avoided: list[str] = []
    sessions: list[str] = []
    segments: list[str] = []
    bought: list[tuple[str, float]] = []
    by: str = ""
    newest: int = 0

    def __post_init__(self) -> None:
        """:class:`ValueError`, which a decoder tells as its own, for a letter that stands for nothing."""
        if self.by:
            self.why, self.by = codes_of(self.by), ""
        if self.newest:
            self.recent, self.newest = self.seen[: self.newest], 0


class ItemView(msgspec.Struct, omit_defaults=True, gc=False):
    """``item:{item}``: what a page shows of an item."""

    v: int
    at: str
    item_id: str
    title: str = ""
    categories: list[str] = []
    brand: str | None = None
    price: float | None = None
    image: str | None = None
    available: bool = True
    repeatable: bool = False
    description: str = ""
    parent_id: str | None = None
    published_at: int | None = None
    expires_at: int | None = None
    tags: list[str] = []
    seller: str | None = None
    markets: dict[str, Market] = {}
    attributes: dict[str, Scalar] = {}


ENCODER = msgspec.json.Encoder()
_VIEW = msgspec.json.Decoder(View)
_ITEM = msgspec.json.Decoder(ItemView)


def encode_view(view: View | ItemView) -> bytes:
    """Fields in declaration order, so that ``at`` stands where writers compare it."""
    return ENCODER.encode(view)


def decode_view(raw: bytes) -> View:
    return _VIEW.decode(raw)


def decode_item_view(raw: bytes) -> ItemView:
    return _ITEM.decode(raw)


def at(generation: int, offset: int) -> str:
    """The version of a view, of fixed width so that text order is number order."""
    return f"{generation:06d}-{offset:016d}"


class MembersKeys(NamedTuple):
    """A set; the version as of which it stands, as a view's ``at``; a stream of the names (``item``) that have come
    (``there`` 1) or gone (0), a bounded number of the last, empty: none.
    """

    members: str
    at: str
    changes: str = ""


class Keys:
    """The Redis keys of one tenant."""

    def __init__(self, settings: Settings) -> None:
        self._prefix = f"{settings.tenant}:" if settings.tenant else ""
        self._generation = settings.generation

    @property
    def prefix(self) -> str:
        """What all of them begin with."""
        return self._prefix

    def rec(self, user: str) -> str:
        return f"{self._prefix}rec:{user}"

    def removed(self) -> str:
        """What stands while any view is removed whose user or item came to an end."""
        return f"{self._prefix}removed"

    def grave(self, view: str) -> str:
        """The version below which nobody may write such a view, for a while. It tells nobody's name."""
        return f"{self.removed()}:{sha1(view.encode(), usedforsecurity=False).hexdigest()}"

    def sim(self, item: str) -> str:
        return f"{self._prefix}sim:{item}"

    def row(self, item: str) -> str:
        """An item's neighbours with all that whoever ranks wants of them."""
        return f"{self._prefix}row:{item}"

    def stat(self, item: str) -> str:
        """An item's numbers, for whoever ranks."""
        return f"{self._prefix}stat:{item}"

    def ranker(self) -> str:
        """The weights of the ranker."""
        return f"{self._prefix}model:ranker"

    def taste(self) -> str:
        """Vectors of items."""
        return f"{self._prefix}model:taste"

    def item(self, item: str) -> str:
        return f"{self._prefix}item:{item}"

    def trending(self, scope: str, half_life: str | None = None) -> str:
        """``trending:{scope}`` at the default half-life, ``trending@{half_life}:{scope}`` at a named one.

        The scope stands last: it ends in a category's name, which may hold any character.
        """
        return f"{self._prefix}trending{f'@{half_life}' if half_life else ''}:{scope}"

    def trending_zset(self, scope: str) -> str:
        """The same as a ZSET, for ``ZREVRANGE``."""
        return f"{self._prefix}ztrending:{scope}"

    def popular(self, scope: str) -> str:
        return f"{self._prefix}popular:{scope}"

    def new(self, scope: str) -> str:
        """The items that the catalogue has had for the shortest time."""
        return f"{self._prefix}new:{scope}"

    def changes(self) -> str:
        """A stream of the items whose ``item:`` view changed (field ``item``), a bounded number of the last."""
        return f"{self._prefix}item-changes"

    def batch(self, user: str) -> str:
        """A list that a team's own batch model made for a user."""
        return f"{self._prefix}batch:{user}"

    def told(self, user: str) -> str:
        """What a user told a reader just now, until `frames` says it: JSON lines, for an hour."""
        return f"{self._prefix}told:{user}"

    def shown(self, user: str) -> str:
        """What a user was shown lately: digests of items, 4 bytes each, oldest first."""
        return f"{self._prefix}shown:{user}"

    def scopes(self) -> MembersKeys:
        """A set of the scopes that have lists."""
        return MembersKeys(f"{self._prefix}scopes", f"{self._prefix}scopes-at")

    def published(self, topic: str, partition: int, generation: int = 0) -> str:
        """A marker: whether all views of that partition and generation (0: ours) stand (:func:`standing_in`)."""
        return f"{self._prefix}published:{generation or self._generation}:{topic}:{partition}"

    def rebuilding(self) -> str:
        """Whether workers of this generation publish: :data:`HOLD`, while they are catching up, or :data:`PUBLISH`."""
        return f"{self._prefix}rebuilding:{self._generation}"

    def crashes(self, topic: str, partition: int) -> str:
        """Which record the last workers of that partition ended at by a mistake, and how often: ``offset:times``."""
        return f"{self._prefix}crashes:{self._generation}:{topic}:{partition}"

    def pulse(self, partition: int) -> str:
        """How the worker is that holds this partition of `frames` and none below it."""
        return f"{self._prefix}pulse:{partition}"

    def unavailable(self) -> MembersKeys:
        """A set of the items that must not be served."""
        name = f"{self._prefix}unavailable"
        return MembersKeys(name, f"{name}-at", f"{name}-changes")


def begun_in(run_id: str) -> bytes:
    """The marker of a partition whose views are being published in the Redis server with this run id."""
    return b"begun:" + run_id.encode()


def standing_in(run_id: str) -> bytes:
    """The marker of one whose views all stand there."""
    return run_id.encode()


def is_standing(mark: bytes | None) -> bool:
    """In whichever server."""
    return mark is not None and not mark.startswith(begun_in(""))


def context_scope(field: str, value: object) -> str:
    """The scope of a value of an event's context: ``context:device=phone``. An hour has two digits, told with them or
    without.
    """
    text = _plain(value)
    return f"context:{field}={f'0{text}' if field == HOUR and len(text) == 1 and text.isdecimal() else text}"


def segment_scope(field: str, value: object) -> str:
    """The scope of the users of whom an attribute has this value: ``segment:gender=f``."""
    return f"segment:{field}={_plain(value)}"


def _plain(value: object) -> str:
    """As JSON writes it, texts as they are."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def category_scope(category: str) -> str:
    """The scope of a category's lists."""
    return f"category:{category}"
