"""Logs without a header (u.data, Taobao, Yoochoose, Amazon ratings): columns are told by what they hold."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from services.producers.kinds import ALIASES, plain
from services.producers.numbers import number_of

_DATE = re.compile(r"(19|20)\d{2}-\d{2}-\d{2}")
_AMAZON_USER = re.compile(r"A[0-9A-Z]{9,}$")
_EPOCH_S = (8e8, 2.1e9)  # 1995–2036


def roles_by_content(sample: Sequence[Sequence[Any]], width: int) -> dict[str, int]:
    """Role → column. The first column of ids is the user, the second the item (Amazon's older files: the reverse)."""
    columns = [[row[i] for row in sample] for i in range(width)]
    found: dict[str, int] = {}
    for role, test in (("ts", _is_time), ("type", _is_type)):
        index = next((i for i in range(width) if i not in found.values() and all(map(test, columns[i]))), None)
        if index is not None:
            found[role] = index
    rating = next((i for i in range(2, width) if i not in found.values() and _are_ratings(columns[i])), None)
    if rating is not None and "ts" in found and all(number_of(v) is not None for v in columns[found["ts"]]):
        found["rating"] = rating  # who publishes ratings counts seconds
    ids = [i for i in range(width) if i not in found.values() and all(map(_is_id, columns[i]))]
    if len(ids) >= 2:
        first, second = ids[0], ids[1]
        if _mostly(_AMAZON_USER.match, columns[second]) and not _mostly(_AMAZON_USER.match, columns[first]):
            first, second = second, first
        found |= {"user": first, "item": second}
    return found


def _mostly(test: Callable[[str], object], values: Sequence[Any]) -> bool:
    return sum(bool(test(str(v))) for v in values) * 2 > len(values)


def _is_time(value: Any) -> bool:
    number = number_of(value)
    if number is None:
        return _DATE.match(str(value)) is not None
    return any(_EPOCH_S[0] * scale <= number <= _EPOCH_S[1] * scale for scale in (1, 1e3, 1e6))


def _is_type(value: Any) -> bool:
    return not str(value).isdigit() and plain(value) in ALIASES.keys() | set(ALIASES.values())


def _are_ratings(values: Sequence[Any]) -> bool:
    numbers = [number_of(v) for v in values]
    return all(n is not None and 0 <= n <= 10 for n in numbers) and 2 <= len(set(numbers)) <= 21


def _is_id(value: Any) -> bool:
    number = number_of(value)
    return bool(str(value).strip()) and (number is None or number == int(number))
