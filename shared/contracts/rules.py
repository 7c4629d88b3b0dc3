"""``rules.toml``: what a shop wants of every list, whatever the models say. A wrong file is an error with its line.

Each rule has a ``name``, and ``when`` it holds: on which surfaces, in which context, from and until which time.
``where`` says which items it is about; an item must fit all that is given there, and of each list one entry.
"""

import re
import tomllib
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Literal, NamedTuple, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from shared.contracts.errors import BadRecord, HeadraceError
from shared.contracts.identity import canonical_item, normalise
from shared.contracts.sections import IdentitySettings
from shared.contracts.settings import Settings

LONGEST = 256  # characters
MAX_RULES = 256  # of all kinds: each is a bit of a mask
UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
Plain = str | int | float | bool


class RulesError(HeadraceError):
    """A file of rules cannot be used; ``line`` is where."""

    def __init__(self, detail: str, line: int) -> None:
        super().__init__(f"line {line}: {detail}")
        self.detail = detail
        self.line = line


def _duration(given: Any) -> Any:
    """``"90m"``, ``"7d"`` → milliseconds."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", given) if isinstance(given, str) else None
    if found is None:
        raise ValueError('a duration is a number and s, m, h or d: "7d"')
    return int(found[1]) * UNITS_MS[found[2]]


def _moment(given: Any) -> Any:
    """A TOML date or time → epoch milliseconds; without an offset it is UTC."""
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime.combine(given, time())
    if not isinstance(given, datetime):
        raise ValueError("a date or a date and time: 2026-12-24 or 2026-12-24T18:00:00Z")  # noqa: TRY004 - pydantic's
    return int((given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp() * 1000)


def _several(given: Any) -> Any:
    """One value is a list of one."""
    return given if isinstance(given, list) else [given]


class Spelling(NamedTuple):
    """How names are brought to one spelling: the settings that events and records go by."""

    identity: IdentitySettings = IdentitySettings()
    longest: int = LONGEST

    @classmethod
    def of(cls, settings: Settings) -> "Spelling":
        return cls(settings.identity, settings.events.max_id_length)


def _named(given: str, info: ValidationInfo) -> str:
    rules, longest = _spelling(info)
    try:
        return normalise(given, info.field_name or "name", rules, longest)
    except BadRecord as error:
        raise ValueError(error.detail) from error


def _item(given: str, info: ValidationInfo) -> str:
    return canonical_item(_named(given, info), _spelling(info).identity)


def _spelling(info: ValidationInfo) -> Spelling:
    """A rule that is made without a file is spelled as by default."""
    return cast("Spelling | None", info.context) or Spelling()


Duration = Annotated[int, BeforeValidator(_duration)]
Moment = Annotated[int, BeforeValidator(_moment)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Name = Annotated[str, AfterValidator(_named)]
Item = Annotated[str, AfterValidator(_item)]
Texts = Annotated[list[Text], BeforeValidator(_several), Field(min_length=1)]
Names = Annotated[list[Name], BeforeValidator(_several), Field(min_length=1)]
Items = Annotated[list[Item], BeforeValidator(_several), Field(min_length=1)]
Values = Annotated[list[Plain], BeforeValidator(_several), Field(min_length=1)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Where(Part):
    """Which items. Prices are those of the asker's market; an item without the attribute does not fit."""

    item: Items | None = None
    category: Names | None = None
    brand: Texts | None = None
    seller: Names | None = None
    tag: Names | None = None
    price_min: float | None = Field(None, ge=0)
    price_max: float | None = Field(None, ge=0)
    published_within: Duration | None = None
    attributes: dict[str, Values] = {}

    @model_validator(mode="after")
    def says_something(self) -> "Where":
        if not self.model_fields_set:
            raise ValueError("where names nothing: it would be about every item")
        return self


class When(Part):
    """When a rule holds; nothing given: always. ``until`` itself is no longer meant."""

    surface: Texts | None = None
    context: dict[str, Values] = {}
    since: Moment | None = Field(None, alias="from")
    until: Moment | None = None


class Rule(Part):
    name: str = Field("", max_length=256)
    when: When = When()


class Filter(Rule):
    """``[[exclude]]``: none of these items; ``[[include]]``: no others than these."""

    where: Where


