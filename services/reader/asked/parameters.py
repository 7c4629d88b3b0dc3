"""What a request asks for, checked: a wrong value is a :class:`BadRequest` that names its field."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from starlette.datastructures import QueryParams

from shared.contracts.errors import BadRecord
from shared.contracts.identity import canonical_item, normalise, normalise_user
from shared.contracts.sections import IdentitySettings
from shared.contracts.settings import Settings

DEFAULT_N = 20
LONGEST_NUMBER = 9  # digits
Rule = Callable[[str, str, IdentitySettings, int], str]
"""By which an id is brought to its one spelling."""
QUERIES = 1000  # query strings whose meaning is remembered: most requests of an app have the same
LONG = 1000  # characters of one: most have some dozens, and one may have 65,000
Read = TypeVar("Read")


def remembered(read: Callable[[str], Read]) -> Callable[[str], Read]:
    """The same for query strings; what it made of :data:`QUERIES` that are at most :data:`LONG` is at hand."""
    held = lru_cache(QUERIES)(read)
    return lambda query: held(query) if len(query) <= LONG else read(query)


class BadRequest(Exception):  # noqa: N818 - it becomes an answer
    """A parameter is wrong."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


class Parameters:
    """The checks, with the settings that they need."""

    def __init__(self, settings: Settings) -> None:
        self._identity = settings.identity
        self.longest = settings.events.max_id_length
        self.most = settings.reader.max_items
        self.usual = min(DEFAULT_N, self.most)
        self.half_lives = settings.popularity.half_lives_ms
        self.query = remembered(QueryParams)

    def user(self, given: str) -> str:
        """By the rules of identity that events go through."""
        return self._id(given, "user", normalise_user)

    def item(self, given: str, field: str) -> str:
        """By the same rules."""
        return canonical_item(self._id(given, field), self._identity)

    def named(self, given: str, field: str) -> str:
        """A category, or something else with a name, by the rules of ids."""
        return self._id(given, field)

    def _id(self, given: str, field: str, rule: Rule = normalise) -> str:
        try:
            return rule(given, field, self._identity, self.longest)
        except BadRecord as error:
            raise BadRequest(field, error.detail) from error

    def n(self, query: QueryParams) -> int:
        return self.usual if query.get("n") is None else self.whole(query, "n", 1, self.most)

    def whole(self, query: QueryParams, field: str, least: int, most: int) -> int:
        """``least`` if it is not given."""
        given = query.get(field)
        if given is None:
            return least
        number = int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST_NUMBER else -1
        if not least <= number <= most:
            raise BadRequest(field, f"{field} must be a whole number from {least} to {most}")
        return number

    def optional_id(self, query: QueryParams, field: str) -> str | None:
        given = query.get(field)
        return None if given is None else self._id(given, field)

    def half_life(self, query: QueryParams) -> str | None:
        given = query.get("half_life")
        if given is not None and given not in self.half_lives:
            raise BadRequest("half_life", f"half_life must be one of {', '.join(self.half_lives)}")
        return given

    def preview(self, query: QueryParams) -> bool:
        """Whether nobody will see the answer, so that it is no impression."""
        return self.flag(query, "preview")

    def flag(self, query: QueryParams, field: str) -> bool:
        given = query.get(field, "false")
        if given not in {"true", "false"}:
            raise BadRequest(field, f"{field} must be true or false")
        return given == "true"

    def items(self, query: QueryParams) -> list[str]:
        given = query.getlist("id")
        if not 1 <= len(given) <= self.most:
            raise BadRequest("id", f"id must be given 1 to {self.most} times")
        return [self.item(item, "id") for item in given]
