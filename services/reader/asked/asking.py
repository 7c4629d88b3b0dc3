"""What a request for a list asks for beside whose list: how many, from where on, what it filters, in which context."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from starlette.datastructures import QueryParams

from services.reader.asked.parameters import BadRequest, Parameters, remembered
from shared.contracts.rules import Where
from shared.contracts.settings import Settings
from shared.core.answers.catalogue_columns import Test
from shared.core.answers.rules import test_of
from shared.core.answers.selection import NOBODY

CONTEXT = "context."
DIGEST = "<u4"
MOST_SHOWN = 1000  # items that a cursor has behind it
MOST_CONTEXT = 16  # fields
MOST_OFFSET = 1000
LONGEST_PRICE = 1e15
MOST_NAMED = 1000  # values of one filter, and items excluded: a body has room for as many as take a second to look at
FIELDS = ("title", "description", "categories", "brand", "seller", "price", "image", "tags", "attributes")
SUBSTITUTES, COMPLEMENTS = "substitutes", "complements"
KINDS = (SUBSTITUTES, COMPLEMENTS)
"""Of what is similar to an item: of its category, or of another."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request's wishes. ``shown``: digests of what earlier pages held, None if the answer needs no cursor;
    ``filters``, ``of_category``, ``of_kind``: what an item must be. ``plain``: a first page of ids, whichever they are.
    """

    n: int
    offset: int = 0
    shown: frozenset[int] | None = None
    surface: str = ""
    context: dict[str, str] = field(default_factory=dict)
    market: str = ""
    categories: tuple[str, ...] = ()
    filters: Test | None = None
    of_category: Test | None = None
    of_kind: Test | None = None
    exclude: frozenset[str] = NOBODY
    fields: tuple[str, ...] = ()
    session: str | None = None
    kind: str = ""
    diversity: float | None = None
    why: bool = False
    preview: bool = False
    plain: bool = field(init=False)

    def __post_init__(self) -> None:
        tests = (self.filters, self.of_category, self.of_kind)
        wishes = (self.offset, self.exclude, self.fields, self.kind, self.why)
        cursors = (self.shown, self.session)
        plain = not any(wishes) and all(one is None for one in (*tests, *cursors))
        object.__setattr__(self, "plain", plain)  # it is found once, and asked by every request

    @property
    def most(self) -> int:
        """How many items are to be found."""
        return self.offset + self.n


class Asking:
    """Query strings read: wrong ones are a :class:`BadRequest`."""

    def __init__(self, settings: Settings) -> None:
        self.check = Parameters(settings)
        self._market = settings.reader.market_field
        self.read = remembered(self._read)

    def _read(self, query: str) -> Ask:
        return self.of(QueryParams(query))

    def of(self, query: QueryParams) -> Ask:
        check = self.check
        context = self._context(query)
        surface = self._text(query.get("surface", ""), "surface")
        categories = [check.named(given, "category") for given in _several(query, "category")]
        return Ask(
            n=check.n(query),
            offset=check.whole(query, "offset", 0, MOST_OFFSET),
            shown=None if (cursor := query.get("cursor")) is None else read_cursor(cursor),
            surface=surface or context.get("surface", ""),
            context=context,
            market=context.get(self._market, ""),
            categories=tuple(categories),
            filters=self._filters(query),
            of_category=test_of(Where.model_construct(category=categories)) if categories else None,
            exclude=frozenset(check.item(item, "exclude") for item in _several(query, "exclude")),
            fields=self._fields(query),
            session=check.optional_id(query, "session"),
            kind=self._kind(query),
            diversity=self._number(query, "diversity", 1.0),
            why=check.flag(query, "explain"),
            preview=check.preview(query),
        )

    def _context(self, query: QueryParams) -> dict[str, str]:
        given = {name[len(CONTEXT) :]: value for name, value in query.items() if name.startswith(CONTEXT)}
        if len(given) > MOST_CONTEXT:
            raise BadRequest("context", f"{len(given)} fields of context, {MOST_CONTEXT} at most")
        if any(len(name) > self.check.longest for name in given):
            raise BadRequest("context", f"a name in context has at most {self.check.longest} characters")
        return {name: self._text(value, f"{CONTEXT}{name[:32]}") for name, value in given.items()}

    def _text(self, given: str, field: str) -> str:
        if len(given) > self.check.longest or not given.isprintable():
            raise BadRequest(field, f"{field} must be at most {self.check.longest} printable characters")
        return given

    def _filters(self, query: QueryParams) -> Test | None:
        """What ``brand``, ``seller``, ``tag``, ``price_min`` and ``price_max`` ask, all together."""
        given: dict[str, Any] = {
            name: [spelled(value, name) for value in values]
            for name, spelled in (("brand", self._brand), ("seller", self.check.named), ("tag", self.check.named))
            if (values := _several(query, name))
        }
        for name in ("price_min", "price_max"):
            if (number := self._number(query, name, LONGEST_PRICE)) is not None:
                given[name] = number
        return test_of(Where.model_construct(**given)) if given else None  # checked here, not as rules are

    def _brand(self, given: str, field: str) -> str:
        """The one name that the catalogue leaves as it is."""
        if not given:
            raise BadRequest(field, f"{field} is empty")
        return self._text(given, field)

    def _number(self, query: QueryParams, field: str, most: float) -> float | None:
        given = query.get(field)
        if given is None:
            return None
        try:
            number = float(given)
        except ValueError:
            number = -1.0
        if not 0 <= number <= most:
            raise BadRequest(field, f"{field} must be a number from 0 to {most:g}")
        return number

    def _kind(self, query: QueryParams) -> str:
        given = query.get("kind", "")
        if given and given not in KINDS:
            raise BadRequest("kind", f"kind must be one of {', '.join(KINDS)}")
        return given

    def _fields(self, query: QueryParams) -> tuple[str, ...]:
        names = tuple(name for given in _several(query, "fields") for name in given.split(",") if name)
        if unknown := [name for name in names if name not in FIELDS]:
            raise BadRequest("fields", f"{unknown[0][:32]!r} is none of {', '.join(FIELDS)}")
        return tuple(dict.fromkeys(names))


def _several(query: QueryParams, field: str) -> list[str]:
    given = query.getlist(field)
    if len(given) > MOST_NAMED:
        raise BadRequest(field, f"{field} is given {len(given)} times, {MOST_NAMED} at most")
    return given


def shown_digest(item: str) -> int:
    """Of an item, as a cursor remembers it: 4 bytes, so of a thousand pages one may miss an item that nobody saw."""
    return binascii.crc32(item.encode())


def write_cursor(shown: frozenset[int]) -> str | None:
    """Stands for a place in a list that may change meanwhile: what was shown is not shown again. None where pages end:
    there may be more, but no cursor has more behind it.
    """
    if len(shown) > MOST_SHOWN:
        return None
    return base64.urlsafe_b64encode(np.array(sorted(shown), dtype=DIGEST).tobytes()).decode().rstrip("=")


def read_cursor(given: str) -> frozenset[int]:
    """Empty for the first page. Raises :class:`BadRequest`."""
    try:
        raw = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True)
        digests = np.frombuffer(raw, dtype=DIGEST).tolist()
    except (ValueError, binascii.Error) as error:
        raise BadRequest("cursor", "cursor is none of ours; leave it empty for the first page") from error
    if len(digests) > MOST_SHOWN:
        raise BadRequest("cursor", f"a cursor leads over at most {MOST_SHOWN} items")
    return frozenset(digests)
