"""Times in logs: which notation a column uses, and its values as epoch milliseconds."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
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
    """``name`` says it to a person; ``parse`` raises :class:`BadRecord`."""

    name: str
    parse: Parse


def detect_time(samples: Sequence[Any], notation: str = "auto", whole: Iterable[Any] = ()) -> TimeFormat:
    """The notation of a column by some of its values; numbers by their size, texts by their shape. The ``whole`` column
    is looked at where these do not tell days from months.
    """
    given = [s for s in samples if s is not None and s != ""]
    if notation == "auto":
        return _detected(given, whole)
    if notation in ORDERS:
        return _slashed_format(notation)
    return TimeFormat("ISO 8601", _iso) if notation == "iso" else _numeric(notation, given)


def _detected(given: Sequence[Any], whole: Iterable[Any]) -> TimeFormat:
    if any(isinstance(s, date) for s in given):
        return TimeFormat("dates", _typed)
    if given and all(_COMPACT.match(str(s)) for s in given):
        return TimeFormat("YYYYMMDD", _compact)
    numbers = sorted(n for n in map(number_of, given) if n is not None)
    if len(numbers) * 2 > len(given):
        return _numeric(_unit_by_size(numbers[len(numbers) // 2]), given)
    slashed = list(_slashed(given))
    if len(slashed) * 2 > len(given):
        return _slashed_format(_order(slashed, _slashed(whole)))
    return TimeFormat("ISO 8601", _iso)


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


@lru_cache(maxsize=4096)
def _iso_text(text: str) -> int:
    trimmed = text.strip().removesuffix(" UTC").removesuffix(" GMT")
    moment = datetime.fromisoformat(trimmed)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _iso(value: Any) -> int:
    try:
        return _iso_text(value)
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise _not_a_time(value) from error


def _typed(value: Any) -> int:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        return _iso(value)
    return round((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() * 1000)


def _compact(value: Any) -> int:
    text = str(value)
    return _iso(f"{text[:4]}-{text[4:6]}-{text[6:]}")


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


def _slashed_format(notation: str) -> TimeFormat:
    order = ORDERS[notation]
    name = {"ymd": "year/month/day", "dmy": "day/month/year", "mdy": "month/day/year"}[notation]

    @lru_cache(maxsize=4096)
    def parse_text(text: str) -> int:
        found = _SLASHED.match(text.strip())
        if not found:
            raise _not_a_time(text)
        return _moment(found, order)

    def parse(value: Any) -> int:
        try:
            return parse_text(value)
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise _not_a_time(value) from error

    return TimeFormat(name, parse)


def _moment(found: re.Match[str], order: tuple[int, int, int]) -> int:
    parts = [int(found[1]), int(found[2]), int(found[3])]
    year, month, day = (parts[i] for i in order)
    hour = int(found[4] or 0)
    if found[7]:
        hour = hour % 12 + (12 if found[7].upper() == "PM" else 0)
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    moment = datetime(year, month, day, hour, int(found[5] or 0), int(found[6] or 0), tzinfo=UTC)
    return int(moment.timestamp()) * 1000
