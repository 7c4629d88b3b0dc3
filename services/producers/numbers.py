"""Numbers in files, also those with a decimal comma."""

import re
from collections.abc import Iterable
from typing import Any

_WITH_COMMA = re.compile(r"\s*[-+]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?\s*$")  # 7 · 39,11 · 1.234,5
_SURELY = re.compile(r".*,(\d{1,2}|\d{4,})\s*$")  # three digits may be thousands


def number_of(value: Any) -> float | None:
    """The value as a number, if it is one (finite). True and false are none."""
    try:
        found = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found - found == 0 else None


def have_commas(samples: Iterable[Any]) -> bool:
    """Whether texts of one column are numbers with a decimal comma: one surely is, and all may be."""
    texts = [text for text in samples if text is not None and text != ""]
    return all(isinstance(text, str) and _WITH_COMMA.match(text) for text in texts) and any(map(_SURELY.match, texts))


def with_point(value: Any) -> Any:
    """A cell of such a column as others write it; what is none stays as it is."""
    if isinstance(value, str) and _WITH_COMMA.match(value):
        return value.replace(".", "").replace(",", ".")
    return value
