"""Times in logs: which notation a column uses, and its values as epoch milliseconds."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from itertools import chain
from typing import Any

from services.producers.numbers import number_of
from shared.contracts import reasons
from shared.contracts.errors import BadRecord

Parse = Callable[[Any], int]

RELATIVE_ORIGIN_MS = 1_577_836_800_000  # 2020-01-01: where logs that count from their own start are put
RELATIVE_BELOW = 1e8  # as seconds this is 1973: no shop's clock
UNITS_MS = {"d": 86_400_000.0, "h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, "us": 1e-3, "ns": 1e-6}
ORDERS = {"ymd": (0, 1, 2), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}  # where year, month and day stand
NOTATIONS = ("auto", *UNITS_MS, "iso", *ORDERS)
_SLASHED = re.compile(
    r"(\d{1,4})[/.](\d{1,2})[/.](\d{2,4})"
    r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([AP]M)?)?$",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$")


@dataclass(frozen=True)
class TimeFormat:
    """``name`` says it to a person; ``parse`` raises :class:`BadRecord`. ``zoned``: whether a value may be as clocks
    somewhere show it, so that it takes a zone to tell the moment.
    """

    name: str
    parse: Parse
    zoned: bool = True


def detect_time(
    samples: Sequence[Any], notation: str = "auto", whole: Iterable[Any] = (), zone: tzinfo = UTC
) -> TimeFormat:
    """The notation of a column by some of its values; numbers by their size, texts by their shape. The ``whole`` column
    is looked at where these do not tell days from months. ``zone``: of times that name none.
    """
    given = [s for s in samples if s is not None and s != ""]
    found = _detected(given, whole, zone) if notation == "auto" else _said(notation, given, zone)
    return replace(found, name=f"{found.name} in {zone}") if found.zoned and zone is not UTC else found


def _said(notation: str, given: Sequence[Any], zone: tzinfo) -> TimeFormat:
    if notation in ORDERS:
        return _slashed_format(notation, zone)
    return TimeFormat("ISO 8601", _iso(zone)) if notation == "iso" else _numeric(notation, given)


def _detected(given: Sequence[Any], whole: Iterable[Any], zone: tzinfo) -> TimeFormat:
    if any(isinstance(s, date) for s in given):
        return TimeFormat("dates", _typed(zone))
    if given and all(_COMPACT.match(str(s)) for s in given):
        return TimeFormat("YYYYMMDD", _compact(zone))
    numbers = sorted(n for n in map(number_of, given) if n is not None)
    if len(numbers) * 2 > len(given):
        return _numeric(_unit_by_size(numbers[len(numbers) // 2]), given)
    slashed = list(_slashed(given))
    if len(slashed) * 2 > len(given):
        return _slashed_format(_order(slashed, _slashed(whole)), zone)
    return TimeFormat("ISO 8601", _iso(zone))


def _unit_by_size(number: float) -> str:
    for unit, below in (("s", 1e11), ("ms", 1e14), ("us", 1e17)):
        if abs(number) < below:
            return unit
    return "ns"


def _numeric(unit: str, samples: Sequence[Any]) -> TimeFormat:
    numbers = [n for n in map(number_of, samples) if n is not None]
    relative = bool(numbers) and max(numbers) * UNITS_MS[unit] < RELATIVE_BELOW * 1000
    origin = RELATIVE_ORIGIN_MS if relative else 0
    name = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}.get(unit, unit)
    return TimeFormat(
        f"{name} since {'2020-01-01 (counted from the start of the log?)' if relative else '1970'}",
        _whole_ms if unit == "ms" and not origin else _scaled(UNITS_MS[unit], origin),
        zoned=False,
    )


def _whole_ms(value: Any) -> int:
    if isinstance(value, bool):
        raise _not_a_time(value)
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return _scaled(1.0, 0)(value)


def _scaled(factor: float, origin: int) -> Parse:
    def parse(value: Any) -> int:
        if isinstance(value, bool):
            raise _not_a_time(value)
        try:
            return round(float(value) * factor) + origin
        except (TypeError, ValueError, OverflowError) as error:
            raise _not_a_time(value) from error

    return parse


def _not_a_time(value: Any) -> BadRecord:
    if value is None or value == "":
        return BadRecord(reasons.MISSING_FIELD, "ts is empty", "ts")
    return BadRecord(reasons.WRONG_TYPE, f"ts {str(value)[:40]!r} is not a time of the log's notation", "ts")


def _of_texts(parse_text: Callable[[str], int]) -> Parse:
    """What it says of a text, remembered; what it cannot read is refused."""
    remembered = lru_cache(maxsize=4096)(parse_text)

    def parse(value: Any) -> int:
        try:
            return remembered(value)
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise _not_a_time(value) from error

    return parse


def _iso(zone: tzinfo) -> Parse:
    def parse_text(text: str) -> int:
        trimmed = text.strip()
        utc = trimmed.removesuffix(" UTC").removesuffix(" GMT")
        return _epoch_ms(datetime.fromisoformat(utc), zone if utc == trimmed else UTC)

    return _of_texts(parse_text)


def _epoch_ms(moment: datetime, zone: tzinfo) -> int:
    """One that clocks show twice, as they are put back, is the first of the two."""
    return round((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)


def _typed(zone: tzinfo) -> Parse:
    iso = _iso(zone)

    def parse(value: Any) -> int:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day, tzinfo=zone)
        return _epoch_ms(value, zone) if isinstance(value, datetime) else iso(value)

    return parse


def _compact(zone: tzinfo) -> Parse:
    iso = _iso(zone)

    def parse(value: Any) -> int:
        text = str(value)
        return iso(f"{text[:4]}-{text[4:6]}-{text[6:]}")

    return parse


def _slashed(values: Iterable[Any]) -> Iterator[re.Match[str]]:
    return (m for m in (_SLASHED.match(str(value).strip()) for value in values) if m)


def _order(samples: Sequence[re.Match[str]], whole: Iterable[re.Match[str]]) -> str:
    """The first number above 12 says which are days; where there is none, months come first, as in most published logs,
    unless there are dots.
    """
    if len(samples[0][1]) == 4:
        return "ymd"
    if "." in samples[0][0].split(" ")[0]:
        return "dmy"
    telling = next((m for m in chain(samples, whole) if int(m[1]) > 12 or int(m[2]) > 12), None)
    return "dmy" if telling and int(telling[1]) > 12 else "mdy"


def _slashed_format(notation: str, zone: tzinfo) -> TimeFormat:
    order = ORDERS[notation]
    name = {"ymd": "year/month/day", "dmy": "day/month/year", "mdy": "month/day/year"}[notation]

    def parse_text(text: str) -> int:
        found = _SLASHED.match(text.strip())
        if not found:
            raise _not_a_time(text)
        return _epoch_ms(_moment(found, order), zone)

    return TimeFormat(name, _of_texts(parse_text))


def _moment(found: re.Match[str], order: tuple[int, int, int]) -> datetime:
    """As clocks showed it, to the second."""
    parts = [int(found[1]), int(found[2]), int(found[3])]
    year, month, day = (parts[i] for i in order)
    hour = int(found[4] or 0)
    if found[7]:
        hour = hour % 12 + (12 if found[7].upper() == "PM" else 0)
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    return datetime(year, month, day, hour, int(found[5] or 0), int(found[6] or 0))  # noqa: DTZ001
