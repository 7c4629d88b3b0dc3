"""A cell of a catalogue's file as a value of an item's record; what cannot be one is said, not guessed."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import msgspec

from services.producers.numbers import number_of
from shared.contracts import reasons
from shared.contracts.decoding import DECODE_ERRORS
from shared.contracts.errors import BadRecord
from shared.contracts.events import Scalar

YES = {
    *("true", "t", "yes", "y", "ja", "oui", "si", "1", "1.0"),
    *("instock", "available", "active", "preorder", "backorder"),
}
NO = {
    *("false", "f", "no", "n", "nein", "non", "0", "0.0"),
    *("outofstock", "unavailable", "inactive", "soldout", "discontinued"),
}
MAX_TEXT = 2000
_CODE_PATH = re.compile(r"[A-Za-z][\w-]*(\.[\w-]+)+$")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?$")  # 007 is a name
_NAME = re.compile(r"[+-]?(0\d|\d{16})|.*_")


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing."""
    return value is None or value == "" or value != value  # noqa: PLR0124 - NaN


def id_text(value: Any) -> str | None:
    """An id as text; None where the cell is empty."""
    if isinstance(value, str):
        return value or None
    if value is None or isinstance(value, bool | list | dict):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value) if isfinite(value) else None
    return str(value)


def text(field: str, value: Any) -> str:
    """Text or a number, as text; white space around it is not meant."""
    if isinstance(value, list | dict):
        raise _wrong(field, value, "text")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def number(field: str, value: Any) -> float:
    found = None if isinstance(value, bool) else number_of(value)
    if found is None:
        raise _wrong(field, value, "a number")
    return found


def truth(field: str, value: Any) -> bool:
    """``true``, ``yes``, ``1``, ``in stock`` and their like, in any case."""
    word = re.sub(r"[^a-z0-9.]", "", str(value).lower())
    if word in YES or word in NO:
        return word in YES
    raise _wrong(field, value, "true or false")


def category_list(value: Any) -> list[str]:
    """A list as it is; text may hold several: ``a|b``, or a path."""
    if isinstance(value, list):
        return [text("categories", part) for part in value if not is_empty(part)]
    return split_categories(value)


def split_categories(cell: Any) -> list[str]:
    """A list stays one; ``a|b`` is a list of equals; ``a.b.c`` and ``a > b`` are paths: each step in full."""
    if isinstance(cell, list):
        return [text for part in cell for text in split_categories(part)]
    text = printable(cell)
    if text is None:
        return []
    if "|" in text or ";" in text:
        return [part.strip() for part in re.split(r"[|;]", text) if part.strip()]
    if _CODE_PATH.match(text):
        return _steps(text.split("."), ".")
    return _steps([part.strip() for part in text.split(">") if part.strip()], " > ")


def _steps(parts: list[str], mark: str) -> list[str]:
    return [mark.join(parts[: n + 1]) for n in range(len(parts))]


def printable(value: Any) -> str | None:
    """Printable text with single spaces, or None."""
    if value is None or isinstance(value, dict | list | bool) or value != value:  # noqa: PLR0124 - NaN
        return None
    text = " ".join(str(value).split())[:MAX_TEXT]
    return text or None


def words(field: str, value: Any) -> list[str]:
    """A list as it is; text is cut at ``|``, ``;`` or ``,``."""
    if isinstance(value, list):
        return [text(field, part) for part in value if not is_empty(part)]
    return [word.strip() for word in re.split(r"[|;,]", text(field, value)) if word.strip()]


def vector(field: str, value: Any) -> list[float]:
    """A list of numbers, or text that is one: JSON, or numbers with blanks or commas between them."""
    if isinstance(value, str):
        value = value.strip().removeprefix("[").removesuffix("]").replace(",", " ").split()
    if not isinstance(value, list | tuple):
        raise _wrong(field, value, "a list of numbers")
    return [number(field, part) for part in value]


def mapping(field: str, value: Any) -> Mapping[str, Any]:
    """An object, or text that is one in JSON; Parquet's maps come as pairs."""
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except DECODE_ERRORS as error:
            raise _wrong(field, value, "an object") from error
    if isinstance(value, list) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
        value = dict(value)
    if not isinstance(value, dict):
        raise _wrong(field, value, "an object")
    return value


def is_number(value: Any) -> bool:
    """Whether a cell's text is a number and surely no name that looks like one."""
    return not isinstance(value, str) or _NUMBER.match(value) is not None


def is_name(value: Any) -> bool:
    """Whether digits are a name and no number: ``007``, or more of them than numbers hold everywhere."""
    return isinstance(value, str) and _NAME.match(value) is not None


def scalar(value: Any, *, numeric: bool) -> Scalar:
    """An attribute's value; None for what cannot be one (a list, an object)."""
    if isinstance(value, str):
        if numeric and is_number(value):
            return float(value) if "." in value else int(value)
        return value.strip() or None
    if isinstance(value, bool | int) or (isinstance(value, float) and value - value == 0):
        return value
    return None


def _wrong(field: str, value: Any, wanted: str) -> BadRecord:
    return BadRecord(reasons.WRONG_TYPE, f"{field} {str(value)[:40]!r} is not {wanted}", field)