class Boost(Rule):
    """``[[boost]]``: what the place of an item is worth is multiplied; below 1 it sinks."""

    where: Where
    factor: float = Field(gt=0, le=100)


class Pin(Rule):
    """``[[pin]]``: an item stands at a place, 1 being the first, if it may be shown at all."""

    item: Item
    position: int = Field(ge=1, le=100)


class Cap(Rule):
    """``[[cap]]``: of one brand, category or seller at most so many items in an answer."""

    by: Literal["brand", "category", "seller"]
    most: int = Field(ge=1, le=1000)


def _of_share(given: str, info: ValidationInfo) -> str:
    """Brands are the one name that the catalogue leaves as it is."""
    return _named(given, info) if info.data.get("by") == "seller" else given


class Share(Rule):
    """``[[share]]``: a brand's or a seller's part of an answer's places, if the list has enough of theirs."""

    by: Literal["brand", "seller"]
    value: Annotated[Text, AfterValidator(_of_share)]
    least: float = Field(0.0, ge=0, le=1)
    most: float = Field(1.0, gt=0, le=1)

    @model_validator(mode="after")
    def in_order(self) -> "Share":
        if self.least > self.most:
            raise ValueError("least is more than most")
        return self


class Met(Rule):
    """``[[met]]``: what the user has viewed or bought is hidden, except in these categories."""

    viewed: Literal["show", "hide"] = "show"
    bought: Literal["show", "hide"] = "show"
    repeatable: Annotated[list[Name], BeforeValidator(_several)] = []


class Impressions(Rule):
    """``[[impressions]]``: what was shown ``after`` times without a click counts for ``factor`` of its place."""

    after: int = Field(3, ge=1, le=100)
    factor: float = Field(0.5, ge=0, le=1)


class RuleFile(Part):
    """The whole file."""

    version: Literal[1] = 1
    exclude: list[Filter] = []
    include: list[Filter] = []
    boost: list[Boost] = []
    pin: list[Pin] = []
    cap: list[Cap] = []
    share: list[Share] = []
    met: list[Met] = []
    impressions: list[Impressions] = []

    @model_validator(mode="after")
    def not_too_many(self) -> "RuleFile":
        if (n := len(self.exclude) + len(self.include) + len(self.boost)) > MAX_RULES:
            raise ValueError(f"{n} rules, {MAX_RULES} at most")
        return self

    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {name: len(value) for name in type(self).model_fields if isinstance(value := getattr(self, name), list)}


def parse_rules(text: str, spelling: Spelling | None = None) -> RuleFile:
    """Names as catalogue and events have them. Raises :class:`RulesError` with the line of what is wrong first."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        raise RulesError(str(error), int(found[1]) if found else text.count("\n") + 1) from error
    try:
        return RuleFile.model_validate(told, context=spelling)
    except ValidationError as error:
        wrong = [(line_of(text, one["loc"]), _said(one)) for one in error.errors()]
        line, detail = min(wrong)
        raise RulesError(detail, line) from error


def _said(error: Any) -> str:
    place = ".".join(str(part) if not isinstance(part, int) else str(part + 1) for part in error["loc"])
    what = "is not known" if error["type"] == "extra_forbidden" else error["msg"].removeprefix("Value error, ")
    return f"{place}: {what}" if place else what


def line_of(text: str, place: tuple[int | str, ...]) -> int:
    """The line, from 1, on which the deepest part of a place stands that can be found: its table, then its key."""
    lines = text.splitlines()
    kind, number, *rest = (*place, "", 0)[: max(len(place), 2)] if place else ("", 0)
    heads = [n for n, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{re.escape(str(kind))}\s*\]\]", line)]
    if not isinstance(number, int) or number >= len(heads):
        keys = [n for n, line in enumerate(lines) if re.match(rf"\s*\[*\s*{re.escape(str(kind))}\b", line)]
        return keys[0] + 1 if keys else 1
    start = heads[number]
    end = next((n for n in range(start + 1, len(lines)) if re.match(r"\s*\[\[", lines[n])), len(lines))
    for key in reversed([str(part) for part in rest if isinstance(part, str)]):
        for n in range(start + 1, end):
            if re.search(rf"(^|[\s{{,.\[\"]){re.escape(key)}[\s\".\]]*(=|$)", lines[n].split("#")[0]):
                return n + 1
    return start + 1
